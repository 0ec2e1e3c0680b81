#!/usr/bin/env bash
# Validates the REST API's document, generates a Python and a TypeScript client from it, and makes a round trip with each. Runs the
# receivers of webhooks in docs/recipes.md. Starts the server that ATTACHE_SERVER names, with its own data.
#   scripts/test-clients.sh FOLDER-OF-TOOLS
set -euo pipefail

tools=$1/schemathesis/bin
here=$(cd "$(dirname "$0")/.." && pwd)
folder=$(mktemp -d "${TMPDIR:-/tmp}/attache-clients.XXXXXX")
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
DATA_DIR="$folder/data" IP=127.0.0.1 PORT="$port" WEBHOOK_ALLOWED_HOSTS=127.0.0.1 "$ATTACHE_SERVER" >"$folder/server.log" 2>&1 &
server=$!
for _ in $(seq 100); do
  curl --silent --fail "$base/readyz" >/dev/null 2>&1 && break
  kill -0 "$server" 2>/dev/null || { cat "$folder/server.log" >&2; exit 1; }
  sleep 0.1
done

account='"email": "clients@example.com", "password": "correct horse battery"'
curl --silent --fail "$base/api/auth/sign-up" --json "{$account, \"name\": \"Clara\", \"organization\": \"Clients\"}" >/dev/null
person=$(curl --silent --fail "$base/api/v1/auth/login" --json "{$account}" | sed -n 's/.*"accessToken":"\([^"]*\)".*/\1/p')
token=$(curl --silent --fail "$base/api/v1/access-tokens" --header "Authorization: Bearer $person" \
  --json '{"name": "client", "scopes": ["messages:read", "messages:write", "contacts:read", "contacts:write", "webhooks:write"]}' |
  sed -n 's/.*"secret":"\([^"]*\)".*/\1/p')
export ATTACHE="$base" TOKEN="$token" no_proxy=127.0.0.1

cd "$folder"
curl --silent --fail "$base/api/v1/openapi.json" --output openapi.json
"$tools/python" -m openapi_spec_validator openapi.json

"$tools/openapi-python-client" generate --path openapi.json --output-path attache_api --meta none >python.log 2>&1 || { cat python.log >&2; exit 1; }
cp "$here/scripts/clients/round_trip.py" .
"$tools/python" round_trip.py

"$here/node_modules/.bin/openapi-ts" --input openapi.json --output attache-api --client @hey-api/client-fetch >typescript.log 2>&1 || { cat typescript.log >&2; exit 1; }
cp "$here/scripts/clients/round_trip.ts" .
"$here/node_modules/.bin/esbuild" round_trip.ts --bundle --platform=node --format=esm --log-level=warning --outfile=round_trip.mjs
node round_trip.mjs

mkdir receivers
ln -s "$here/node_modules" receivers/node_modules
cp "$here/scripts/clients/webhook_recipes.py" receivers
(cd receivers && "$tools/python" webhook_recipes.py "$here/docs/recipes.md")
