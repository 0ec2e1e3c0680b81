#!/usr/bin/env bash
# Installs the engines that the tests run against, where they are missing. Quick when they are there.
set -euo pipefail

garage_version=2.5.0

if ! command -v initdb >/dev/null && ! ls /usr/lib/postgresql/*/bin/initdb >/dev/null 2>&1; then
  echo "Installing PostgreSQL by apt: the tests run against it too."
  if ! command -v apt-get >/dev/null; then
    echo "There is no apt-get here. Install PostgreSQL (server and initdb) your system's way." >&2
    exit 1
  fi
  sudo=
  [ "$(id -u)" = 0 ] || sudo=sudo
  $sudo apt-get update -qq
  DEBIAN_FRONTEND=noninteractive $sudo apt-get install -y -qq --no-install-recommends postgresql
fi

if ! command -v garage >/dev/null; then
  if command -v cargo-binstall >/dev/null; then
    echo "Installing Garage $garage_version, an S3 store: the tests run against it too."
    cargo binstall --no-confirm --locked "garage@$garage_version"
  else
    echo "Building Garage $garage_version, an S3 store: the tests run against it too. It takes some minutes, once."
    cargo install --locked "garage@$garage_version"
  fi
fi
