#!/usr/bin/env bash
# speechocean762 by the stages of egs/folder; --help says how, README.md says what.
set -euo pipefail
title="speechocean762" landmarks=(train/wav.scp) page=https://www.openslr.org/101
archives=(https://www.openslr.org/resources/101/speechocean762.tar.gz)
source "$(dirname "${BASH_SOURCE[0]}")/../corpus.sh"
