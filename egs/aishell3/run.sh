#!/usr/bin/env bash
# AISHELL-3 by the stages of egs/folder; --help says how, README.md says what.
set -euo pipefail
title="AISHELL-3" landmarks=(train/content.txt) page=https://www.openslr.org/93
archives=(https://www.openslr.org/resources/93/data_aishell3.tgz)
source "$(dirname "${BASH_SOURCE[0]}")/../corpus.sh"
