#!/usr/bin/env bash
# EmoDB by the stages of egs/folder; --help says how, README.md says what.
set -euo pipefail
title="EmoDB" landmarks=(wav) page=http://emodb.bilderbar.info
archives=(http://emodb.bilderbar.info/download/download.zip)
source "$(dirname "${BASH_SOURCE[0]}")/../corpus.sh"
