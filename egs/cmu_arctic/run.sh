#!/usr/bin/env bash
# CMU ARCTIC by the stages of egs/folder; --help says how, README.md says what.
set -euo pipefail
title="CMU ARCTIC" landmarks=() page=http://festvox.org/cmu_arctic archives=()
for speaker in ${SPEAKERS:=aew ahw aup awb axb bdl clb eey fem gka jmk ksp ljm lnh rms rxr slp slt}; do
    landmarks+=("cmu_us_${speaker}_arctic") archives+=("http://festvox.org/cmu_arctic/packed/cmu_us_${speaker}_arctic.tar.bz2")
done
source "$(dirname "${BASH_SOURCE[0]}")/../corpus.sh"
