#!/usr/bin/env bash
# Installs what a build needs and this machine lacks: setup.sh DX_VERSION TOOLS_FOLDER. Says what and why; quick when all is there.
set -euo pipefail

dx_version=$1
tools=$2
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

# A tool of another version, installed for other projects, is left as it is: ours goes to a folder of its own.
if [[ $(dx --version 2>/dev/null) != "dioxus $dx_version "* ]]; then
  echo "dx $dx_version: builds the browser's half and the server together"
  # What it is compiled with; macOS has its own.
  [[ $(uname) != Linux ]] || "$here/install-packages.sh" pkg-config:pkg-config /usr/include/openssl/ssl.h:libssl-dev
  OPTIMISE=brotli "$here/install-crate.sh" "dioxus-cli@$dx_version" --root "$tools" --locked
fi

wasm_bindgen=$(grep --after-context=1 '^name = "wasm-bindgen"$' Cargo.lock | sed -n 's/^version = "\(.*\)"/\1/p')
if [[ $(wasm-bindgen --version 2>/dev/null) != "wasm-bindgen $wasm_bindgen" ]]; then
  echo "wasm-bindgen $wasm_bindgen: must be the very version in Cargo.lock"
  # Without --locked: its own lock file may name versions that a registry mirror does not hold yet.
  # It goes through tens of megabytes whenever something was changed in development.
  OPT_LEVEL=1 "$here/install-crate.sh" "wasm-bindgen-cli@$wasm_bindgen" --root "$tools"
fi
