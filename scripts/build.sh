#!/usr/bin/env bash
# Builds browser and server for release and says where they are. Called by make, which sets PATH for dx.
set -euo pipefail

dx build --web --release "$@"
[[ -x $ATTACHE_SERVER ]] || { echo "The build ended without $ATTACHE_SERVER" >&2; exit 1; }
echo "Built ${ATTACHE_SERVER#"$PWD"/}"
