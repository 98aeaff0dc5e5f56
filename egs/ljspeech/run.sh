#!/usr/bin/env bash
# LJ Speech by the stages of egs/folder; --help says how, README.md says what.
set -euo pipefail
title="LJ Speech" landmarks=(metadata.csv) page=https://keithito.com/LJ-Speech-Dataset
archives=(https://data.keithito.com/data/speech/LJSpeech-1.1.tar.bz2)
source "$(dirname "${BASH_SOURCE[0]}")/../corpus.sh"
