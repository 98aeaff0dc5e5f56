#!/usr/bin/env bash
# LibriSpeech by the stages of egs/folder; --help says how, README.md says what.
set -euo pipefail
title="LibriSpeech" landmarks=() page=https://www.openslr.org/12 archives=()
for part in ${PARTS:=train-clean-100 dev-clean test-clean}; do # the parts of mini LibriSpeech: train-clean-5 dev-clean-2
    case $part in *-5 | *-2) number=31 ;; *) number=12 ;; esac
    landmarks+=("$part") archives+=("https://www.openslr.org/resources/$number/$part.tar.gz")
done
source "$(dirname "${BASH_SOURCE[0]}")/../corpus.sh"
