#!/usr/bin/env bash
# Installs a tool from crates.io, ready made where cargo-binstall is there, else compiled: install-crate.sh CRATE@VERSION [FLAGS… [-- FLAGS FOR THE COMPILER ALONE…]]
# OPT_LEVEL is how far it is optimized (0 unless given), OPTIMIZE names the crates in it that deal with every byte.
set -euo pipefail

crate=$1
shift
flags=()
while (($#)) && [[ $1 != -- ]]; do
  flags+=("$1")
  shift
done

# Not optimized it is compiled in a third of the time, and that is more than most tools then lose in a day's work.
export CARGO_PROFILE_RELEASE_OPT_LEVEL=${OPT_LEVEL:-0}
# What it is made of does not belong to what this project is made of.
unset CARGO_TARGET_DIR

if command -v cargo-binstall >/dev/null; then
  exec cargo binstall --no-confirm "${flags[@]}" "$crate"
fi

echo "  Compiling it takes some minutes, once. With cargo-binstall it is downloaded, and works faster."
for package in ${OPTIMIZE:-}; do
  flags+=(--config "profile.release.package.$package.opt-level=3")
done
exec cargo install --quiet "${flags[@]}" "${@:2}" "$crate"
