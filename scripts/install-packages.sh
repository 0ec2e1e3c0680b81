#!/usr/bin/env bash
# Installs Debian packages whose command or file is missing: install-packages.sh COMMAND:PACKAGE… or /FILE:PACKAGE…
set -euo pipefail

missing=()
for pair in "$@"; do
  sign=${pair%%:*}
  command -v "$sign" >/dev/null || [[ -e $sign ]] || missing+=("${pair#*:}")
done
[[ ${#missing[@]} -gt 0 ]] || exit 0

as_root=()
if [[ $EUID -ne 0 ]]; then as_root=(sudo); fi
if ! command -v apt-get >/dev/null || { [[ $EUID -ne 0 ]] && ! command -v sudo >/dev/null; }; then
  echo "Missing: ${missing[*]} (names of Debian packages). Install them, then run make again." >&2
  exit 1
fi
echo "Installing ${missing[*]}"
# apt refuses to run twice at a time.
exec 9>"${TMPDIR:-/tmp}/attache-packages-$EUID.lock"
flock 9
# What goes wrong comes on the other stream.
"${as_root[@]}" apt-get update --quiet=2
"${as_root[@]}" env DEBIAN_FRONTEND=noninteractive apt-get install --yes --quiet=2 --no-install-recommends -o Dpkg::Use-Pty=0 "${missing[@]}" >/dev/null
