#!/usr/bin/env bash
# Compares the REST API with its document: Schemathesis generates valid and invalid requests, and fails on any response that
# the document does not describe, and on every 5xx. Starts the server that ATTACHE_SERVER names, with its own data.
#   scripts/test-contract.sh FOLDER-OF-TOOLS [ARGUMENT OF SCHEMATHESIS...]
set -euo pipefail

tools=$1
shift
here=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/attache-contract.XXXXXX")
server=
clean_up() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

port=$((20000 + RANDOM % 10000))
base="http://127.0.0.1:$port"
# As fast as it can, and without fetching what made-up requests name.
DATA_DIR="$folder/data" IP=127.0.0.1 PORT="$port" API_REQUESTS_PER_MINUTE=0 REMOTE_FETCH_TIMEOUT=1s \
  "$ATTACHE_SERVER" >"$folder/server.log" 2>&1 &
server=$!
for _ in $(seq 100); do
  curl --silent --fail "$base/readyz" >/dev/null 2>&1 && break
  kill -0 "$server" 2>/dev/null || { cat "$folder/server.log" >&2; exit 1; }
  sleep 0.1
done

account='"email": "contract@example.com", "password": "correct horse battery"'
curl --silent --fail "$base/api/auth/sign-up" --json "{$account, \"name\": \"Connie\", \"organization\": \"Contract\"}" >/dev/null
token=$(curl --silent --fail "$base/api/v1/auth/login" --json "{$account}" | sed -n 's/.*"accessToken":"\([^"]*\)".*/\1/p')
# Those that the document's examples name.
for bucket in deploys door-camera; do
  curl --silent --fail "$base/api/v1/buckets" --header "Authorization: Bearer $token" --json "{\"name\": \"$bucket\"}" >/dev/null
done

# It writes down what it found where it runs.
cd "$folder"
status=0
SCHEMATHESIS_HOOKS="$here/scripts/schemathesis_hooks.py" "$tools/schemathesis/bin/schemathesis" --config-file "$here/scripts/schemathesis.toml" run "$base/api/v1/openapi.json" \
  --header "Authorization: Bearer $token" "$@" || status=$?
if grep -E 'ERROR|panicked' "$folder/server.log" >&2; then
  echo "The server's log has errors." >&2
  status=1
fi
exit "$status"
