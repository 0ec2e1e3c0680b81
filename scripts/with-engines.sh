#!/usr/bin/env bash
# Runs a command with a throwaway PostgreSQL and a throwaway S3 store (Garage), and removes both when it ends:
#   scripts/with-engines.sh cargo test --features server
# The command finds them by TEST_DATABASE_URL (of a user who may create databases) and TEST_S3_ENDPOINT,
# TEST_S3_REGION, TEST_S3_BUCKET, TEST_S3_ACCESS_KEY_ID, TEST_S3_SECRET_ACCESS_KEY.
# SIGUSR1 to the process TEST_ENGINES_PID kills PostgreSQL (SIGKILL) and starts it again on its data, SIGUSR2 does so with Garage. Each
# adds a line to the file TEST_ENGINES_RESTARTS once the engine answers again.
set -euo pipefail

if [ $# -eq 0 ]; then
  echo "usage: scripts/with-engines.sh COMMAND [ARGUMENT...]" >&2
  exit 2
fi
here=$(cd "$(dirname "$0")" && pwd)
# Debian keeps the server's programs off the PATH, by version: the newest is taken.
initdb=$(command -v initdb || find /usr/lib/postgresql -path '*/bin/initdb' 2>/dev/null | sort -V | tail -1)
missing=
[ -n "$initdb" ] || missing=PostgreSQL
command -v garage >/dev/null || missing="${missing:+$missing and }Garage"
if [ -n "$missing" ]; then
  echo "$missing missing. Install with: $here/install-engines.sh" >&2
  exit 1
fi

folder=$(mktemp -d "${TMPDIR:-/tmp}/attache-engines.XXXXXX")
garage_pid=
postgres_pid=
tender_pid=
end() {
  [ -n "$1" ] || return 0
  kill -INT "$1" 2>/dev/null || true
  wait "$1" 2>/dev/null || true
}
clean_up() {
  if [ -n "$tender_pid" ]; then
    kill -TERM "$tender_pid" 2>/dev/null || true
    wait "$tender_pid" 2>/dev/null || true
  fi
  # What the tender has started again it has ended: the first one's id may be another process's by now.
  [ -e "$folder/postgres.restarted" ] || end "$postgres_pid"
  [ -e "$folder/garage.restarted" ] || end "$garage_pid"
  rm -rf "$folder"
}
trap clean_up EXIT
trap 'exit 130' INT
trap 'exit 143' TERM

random_hex() { od -An -N"$1" -tx1 /dev/urandom | tr -d ' \n'; }

# Below the range from which the system hands out ports by itself.
free_port() {
  local port
  while :; do
    port=$((20000 + RANDOM % 10000))
    if ! (exec 3<>"/dev/tcp/127.0.0.1/$port") 2>/dev/null; then
      echo "$port"
      return
    fi
  done
}

export TEST_S3_REGION=garage
export TEST_S3_BUCKET=attache
TEST_S3_ACCESS_KEY_ID="GK$(random_hex 12)"
TEST_S3_SECRET_ACCESS_KEY=$(random_hex 32)
export TEST_S3_ACCESS_KEY_ID TEST_S3_SECRET_ACCESS_KEY

run_garage() {
  GARAGE_DEFAULT_BUCKET="$TEST_S3_BUCKET" \
    GARAGE_DEFAULT_ACCESS_KEY="$TEST_S3_ACCESS_KEY_ID" \
    GARAGE_DEFAULT_SECRET_KEY="$TEST_S3_SECRET_ACCESS_KEY" \
    garage -c "$folder/garage.toml" server --single-node --default-bucket >"$folder/garage.log" 2>&1 &
  garage_pid=$!
}

start_garage() {
  local s3_port rpc_port
  s3_port=$(free_port)
  rpc_port=$(free_port)
  export TEST_S3_ENDPOINT="http://127.0.0.1:$s3_port"
  cat >"$folder/garage.toml" <<TOML
metadata_dir = "$folder/meta"
data_dir = "$folder/data"
db_engine = "lmdb"
metadata_fsync = false
data_fsync = false
replication_factor = 1
rpc_bind_addr = "127.0.0.1:$rpc_port"
rpc_public_addr = "127.0.0.1:$rpc_port"
rpc_secret = "$(random_hex 32)"

[s3_api]
api_bind_addr = "127.0.0.1:$s3_port"
s3_region = "$TEST_S3_REGION"
TOML
  run_garage
}

# Answers the id of the bucket, once Garage has made it.
bucket_id() {
  garage -c "$folder/garage.toml" json-api GetBucketInfo "{\"globalAlias\": \"$TEST_S3_BUCKET\"}" 2>/dev/null |
    sed -n 's/^ *"id": "\([0-9a-f]*\)".*/\1/p' | head -1
}

# Browsers send uploads to the store from the app's page: another origin.
allow_browsers() {
  local rule='{"AllowedOrigin": ["*"], "AllowedMethod": ["PUT", "GET", "HEAD"], "AllowedHeader": ["*"], "ExposeHeader": ["ETag"]}'
  garage -c "$folder/garage.toml" json-api UpdateBucket "{\"id\": \"$1\", \"body\": {\"corsRules\": [$rule]}}" >/dev/null
}

# Tests of clean-up need a bucket of their own: what lies there is nobody else's.
allow_buckets() {
  garage -c "$folder/garage.toml" json-api UpdateKey \
    "{\"id\": \"$TEST_S3_ACCESS_KEY_ID\", \"body\": {\"allow\": {\"createBucket\": true}}}" >/dev/null
}

# PostgreSQL refuses to run as root.
as_postgres() {
  if [ "$(id -u)" = 0 ]; then
    exec setpriv --reuid=postgres --regid=postgres --clear-groups "$@"
  else
    exec "$@"
  fi
}

run_postgres() {
  # A new file: the processes of a server that was killed may still write to the old one.
  rm -f "$folder/postgres.log"
  # Nothing here has to survive a power cut.
  (cd / && as_postgres "$(dirname "$initdb")/postgres" -D "$data" -h 127.0.0.1 -p "$postgres_port" -k "$data" \
    -c fsync=off -c synchronous_commit=off -c full_page_writes=off -c max_connections=500) \
    >"$folder/postgres.log" 2>&1 &
  postgres_pid=$!
}

data="$folder/postgres"
start_postgres() {
  local password
  postgres_port=$(free_port)
  password=$(random_hex 16)
  mkdir -p "$data"
  echo "$password" >"$data.password"
  if [ "$(id -u)" = 0 ]; then
    chmod 711 "$folder"
    chown postgres "$data" "$data.password"
  fi
  (cd / && as_postgres "$initdb" -D "$data" -U postgres -A scram-sha-256 --pwfile="$data.password" \
    -E UTF8 --locale=C.UTF-8 --no-sync) >"$folder/initdb.log" 2>&1 || {
    cat "$folder/initdb.log" >&2
    exit 1
  }
  run_postgres
  export TEST_DATABASE_URL="postgres://postgres:$password@127.0.0.1:$postgres_port/postgres"
}

# Starts an engine and waits until it answers. Another process may take a port between the look and the start, so it is
# tried three times.
bring_up() {
  local name=$1 start=$2 answers=$3 pid_of=$4
  for _ in 1 2 3; do
    "$start"
    for _ in $(seq 150); do
      kill -0 "${!pid_of}" 2>/dev/null || break
      "$answers" && return
      sleep 0.1
    done
    end "${!pid_of}"
    rm -rf "$folder/meta" "$folder/data" "$folder/postgres"
  done
  echo "$name did not start. Its log:" >&2
  cat "$folder/$name.log" >&2
  exit 1
}

garage_answers() { [ -n "$(bucket_id)" ]; }
postgres_answers() { grep -q 'ready to accept connections' "$folder/postgres.log"; }

bring_up garage start_garage garage_answers garage_pid
bring_up postgres start_postgres postgres_answers postgres_pid
allow_browsers "$(bucket_id)"
allow_buckets

# Kills an engine and starts it again. PostgreSQL refuses to start while processes of the killed one are still there.
restart() {
  local name=$1 run=$2 answers=$3 pid_of=$4
  touch "$folder/$name.restarted"
  kill -KILL "${!pid_of}" 2>/dev/null || true
  wait "${!pid_of}" 2>/dev/null || true
  for _ in $(seq 300); do
    kill -0 "${!pid_of}" 2>/dev/null || break
    sleep 0.02
  done
  for _ in $(seq 50); do
    "$run"
    for _ in $(seq 150); do
      kill -0 "${!pid_of}" 2>/dev/null || break
      if "$answers"; then
        echo "$name" >>"$TEST_ENGINES_RESTARTS"
        return
      fi
      sleep 0.1
    done
    sleep 0.1
  done
  echo "$name did not start again. Its log:" >&2
  cat "$folder/$name.log" >&2
}

# Waits for signals beside the command, and ends what it has started. It ends by itself when this script was killed.
tend_engines() {
  local nap postgres_asked= garage_asked= ended=
  trap 'postgres_asked=1' USR1
  trap 'garage_asked=1' USR2
  trap 'ended=1' TERM
  : >"$TEST_ENGINES_RESTARTS"
  while [ -z "$ended" ] && kill -0 $$ 2>/dev/null; do
    if [ -n "$postgres_asked" ]; then
      postgres_asked=
      restart postgres run_postgres postgres_answers postgres_pid
    fi
    if [ -n "$garage_asked" ]; then
      garage_asked=
      restart garage run_garage garage_answers garage_pid
    fi
    sleep 0.5 &
    nap=$!
    wait "$nap" || true
  done
  kill "$nap" 2>/dev/null || true
  [ ! -e "$folder/postgres.restarted" ] || end "$postgres_pid"
  [ ! -e "$folder/garage.restarted" ] || end "$garage_pid"
}

export TEST_ENGINES_RESTARTS="$folder/restarts"
tend_engines &
tender_pid=$!
export TEST_ENGINES_PID=$tender_pid
# From then on it knows the signals.
until [ -e "$TEST_ENGINES_RESTARTS" ]; do sleep 0.02; done

"$@"
