#!/usr/bin/env bash
# Installs what tests the REST API into a separate environment: Schemathesis, a validator of its document, a generator of Python clients, and
# the library that verifies webhooks.
#   install-schemathesis.sh FOLDER-OF-TOOLS
set -euo pipefail

packages=(schemathesis==4.32.5 openapi-spec-validator==0.9.0 openapi-python-client==0.29.1 standardwebhooks==1.1.0)
home="$1/schemathesis"
if [ -x "$home/bin/schemathesis" ] && [ "$(cat "$home/packages" 2>/dev/null)" = "${packages[*]}" ]; then
  exit
fi
echo "Installing ${packages[*]} by pip: they test the REST API."
rm -rf "$home"
mkdir -p "$1"
if ! python3 -m venv "$home" 2>/dev/null; then
  # A package without a command of that name: it is installed in any case.
  "$(dirname "$0")/install-packages.sh" python3-venv:python3-venv
  rm -rf "$home"
  python3 -m venv "$home"
fi
"$home/bin/pip" install --quiet --disable-pip-version-check "${packages[@]}"
echo "${packages[*]}" >"$home/packages"
