#!/usr/bin/env bash
# Installs dx and wasm-bindgen where they are missing or of another version: install-build-tools.sh DX_VERSION TOOLS_FOLDER
set -euo pipefail

dx_version=$1
tools=$2
here=$(dirname "$0")

# A tool of another version, installed for other projects, is left as it is: ours goes to a folder of its own.
if [[ $(dx --version 2>/dev/null) != "dioxus $dx_version "* ]]; then
  echo "dx $dx_version: builds the browser's half and the server together"
  # What it is compiled with; macOS has its own.
  [[ $(uname) != Linux ]] || "$here/install-packages.sh" pkg-config:pkg-config /usr/include/openssl/ssl.h:libssl-dev
  OPTIMIZE=brotli "$here/install-crate.sh" "dioxus-cli@$dx_version" --root "$tools" --locked
fi

wasm_bindgen=$(grep --after-context=1 '^name = "wasm-bindgen"$' Cargo.lock | sed -n 's/^version = "\(.*\)"/\1/p')
if [[ $(wasm-bindgen --version 2>/dev/null) != "wasm-bindgen $wasm_bindgen" ]]; then
  echo "wasm-bindgen $wasm_bindgen: must be the very version in Cargo.lock"
  # Without --locked: its own lock file may name versions that a registry mirror does not hold yet.
  # It goes through tens of megabytes whenever something was changed in development.
  OPT_LEVEL=1 "$here/install-crate.sh" "wasm-bindgen-cli@$wasm_bindgen" --root "$tools"
fi
