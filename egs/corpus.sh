# What the recipes of published corpora share: options, the corpus, and the stages of voicevae.recipes.run.
# Each egs/<corpus>/run.sh sources it, and says before:
#   title      what the corpus is called
#   landmarks  files or folders in it, to find it by, and to see that it is all there
#   page       where it is described, and to be had
#   archives   what to download; none where the licence has to be asked for

egs=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd)
name=$(basename "$(dirname "${BASH_SOURCE[1]}")")

usage() {
    cat <<USAGE
Usage: egs/$name/run.sh [options]

  --corpus <folder>   $title, unpacked; without it, it is looked for in corpora/$name${archives[0]:+, and downloaded to there}
  --exp <folder>      experiment (exp/$name); gets data/, vae/, vocoder/, bundle/, report/
  and --config, --stage, --stop-stage, --devices, --minutes, --quick as in python -m voicevae.recipes.run --help.

Examples:
  egs/$name/run.sh                                      # all stages
  egs/$name/run.sh --corpus <folder> --stop-stage 1     # only look at what can be used
USAGE
}

fail() {
    echo "$1" >&2
    exit 2
}

locate() { # the corpus below its usual place, if all its landmarks are there
    local landmark found folder=""
    for landmark in "${landmarks[@]}"; do
        found=$(find -L "corpora/$name" -path "*/$landmark" -print -quit 2>/dev/null || true)
        [ -n "$found" ] || return 0
        folder=${found%/"$landmark"}
    done
    echo "$folder"
}

corpus="" exp=exp/$name config=$egs/$name/conf/default.yaml
others=()
while [ $# -gt 0 ]; do
    case $1 in
        -h | --help) usage && exit 0 ;;
        --quick) others+=("$1") && shift && continue ;;
        --corpus) [ $# -lt 2 ] || corpus=$2 ;;
        --exp) [ $# -lt 2 ] || exp=$2 ;;
        --config) [ $# -lt 2 ] || config=$2 ;;
        *) [ $# -lt 2 ] || others+=("$1" "$2") ;;
    esac
    [ $# -ge 2 ] || fail "$1 needs a value, or is no option; see --help."
    shift 2
done

export PYTHON=${PYTHON:-$egs/../.venv/bin/python}
PYTHON=$(command -v "$PYTHON" || command -v python3) || fail "There is no Python; name one with PYTHON."
if [ -z "$corpus" ]; then
    printf -v holds '%s, ' "${landmarks[@]}"
    advice="get it from $page, and unpack it in corpora/$name so that this holds ${holds%, }, or name its folder with --corpus"
    corpus=$(locate)
    if [ -n "${archives[*]-}" ] && { [ -z "$corpus" ] || [ -e "corpora/$name/.fetch/unfinished" ]; }; then
        echo "== download"
        "$PYTHON" -m voicevae.recipes.fetch --to "corpora/$name" --else "$advice" "${archives[@]}" || exit 2
        corpus=$(locate)
    fi
    [ -n "$corpus" ] || fail "$title is not in corpora/$name; $advice."
fi
exec "$PYTHON" -m voicevae.recipes.run --corpus "$corpus" --layout "$name" --exp "$exp" --config "$config" ${others[@]+"${others[@]}"}
