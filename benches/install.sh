#!/usr/bin/env bash
# Installs what the benchmarks need and is missing: install.sh FOLDER-OF-TOOLS
#   nginx     the peer: serves the same files and takes WebDAV PUT. Debian's build has ngx_http_dav_module, which is all that
#             PUT needs; libnginx-mod-http-dav-ext adds PROPFIND, LOCK and the like, which nothing here asks for.
#   wrk       makes requests and counts them.
#   curl      makes one large transfer and times it.
#   zip       makes the same archives.
#   sharp     makes the same previews; boto3 makes the same uploads: into the folder of tools that is given.
#   chromium  loads the first page and counts its bytes.
set -euo pipefail

export PATH="$PATH:/usr/sbin"
new=
command -v nginx >/dev/null || new=yes
"$(dirname "$0")/../scripts/install-packages.sh" nginx:nginx wrk:wrk curl:curl zip:zip chromium:chromium
"$(dirname "$0")/../scripts/install-engines.sh"
# The benchmark starts an nginx of its own. The service that came with the package would only stand open on port 80.
if [[ $new && -d /run/systemd/system ]]; then
  as_root=()
  if [[ $EUID -ne 0 ]]; then as_root=(sudo); fi
  "${as_root[@]}" systemctl disable --now --quiet nginx
fi
sharp=0.35.5
boto3=1.44.5
grep -qsF "\"version\": \"$sharp\"" "$1/bench/node_modules/sharp/package.json" ||
  npm install --silent --no-audit --no-fund --prefix "$1/bench" "sharp@$sharp"
if ! "$1/boto3/bin/python3" -c "import boto3; assert boto3.__version__ == '$boto3'" 2>/dev/null; then
  rm -rf "$1/boto3"
  python3 -m venv "$1/boto3" 2>/dev/null || {
    "$(dirname "$0")/../scripts/install-packages.sh" python3-venv:python3-venv
    python3 -m venv --clear "$1/boto3"
  }
  "$1/boto3/bin/pip" install --quiet --disable-pip-version-check "boto3==$boto3"
fi
