#!/usr/bin/env bash
# VCTK 0.92 by the stages of egs/folder; --help says how, README.md says what.
set -euo pipefail
title="VCTK 0.92" landmarks=(wav48_silence_trimmed) page=https://datashare.ed.ac.uk/handle/10283/3443
archives=(https://datashare.ed.ac.uk/bitstream/handle/10283/3443/VCTK-Corpus-0.92.zip)
source "$(dirname "${BASH_SOURCE[0]}")/../corpus.sh"
