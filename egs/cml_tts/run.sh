#!/usr/bin/env bash
# One language of CML-TTS by the stages of egs/folder; --help says how, README.md says what.
set -euo pipefail
title="CML-TTS" landmarks=(train.csv) page=https://www.openslr.org/146 archives=()
source "$(dirname "${BASH_SOURCE[0]}")/../corpus.sh"
