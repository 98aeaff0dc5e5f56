#!/usr/bin/env bash
# From a folder of recordings to a bundle and its figures, by `python -m voicevae.recipes.run`; --help says how.
# PYTHON chooses the interpreter. Another configuration: --config egs/folder/conf/fast.yaml, for one.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
python=$(command -v "${PYTHON:-$root/.venv/bin/python}" || command -v python3)
exec "$python" -m voicevae.recipes.run --config "$root/egs/folder/conf/default.yaml" "$@"
