#!/usr/bin/env bash
# Measures the server in $ATTACHE_SERVER beside others, all on 127.0.0.1, and prints a table: run.sh [PART…]. docs/benchmarks.md explains it.
# Data goes to a throwaway folder in $BENCH_DIR (default: /var/tmp, a disk and not memory) and takes up to 9 GB there.
set -euo pipefail

cd "$(dirname "$0")/.."
if [[ ! -x ${ATTACHE_SERVER:-} ]]; then
  echo "ATTACHE_SERVER is not set to a server that was built. Run make bench." >&2
  exit 2
fi
export PATH="$PATH:/usr/sbin"
export BENCH_TOOLS=${BENCH_TOOLS:-${XDG_CACHE_HOME:-$HOME/.cache}/attache/tools}
export BENCH_PYTHON="$BENCH_TOOLS/boto3/bin/python3"
for tool in node nginx wrk curl zip "$BENCH_PYTHON" "${CHROMIUM:-chromium}"; do
  command -v "$tool" >/dev/null || missing+=" $tool"
done
[[ -d node_modules/@playwright/test ]] || missing+=" @playwright/test"
[[ -d $BENCH_TOOLS/bench/node_modules/sharp ]] || missing+=" sharp"
if [[ ${missing:-} ]]; then
  echo "Missing:$missing. make bench installs what the benchmarks need." >&2
  exit 1
fi
parent=${BENCH_DIR:-/var/tmp}
if (($(df --output=avail --block-size=1M "$parent" | tail -1) < 10000)); then
  echo "$parent has less than 10 GB of room. Set BENCH_DIR to a folder that has more." >&2
  exit 1
fi
work=$(mktemp --directory "$parent/attache-bench.XXXXXX")
trap 'rm -rf "$work"' EXIT
# The driver stops its servers when it is told to end, and the folder goes after it.
chmod 711 "$work" # PostgreSQL runs as somebody else when this runs as root.
export TMPDIR="$work"
timeout --foreground --signal=TERM --kill-after=10 1500 scripts/with-engines.sh node benches/bench.mjs "$work" "$@"
