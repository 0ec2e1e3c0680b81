#!/usr/bin/env bash
# Checks the crates that the lock file names with cargo-deny: known advisories, licenses, sources. Says so when it leaves something out.
# Call it with the folder of tools: check-deny.sh FOLDER. cargo-deny is not installed for it: compiling that takes four minutes. `cargo install --locked cargo-deny` does, or CHECK_DENY=1.
set -euo pipefail

if ! command -v cargo-deny >/dev/null; then
  if [ "${CHECK_DENY:-}" != 1 ] && ! command -v cargo-binstall >/dev/null; then
    echo "SKIPPED: cargo-deny is not installed, so advisories, licenses and sources were not checked."
    echo "To check them: cargo install --locked cargo-deny, or CHECK_DENY=1 make check-deny."
    exit
  fi
  "$(dirname "$0")/install-crate.sh" cargo-deny@0.18.5 --root "$1" --locked
fi

cargo deny --all-features check bans licenses sources
if cargo deny fetch db 2>/dev/null; then
  cargo deny --all-features check --disable-fetch advisories
else
  echo "SKIPPED: the database of advisories could not be fetched, so only licenses and sources were checked."
fi
