#!/usr/bin/env bash
# ESD by the stages of egs/folder; --help says how, README.md says what.
set -euo pipefail
title="ESD" landmarks=(0001/Angry) page=https://hltsingapore.github.io/ESD archives=()
# Its licence has to be asked for, so nothing is downloaded.
source "$(dirname "${BASH_SOURCE[0]}")/../corpus.sh"
