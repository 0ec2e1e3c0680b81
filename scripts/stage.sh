#!/usr/bin/env bash
# Runs one stage of the tests under a heading and notes its seconds: stage.sh NAME COMMAND…; --begin forgets, --table shows.
# With STAGE_RUN set, to anything, a stage that has run since --begin is not run again: its result counts. With STAGE_BLOCKS set, the output
# of a stage comes as one block when it ends, because other stages run beside it.
set -euo pipefail

times="$CARGO_TARGET_DIR/stages.tsv"
mkdir -p "$CARGO_TARGET_DIR"

case $1 in
  --begin)
    printf 'Begin\t%d\n' "$(date +%s)" >"$times"
    exit
    ;;
  --table)
    printf '\n%-24s %8s  %s\n' Stage Seconds Result
    awk -F '\t' -v now="$(date +%s)" '
      $1 == "Begin" { begin = $2; next }
      { printf "%-24s %8d  %s\n", $1, $2, $3 }
      END { printf "%-24s %8d  %s\n", "All", now - begin, "stages run side by side" }' "$times"
    exit
    ;;
esac

name=$1
shift
# Cargo would take make's jobs for its own, and they are not handed to it.
unset MAKEFLAGS MFLAGS
if [[ -n ${STAGE_RUN:-} ]]; then
  known=$(awk -F '\t' -v name="$name" '$1 == name { print $3 }' "$times" | tail -1)
  [[ -z $known ]] || { [[ $known == passed ]]; exit; }
fi

start=$SECONDS
heading() { printf '\n━━ %s\n' "$name"; }
ending() { printf '━━ %s: %s after %d s\n' "$name" "$result" $((SECONDS - start)); }

# One stage writes at a time, where the system has the means.
alone() { (if command -v flock >/dev/null; then flock 9; fi; "$@") 9>>"$times.lock"; }
block() { heading; cat "$output"; ending; }

if [[ -n ${STAGE_BLOCKS:-} ]]; then
  alone printf '━━ %s: begins\n' "$name"
  output=$(mktemp)
  trap 'rm -f "$output"' EXIT
  if "$@" >"$output" 2>&1; then result=passed; else result=failed; fi
  alone block
else
  heading
  if "$@"; then result=passed; else result=failed; fi
  ending
fi
printf '%s\t%d\t%s\n' "$name" $((SECONDS - start)) "$result" >>"$times"
[[ $result == passed ]]
