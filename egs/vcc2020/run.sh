#!/usr/bin/env bash
# VCC 2020 by the stages of egs/folder; --help says how, README.md says what.
set -euo pipefail
title="VCC 2020" landmarks=(target_task1) page=https://github.com/nii-yamagishilab/VCC2020-database archives=()
for part in training_source training_target_task1 training_target_task2 evaluation groundtruth transcriptions; do
    archives+=("https://github.com/nii-yamagishilab/VCC2020-database/raw/master/vcc2020_database_$part.zip")
done
source "$(dirname "${BASH_SOURCE[0]}")/../corpus.sh"
