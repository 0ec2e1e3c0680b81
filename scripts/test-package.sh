#!/usr/bin/env bash
# Installs, starts, upgrades and purges the Debian package in a copy of this system that is thrown away afterward:
# test-package.sh OLD.deb NEW.deb. Requires root and overlayfs.
set -euo pipefail

old=$(realpath "$1")
new=$(realpath "$2")
cd "$(dirname "$0")/.."

fail() {
  echo "test-package: $*" >&2
  exit 1
}
[[ $(id -u) == 0 ]] || fail "must run as root, because it mounts a copy of the system"

# In a mount namespace of its own, everything that it changes goes to the upper folder.
if [[ -z ${IN_COPY:-} ]]; then
  work=$(mktemp -d)
  trap 'rm -rf "$work"' EXIT
  mount -t tmpfs none "$work"
  mkdir "$work"/{upper,scratch,root}
  trap 'umount -R "$work" 2>/dev/null; rmdir "$work"' EXIT
  cp "$old" "$work/old.deb"
  cp "$new" "$work/new.deb"
  WORK=$work IN_COPY=1 unshare --mount --pid --fork "$0" "$old" "$new"
  exit
fi

mount -t overlay none -o "lowerdir=/,upperdir=$WORK/upper,workdir=$WORK/scratch" "$WORK/root"
root=$WORK/root
mount -t proc none "$root/proc"
mount --rbind /dev "$root/dev"
cp "$WORK/old.deb" "$WORK/new.deb" packaging/attache.service "$root/root/"
# Without systemd nothing may be started by the maintainer scripts.
printf '#!/bin/sh\nexit 101\n' >"$root/usr/sbin/policy-rc.d"
chmod +x "$root/usr/sbin/policy-rc.d"
port=$((20000 + RANDOM % 10000))

in_copy=(chroot "$root" /usr/bin/env -i PATH=/usr/sbin:/usr/bin:/sbin:/bin DEBIAN_FRONTEND=noninteractive)
inside() { "${in_copy[@]}" "$@"; }

# Starts the service as its unit says, without systemd, and waits until it is ready.
start() {
  (exec "${in_copy[@]}" /usr/bin/attache serve) &
  server=$!
  for _ in {1..100}; do
    [[ $(curl --silent --output /dev/null --write-out '%{http_code}' "http://127.0.0.1:$port/readyz") == 200 ]] && return
    sleep 0.2
  done
  fail "the server is not ready"
}

stop() {
  kill -TERM "$server"
  wait "$server" || fail "the server did not stop cleanly"
}

systemd-analyze security --offline=true --threshold=30 "$PWD/packaging/attache.service" >"$WORK/security" ||
  fail "$(tail -1 "$WORK/security"): must be 3.0 or lower"

inside dpkg --install /root/old.deb
grep --quiet '^attache:' "$root/etc/passwd" || fail "there is no user"
[[ $(inside stat --format=%U:%G:%a /etc/attache/attache.env) == root:attache:640 ]] || fail "others can read the settings"
[[ $(stat --format=%a "$root/var/lib/attache") == 700 ]] || fail "others can enter the data folder"
printf 'PORT=%s\nSIGN_UP="open"\n' "$port" >>"$root/etc/attache/attache.env"
start
sign_up='{"name":"Olga","email":"olga@example.com","password":"correct horse battery","organization":"Harbor Lane"}'
curl --silent --fail --output /dev/null --header 'Content-Type: application/json' --data "$sign_up" "http://127.0.0.1:$port/api/auth/sign-up" ||
  fail "nobody can sign up"
curl --silent --fail "http://127.0.0.1:$port/log-in" | grep --quiet 'Log in' || fail "there is no page"
[[ $(inside ps --no-headers -o user= -C server | sort -u) == *attache* ]] || fail "the server runs as another user"
stop

inside dpkg --install /root/new.deb
grep --quiet "^PORT=$port" "$root/etc/attache/attache.env" || fail "the upgrade replaced the settings"
start
inside /usr/bin/attache accounts | grep --quiet olga@example.com || fail "the upgrade lost the account"
inside /usr/bin/attache doctor | grep --quiet 'No problems found' || fail "doctor finds problems"
stop

inside dpkg --purge attache
[[ -f $root/var/lib/attache/attache.db ]] || fail "the purge deleted the data"
[[ ! -e $root/etc/attache/attache.env ]] || fail "the purge left the settings"
inside dpkg --install /root/new.deb
inside ATTACHE_DELETE_DATA=yes dpkg --purge attache
[[ ! -e $root/var/lib/attache ]] || fail "the data stays although it was told to go"
echo "1 passed, 0 failed"
