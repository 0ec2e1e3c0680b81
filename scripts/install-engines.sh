#!/usr/bin/env bash
# Installs the engines that the tests run against, where they are missing. Quick when they are there.
set -euo pipefail

garage_version=2.5.0

if ! command -v initdb >/dev/null && ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
  echo "PostgreSQL: the tests run against it too."
  "$(dirname "$0")/install-packages.sh" initdb:postgresql
fi

if ! command -v garage >/dev/null; then
  if command -v cargo-binstall >/dev/null; then
    echo "Installing Garage $garage_version, an S3 store: the tests run against it too."
    cargo binstall --no-confirm --locked "garage@$garage_version"
  else
    echo "Building Garage $garage_version, an S3 store: the tests run against it too. It takes some minutes, once."
    # Little optimised: the tests ask little of it.
    CARGO_PROFILE_RELEASE_OPT_LEVEL=1 cargo install --locked "garage@$garage_version"
  fi
fi
