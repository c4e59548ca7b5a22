# shellcheck shell=bash
# Builds and starts the example programs for autobahn/run and peers/run.
# Sourced by them; they define `fail MESSAGE`.

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
target=${CARGO_TARGET_DIR:-$root/target}
[[ $target = /* ]] || target=$PWD/$target

declare -A program # example -> its executable
children=()        # what cleanup ends

# build_examples NAME...: fills `program`. WSPROTO_ECHO_SERVER and the like name
# another executable to take in an example's place.
build_examples() {
    local name path override messages built=()
    for name in "$@"; do
        override=WSPROTO_${name^^}
        if [ -n "${!override:-}" ]; then
            program[$name]=${!override}
            echo "$name: $override=${!override}"
        else
            built+=(--example "$name")
        fi
    done
    if [ ${#built[@]} -gt 0 ]; then
        # Cargo says itself where it puts the executables.
        messages=$(cd "$root" && cargo build --release --all-features "${built[@]}" \
            --message-format=json-render-diagnostics) || fail "the examples do not build"
        while read -r name path; do
            program[$name]=$path
        done < <(python3 -c '
import json, sys
for message in map(json.loads, sys.stdin):
    if message.get("executable"):
        print(message["target"]["name"], message["executable"])
' <<<"$messages")
    fi
    for name in "$@"; do
        [ -x "$(command -v "${program[$name]:-}")" ] || fail "no executable for the example $name"
    done
}

# start_server LOG COMMAND...: starts a server in the background and sets `url`
# once it has said where it listens. Its diagnostics go to LOG.
# shellcheck disable=SC2034 # url is for the caller
start_server() {
    local log=$1 output line=
    shift
    exec {output}< <(exec "$@" 2>"$log")
    children+=($!)
    read -r -t 30 -u "$output" line || true
    [[ $line =~ ^listening\ on\ (ws://127\.0\.0\.1:[0-9]+)/?$ ]] ||
        fail "$1 did not say \"listening on ws://127.0.0.1:PORT\" but \"$line\": $(tail -n 3 "$log")"
    url=${BASH_REMATCH[1]}
}

cleanup() {
    local pid
    for pid in ${children[@]+"${children[@]}"}; do
        kill "$pid" 2>/dev/null || true
    done
    wait
}
trap cleanup EXIT
trap 'exit 129' HUP
trap 'exit 130' INT
trap 'exit 143' TERM
