#!/usr/bin/env bash
# Makes the files of a release in target/dist: a tarball and a Debian package of the release build, each with licenses and SBOM,
# and checksums: dist.sh TOOLS_FOLDER. PACKAGE_VERSION replaces the version of Cargo.toml.
set -euo pipefail

tools=$1
cd "$(dirname "$0")/.."
version=${PACKAGE_VERSION:-$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -1)}
name=attache-$version-$(uname -m)-linux
dist=target/dist
tree=$dist/tree
# Files have the time of the commit, so the same sources make the same archive.
SOURCE_DATE_EPOCH=$(git log -1 --format=%ct 2>/dev/null || date +%s)
export SOURCE_DATE_EPOCH

for tool in cargo-deb:3.8.0 cargo-about:0.9.3 cargo-cyclonedx:0.5.9; do
  [[ -x $tools/bin/${tool%:*} ]] || scripts/install-crate.sh "${tool%:*}@${tool#*:}" --root "$tools" --locked
done
export PATH=$tools/bin:$PATH

rm -rf "$tree"
mkdir -p "$tree/doc/docs"
cp "$ATTACHE_SERVER" "$tree/server"
cp -r "$(dirname "$ATTACHE_SERVER")/public" "$tree/public"
cp README.md CHANGELOG.md SECURITY.md LICENSE "$tree/doc/"
cp -r docs/*.md docs/screenshot.png docs/grafana-dashboard.json docs/decisions "$tree/doc/docs/"
cargo about generate --features server,web --config packaging/about.toml packaging/licenses.hbs >"$tree/doc/THIRD-PARTY-LICENSES"
{ printf '\n%s\nInter, the font\n\n' "$(printf '=%.0s' {1..64})" && cat public/fonts/LICENSE; } >>"$tree/doc/THIRD-PARTY-LICENSES"
cargo cyclonedx --quiet --format json --features server --override-filename sbom
mv sbom.json "$tree/doc/sbom.cdx.json"

mkdir -p "$dist/$name"
cp -r "$tree/." packaging/attache.service packaging/attache.env packaging/attache.sysusers "$dist/$name/"
tar --create --gzip --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$SOURCE_DATE_EPOCH" \
  --file "$dist/$name.tar.gz" --directory "$dist" "$name"
rm -rf "${dist:?}/$name"
cargo deb --no-build --no-strip --quiet --deb-version "$version" --output "$dist/attache_${version}_$(dpkg --print-architecture).deb"
(cd "$dist" && sha256sum -- *.tar.gz *.deb >SHA256SUMS)
ls -l "$dist"/*.tar.gz "$dist"/*.deb "$dist/SHA256SUMS"
