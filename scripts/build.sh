#!/usr/bin/env bash
# Builds browser and server for release and says where they are. Called by make, which sets PATH for dx.
set -euo pipefail

stamp="$(dirname "$ATTACHE_SERVER")/.built"
sources=(src migrations assets public build.rs Cargo.toml Cargo.lock Dioxus.toml input.css package-lock.json rust-toolchain.toml)

if [[ -x $ATTACHE_SERVER && -f $stamp ]] &&
  [[ -z $(find "${sources[@]}" -newer "$stamp" ! -name tailwind.css -print -quit) ]]; then
  echo "Up to date: ${ATTACHE_SERVER#"$PWD"/}"
  exit
fi

# dx keeps the assets of earlier builds, and cannot write over a server that runs.
rm -rf "$(dirname "$ATTACHE_SERVER")"
mkdir -p "$(dirname "$ATTACHE_SERVER")"
touch "$stamp.started"
# The browser code in pieces; its debug symbols would only be thrown away. The linker must not lay constants over each other.
dx build --web --release @client --wasm-split --features split --debug-symbols=false --rustc-args=-Clink-arg=-O0
node scripts/check-data-symbols.mjs "$CARGO_TARGET_DIR/wasm32-unknown-unknown/wasm-release/attache.wasm"
[[ -x $ATTACHE_SERVER ]] || { echo "The build ended without $ATTACHE_SERVER" >&2; exit 1; }
mv "$stamp.started" "$stamp"
echo "Built ${ATTACHE_SERVER#"$PWD"/}"
