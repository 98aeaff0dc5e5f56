#!/usr/bin/env bash
# The shipped bundle fine-tuned to a folder of recordings, by `python -m voicevae.recipes.run`; --help says how.
# PYTHON chooses the interpreter.
set -euo pipefail
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
python=$(command -v "${PYTHON:-$root/.venv/bin/python}" || command -v python3)
exec "$python" -m voicevae.recipes.run --config "$root/egs/adapt_corpus/conf/default.yaml" "$@"
