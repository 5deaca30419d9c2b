#!/usr/bin/env bash
# Everything that only a machine with an NVIDIA GPU can tell, in one command of at most nine minutes.
#
#   DATA=cifar10_jpeg/ scripts/on_gpu.sh --prepare   here, with a network: fills build/on_gpu/ with wheels and pictures
#   scripts/on_gpu.sh                                there, without one: runs all parts; results are files in $OUT
#   scripts/on_gpu.sh --list                         the parts, the seconds each may take, and their files
#   DEVICE=cpu scripts/on_gpu.sh                     the same on a processor, with less of everything
#   PARTS="tests forms" scripts/on_gpu.sh            only these; LIMIT=60 gives each of them so many seconds
#
# There: torch, torchvision and what they need; PYTHON names the Python that has them. A part that fails or is late leaves
# what it has written, and the next one begins. summary.json says how each went; all is eight files below 16 MiB each.
set -u
cd "$(dirname "$0")/.." || exit

PYTHON=${PYTHON:-python3}
DEVICE=${DEVICE:-cuda}
CARRIED=${CARRIED:-build/on_gpu}
OUT=${OUT:-build/on_gpu_out}

TOTAL=540 # seconds of it all
CARRIED_KB=$((36 * 1024)) # what may travel there, beside the 24 MiB of the repository
GRACE=3   # between the word to end and the end
# Name, seconds, file. cifar10 comes last: it also gets what the others leave.
PLAN="setup 60 log.txt
tests 120 tests.json
inference 150 inference.json
forms 25 forms.json
train 60 train.json
cifar10 100 cifar10.json"
PARTS=${PARTS:-$(awk '{ print $1 }' <<<"$PLAN")}

# What the parts import and a machine with torch may lack; torch, numpy, Pillow and matplotlib come with the machine.
WHEELS="captum filelock hypothesis iniconfig narwhals packaging plotly pluggy pygments pytest safetensors
sortedcontainers tqdm"

list() {
    awk -v grace=$GRACE '{ printf "%-10s %4d s  %s\n", $1, $2, $3 } END { printf "%-10s %4d s\n", "to end", NR * grace }' \
        <<<"$PLAN"
}

prepare() {
    local wanted=() name
    [ -e "${DATA:-}" ] || {
        echo "DATA is '${DATA:-}'; name a folder with train/CLASS/*.jpg and test/CLASS/*.jpg, or a .tar.xz of one" >&2
        return 2
    }
    rm -rf "$CARRIED" && mkdir -p "$CARRIED/wheels" || return
    for name in $WHEELS; do
        wanted+=("$(grep "^$name==" constraints.txt)") || { echo "constraints.txt has no $name" >&2 && return 2; }
    done
    "$PYTHON" -m pip download --quiet --no-deps --only-binary=:all: --python-version 3.12 --implementation cp \
        --platform manylinux_2_28_x86_64 --platform manylinux_2_17_x86_64 --platform manylinux2014_x86_64 \
        --dest "$CARRIED/wheels" "${wanted[@]}" || return
    if [ -d "$DATA" ]; then
        tar -cJf "$CARRIED/pictures.tar.xz" -C "$DATA" . || return
    else
        cp "$DATA" "$CARRIED/pictures.tar.xz" || return
    fi
    du -sh "$CARRIED"/*
    [ "$(du -sk "$CARRIED" | cut -f1)" -le $CARRIED_KB ] || {
        echo "$CARRIED has more than $((CARRIED_KB / 1024)) MiB; take fewer pictures" >&2
        return 2
    }
}

summary() { # of what is done, and of what is running
    local parts
    parts=$(printf ',\n  %s' "${DONE[@]}" "$@")
    printf '{"device": "%s", "seconds": %d, "parts": [%s\n]}\n' "$DEVICE" "$SECONDS" "${parts#,}" >"$OUT/summary.json"
}

told() { printf '{"part": "%s", "status": "%s", "seconds": %d, "file": "%s"}' "$@"; }

run_part() { # name, seconds, file
    local name=$1 limit=$2 file=$3 began=$SECONDS status
    [ "$name" != cifar10 ] || limit=$((TOTAL - SECONDS - GRACE))
    limit=${LIMIT:-$limit}
    summary "$(told "$name" running 0 "$file")"
    echo "$name: at most $limit s"
    timeout -k "$GRACE" "$limit" "$PYTHON" -m scripts.on_gpu_parts "$name" --device "$DEVICE" --seconds "$limit" \
        --carried "$CARRIED" --scratch "$SCRATCH" --out "$OUT/$file" >>"$OUT/log.txt" 2>&1 </dev/null
    case $? in
    0) status="done" ;;
    124 | 137) status="out of time" ;;
    *) status="failed" ;;
    esac
    [ "$status" = "done" ] || FAILED=1
    DONE+=("$(told "$name" "$status" $((SECONDS - began)) "$file")")
    summary
    echo "$name: $status after $((SECONDS - began)) s"
}

case ${1:-} in
--list) list && exit ;;
--prepare) prepare && exit || exit ;;
"") ;;
*) echo "no option ${1}; use --prepare, --list or none" >&2 && exit 2 ;;
esac

DONE=()
FAILED=0
SCRATCH=$(mktemp -d) && trap 'rm -rf "$SCRATCH"' EXIT
rm -rf "$OUT" && mkdir -p "$OUT" || exit
export PYTHONPATH="$SCRATCH/site" PYTHONUNBUFFERED=1 PYTHONDONTWRITEBYTECODE=1
while read -r name limit file; do
    case " ${PARTS//$'\n'/ } setup " in *" $name "*) run_part "$name" "$limit" "$file" ;; esac
done <<<"$PLAN"
exit $FAILED
