#!/usr/bin/env bash
# Runs every fuzz target, or those named, for some seconds each, on one core.
# Usage: fuzz.sh SECONDS [TARGET…]
set -euo pipefail
cd "$(dirname "$0")/.."
seconds=$1
shift
# The fuzzers' build is not that of anything else.
unset CARGO_TARGET_DIR

rustup toolchain list | grep --quiet '^nightly' || rustup toolchain install nightly --profile minimal
cargo +nightly fuzz --version >/dev/null 2>&1 || cargo install cargo-fuzz --locked

targets=("$@")
[ "${#targets[@]}" -gt 0 ] || mapfile -t targets < <(cargo +nightly fuzz list)
failed=()
for target in "${targets[@]}"; do
    echo "== $target"
    corpus=fuzz/corpus/$target
    mkdir -p "$corpus"
    seeds=fuzz/seeds/$target
    [ -d "$seeds" ] || seeds=
    # A slow input or one that takes much memory is a fault too. The code is safe Rust: no sanitizer has anything to find.
    cargo +nightly fuzz run --sanitizer none "$target" "$corpus" $seeds -- \
        -max_total_time="$seconds" -timeout=5 -rss_limit_mb=512 -max_len=262144 -print_final_stats=1 ||
        failed+=("$target")
done
if [ "${#failed[@]}" -gt 0 ]; then
    echo "Failed: ${failed[*]}. The inputs are in fuzz/artifacts."
    exit 1
fi
