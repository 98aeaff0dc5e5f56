#!/usr/bin/env bash
# The smallest recipe: makes its own corpus with espeak-ng, then runs the stages of voicevae.recipes.run. --help says how.
set -euo pipefail

usage() {
    cat <<'USAGE'
Usage: egs/espeak/run.sh [options]

  --exp <folder>      experiment (exp/espeak); its corpus/ is made with espeak-ng if it is not there
  --sentences <n>     how many sentences each voice says in each style (6)
  and --config, --stage, --stop-stage, --devices as in python -m voicevae.recipes.run --help.

Examples:
  egs/espeak/run.sh                                                # all stages, in under five minutes on two cores
  egs/espeak/run.sh --exp exp/tiny --sentences 1 --stop-stage 1    # ten voices in five styles, prepared
USAGE
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
exp=exp/espeak sentences=6 config=$root/egs/espeak/conf/default.yaml
others=()

while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage && exit 0 ;;
        --exp) [ $# -lt 2 ] || exp=$2 ;;
        --sentences) [ $# -lt 2 ] || sentences=$2 ;;
        *) [ $# -lt 2 ] || others+=("$1" "$2") ;;
    esac
    [ $# -ge 2 ] || { echo "$1 needs a value, or is no option; see --help." >&2 && exit 2; }
    shift 2
done

export PYTHON=${PYTHON:-$root/.venv/bin/python}
PYTHON=$(command -v "$PYTHON" || command -v python3)
if [ ! -e "$exp/corpus/metadata.csv" ]; then
    echo "== corpus"
    "$PYTHON" -m voicevae.recipes.make_corpus --out "$exp/corpus" --sentences "$sentences"
fi
exec "$PYTHON" -m voicevae.recipes.run --corpus "$exp/corpus" --exp "$exp" --config "$config" --quick ${others[@]+"${others[@]}"}
