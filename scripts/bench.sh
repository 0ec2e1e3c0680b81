#!/usr/bin/env bash
# Runs the benchmarks in benches/, each against a peer in the same run.
set -euo pipefail

scripts/install-packages.sh nginx:nginx
exec benches/run.sh "$@"
