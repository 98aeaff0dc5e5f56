#!/usr/bin/env bash
# From a folder of recordings to a bundle and its figures. --help says how.
set -euo pipefail

usage() {
    cat <<'USAGE'
Usage: egs/folder/run.sh --corpus <folder> --exp <folder> [options]

  --corpus <folder>   recordings as <speaker>/<utterance>.<ext> or <corpus>/<speaker>/<utterance>.<ext>;
                      metadata.csv is optional
  --layout <name>     how they lie, if as a published corpus is unpacked: vctk, ... (folder)
  --exp <folder>      gets data/, vae/, vocoder/, bundle/, report/
  --config <file>     YAML with what differs from the defaults (egs/folder/conf/default.yaml)
  --fast              a shorter training (egs/folder/conf/fast.yaml)
  --stage <n>         first stage to run (1)
  --stop-stage <n>    last stage to run (5)
  --devices <n>       GPUs, or processes on CPUs, that train together (1)
  --quick             evaluate on fewer clips and 20 conversions

Stages: 1 prepare, 2 train_vae, 3 train_vocoder, 4 bundle, 5 evaluate; and, only if --stop-stage says so, 6 protocol:
the published evaluation of the layouts librispeech and vcc2020, heard by RECOGNISER (base). A bundle of 20
training recordings or more is told what is usual in them, which sample, search, style, score and traverse need.
Run it again after an interruption: each stage goes on where it stopped and skips what is done. A changed
configuration runs the stages again; to begin one anew, delete its folder. PYTHON chooses the interpreter.

Examples:
  egs/folder/run.sh --corpus ~/recordings --exp exp/mine
  egs/folder/run.sh --corpus ~/recordings --exp exp/mine --stop-stage 1        # only look at what can be used
  egs/folder/run.sh --corpus ~/recordings --exp exp/mine --stage 4             # a bundle from the last checkpoints
USAGE
}

fail() {
    echo "$1" >&2
    exit 2
}

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)
stages=(prepare train_vae train_vocoder bundle evaluate protocol)
products=(data/report.json vae/last.ckpt vocoder/last.ckpt bundle/config.json report/report.json protocol/report.json)
corpus="" layout=folder exp="" config=$root/egs/folder/conf/default.yaml first=1 last=5 devices=1 quick=""

while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage && exit 0 ;;
        --quick) quick=yes && shift && continue ;;
        --fast) config=$root/egs/folder/conf/fast.yaml && shift && continue ;;
        --corpus | --layout | --exp | --config | --stage | --stop-stage | --devices) [ $# -ge 2 ] || fail "$1 needs a value; see --help." ;;
        *) fail "There is no option $1; see --help." ;;
    esac
    case $1 in
        --corpus) corpus=$2 ;;
        --layout) layout=$2 ;;
        --exp) exp=$2 ;;
        --config) config=$2 ;;
        --stage) first=$2 ;;
        --stop-stage) last=$2 ;;
        --devices) devices=$2 ;;
    esac
    shift 2
done

[ -n "$exp" ] || fail "--exp is missing: name a folder for the experiment; see --help."
[ -f "$config" ] || fail "There is no configuration $config; give a YAML file."
[[ $devices =~ ^[1-9][0-9]*$ ]] || fail "--devices $devices is no number of devices; give 1 or more."
for n in "$first" "$last"; do
    [[ $n =~ ^[1-6]$ ]] || fail "$n is no stage; give a number from 1 to ${#stages[@]}, see --help."
done
if [ "$last" -eq 6 ]; then
    case $layout in librispeech | vcc2020) ;; *) fail "The layout $layout has no published protocol; stop at stage 5." ;; esac
fi
if [ "$first" -eq 1 ]; then
    [ -n "$corpus" ] || fail "--corpus is missing: name the folder of recordings; see --help."
    [ -d "$corpus" ] || fail "$corpus is not a folder; give one laid out as <speaker>/<utterance>.<ext>."
fi

python=${PYTHON:-$root/.venv/bin/python}
python=$(command -v "$python" || command -v python3) || fail "There is no Python; name one with PYTHON."
missing='import importlib.util as u; print(*[m for m in ("voicevae", "torch", "lhotse", "lightning") if not u.find_spec(m)])'
missing=$("$python" -c "$missing")
[ -z "$missing" ] || fail "$python lacks $missing; install with: $python -m pip install -e '$root[train,eval]'"

call() { # a stage, by its name
    local module=$1
    case $1 in
        prepare)
            set -- --config "$config" --corpus "$corpus" --layout "$layout" --workers "$(getconf _NPROCESSORS_ONLN)"
            ;;
        train_*) set -- --config "$config" --resume --devices "$devices" ;;
        bundle) set -- --out "$exp/bundle" --config "$config" ;;
        calibrate) set -- --bundle "$exp/bundle" ;;
        evaluate) set -- ${quick:+--quick --pairs 20} ;;
        protocol)
            module=evaluate
            set -- --protocol "$layout" --recogniser "${RECOGNISER:-base}" ${quick:+--quick}
            ;;
    esac
    "$python" -m "voicevae.recipes.$module" --exp "$exp" "$@"
}

without() { # a calibration, which is refused where recordings are few; any other failure ends the run
    [ "$1" -eq 2 ] || exit "$1"
    echo "So the bundle cannot sample, search, style, score or traverse, but do all else." >&2
}

inputs() { # a checksum of what a stage after the first works on
    { cat "$config" && gzip -cd "$exp"/data/cuts_*.jsonl.gz; } 2>/dev/null | cksum
}

# A stage is done if its mark says so for these inputs, and what it made is still there. Preparing runs each time: it
# looks for new recordings, and its own journal makes that quick.
run_stage() {
    local name=${stages[$1]} product=$exp/${products[$1]} mark=$exp/.done/${stages[$1]} later
    if [ "$name" != prepare ] && [ -e "$product" ] && [ "$(cat "$mark" 2>/dev/null)" = "$(inputs)" ]; then
        echo "== $name: done before"
        return
    fi
    echo "== $name"
    mkdir -p "$exp/.done"
    if [ "$name" != prepare ]; then
        for later in "${stages[@]:$1}"; do rm -f "$exp/.done/$later"; done
    fi
    call "$name"
    case $name in
        bundle) call calibrate || without $? ;;
        evaluate) call bundle ;; # whose card shows the figures
    esac
    inputs >"$mark"
}

for ((i = first - 1; i < last; i++)); do
    run_stage "$i"
done
