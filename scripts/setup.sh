#!/usr/bin/env bash
# Installs the toolchain where this machine lacks it. Says what and why; quick when all is there. install-build-tools.sh installs the rest of what a build needs.
set -euo pipefail

here=$(dirname "$0")

"$here/install-packages.sh" cc:build-essential node:nodejs npm:npm
if (($(node --print 'parseInt(process.versions.node)') < 20)); then
  echo "Node.js $(node --version) is too old for the style sheet's tools: install version 20 or newer, then run make again." >&2
  exit 1
fi
if ! command -v rustup >/dev/null; then
  echo "rustup is missing. It brings the Rust toolchain that rust-toolchain.toml names: see https://rustup.rs, then run make again." >&2
  exit 1
fi

toolchain=$(sed -n 's/^channel = "\(.*\)"/\1/p' rust-toolchain.toml)
if ! rustup toolchain list | grep --quiet "^$toolchain-"; then
  echo "Rust $toolchain: the toolchain that rust-toolchain.toml names"
  rustup toolchain install "$toolchain" --profile minimal --component clippy --component rustfmt
fi
if ! rustup target list --toolchain "$toolchain" --installed | grep --quiet --line-regexp wasm32-unknown-unknown; then
  echo "wasm32-unknown-unknown: the target that the browser's half is compiled for"
  rustup target add --toolchain "$toolchain" wasm32-unknown-unknown
fi
