#!/bin/sh
# Makes dist/shangliang-VERSION-ARCH.tar.gz: the program with its screens, the libraries it needs beside the C library,
# the hub files, a systemd unit, a site of nginx, and every licence. It runs on any Debian as new as the one it was made on, with nothing
# installed. The screens are built before (`make dist` does both).
set -eu
cd "$(dirname "$0")/.."

[ -e web/dist/index.html ] || { echo "dist: build the screens first: make web" >&2; exit 1; }
version=$(sed -n 's/^version = "\(.*\)"/\1/p' Cargo.toml | head -n 1)
name=shangliang-$version-$(uname -m)
target=${CARGO_TARGET_DIR:-target}

# RPATH, not RUNPATH: it is used for what our libraries need as well.
cargo rustc --release --locked --bin shangliang -- -C 'link-arg=-Wl,--disable-new-dtags,-rpath,$ORIGIN/lib'

out=dist/$name
rm -rf "$out" "dist/$name.tar.gz"
mkdir -p "$out/lib" "$out/hubs"
install -m 755 "$target/release/shangliang" "$out/shangliang"
strip "$out/shangliang"
install -m 644 hubs/*.yaml "$out/hubs/"
install -m 644 README.md LICENSE packaging/shangliang.service packaging/nginx-tls.conf "$out/"

# Everything but the C library, which every Debian has.
ldd "$out/shangliang" | awk '$3 ~ /^\// { print $3 }' |
  grep -Ev '/(libc|libm|libdl|libpthread|librt|libresolv)\.so\.[0-9]+$' >dist/libraries
while read -r library; do install -m 644 "$library" "$out/lib/"; done <dist/libraries
sh scripts/node.sh node ../packaging/notices.mjs "$PWD/$out" "$PWD/dist/libraries"

tar --sort=name --owner=0 --group=0 --numeric-owner --mtime="@$(git log -1 --format=%ct 2>/dev/null || echo 0)" \
  -C dist -cf - "$name" | gzip -9n >"dist/$name.tar.gz"
echo "dist: dist/$name.tar.gz ($(du -h "dist/$name.tar.gz" | cut -f1))"
