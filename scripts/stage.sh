#!/usr/bin/env bash
# Runs one stage of the tests under a heading and notes its seconds: stage.sh NAME COMMAND…; --begin forgets, --table shows.
set -euo pipefail

times="$CARGO_TARGET_DIR/stages.tsv"
mkdir -p "$CARGO_TARGET_DIR"

case $1 in
  --begin)
    : >"$times"
    exit
    ;;
  --table)
    printf '\n%-18s %8s  %s\n' Stage Seconds Result
    awk -F '\t' '{ printf "%-18s %8d  %s\n", $1, $2, $3; all += $2 } END { printf "%-18s %8d\n", "All", all }' "$times"
    exit
    ;;
esac

name=$1
shift
printf '\n━━ %s\n' "$name"
start=$SECONDS
if "$@"; then result=passed; else result=failed; fi
printf '%s\t%d\t%s\n' "$name" $((SECONDS - start)) "$result" >>"$times"
printf '━━ %s: %s after %d s\n' "$name" "$result" $((SECONDS - start))
[[ $result == passed ]]
