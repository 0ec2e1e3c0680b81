#!/usr/bin/env bash
# Installs what the benchmarks need and is missing:
#   nginx     the peer: serves the same files and takes WebDAV PUT. Debian's build has ngx_http_dav_module, which is all that
#             PUT needs; libnginx-mod-http-dav-ext adds PROPFIND, LOCK and the like, which nothing here asks for.
#   wrk       makes requests and counts them.
#   curl      makes one large transfer and times it.
#   chromium  loads the first page and counts its bytes.
set -euo pipefail

export PATH="$PATH:/usr/sbin"
new=
command -v nginx >/dev/null || new=yes
"$(dirname "$0")/../scripts/install-packages.sh" nginx:nginx wrk:wrk curl:curl chromium:chromium
# The benchmark starts an nginx of its own. The service that came with the package would only stand open on port 80.
if [[ $new && -d /run/systemd/system ]]; then
  as_root=()
  if [[ $EUID -ne 0 ]]; then as_root=(sudo); fi
  "${as_root[@]}" systemctl disable --now --quiet nginx
fi
