#!/usr/bin/env bash
# LibriTTS-R by the stages of egs/folder; --help says how, README.md says what.
set -euo pipefail
title="LibriTTS-R" landmarks=() page=https://www.openslr.org/141
archives=(https://www.openslr.org/resources/141/doc.tar.gz) # speakers.tsv
for part in ${PARTS:=train-clean-100 dev-clean test-clean}; do
    landmarks+=("$part") archives+=("https://www.openslr.org/resources/141/${part//-/_}.tar.gz")
done
source "$(dirname "${BASH_SOURCE[0]}")/../corpus.sh"
