#!/usr/bin/env bash
# Installs Schemathesis, which compares the REST API with its document, into a separate environment: install-schemathesis.sh FOLDER-OF-TOOLS
set -euo pipefail

version=4.32.5
home="$1/schemathesis"
if [ -x "$home/bin/schemathesis" ] && "$home/bin/schemathesis" --version | grep -qF "$version"; then
  exit
fi
echo "Installing Schemathesis $version by pip: it tests the REST API."
rm -rf "$home"
mkdir -p "$1"
if ! python3 -m venv "$home" 2>/dev/null; then
  # A package without a command of that name: it is installed in any case.
  "$(dirname "$0")/install-packages.sh" python3-venv:python3-venv
  rm -rf "$home"
  python3 -m venv "$home"
fi
"$home/bin/pip" install --quiet --disable-pip-version-check "schemathesis==$version"
