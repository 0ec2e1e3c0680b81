#!/usr/bin/env bash
# Installs the engines that the tests run against, where they are missing. Quick when they are there.
set -euo pipefail

here=$(dirname "$0")
garage_version=2.5.0

if ! command -v initdb >/dev/null && ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
  echo "PostgreSQL: the tests run against it too."
  "$here/install-packages.sh" initdb:postgresql
fi

if ! command -v garage >/dev/null; then
  echo "Garage $garage_version, an S3 store: the tests run against it too."
  # Of its databases the tests use LMDB.
  OPTIMIZE="blake2 crc-fast crc32fast md-5 sha1 sha2 zstd-sys" \
    "$here/install-crate.sh" "garage@$garage_version" --locked -- --no-default-features --features bundled-libs,lmdb
fi
