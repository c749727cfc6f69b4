#!/bin/sh
# Runs the archive of `make dist` in a root file system of its own that holds the C library and nothing else: read-only, as
# user 65532, without Docker. Needs root. It must start, be healthy by its own word, show its screens, take a hub in, write
# nowhere but into /data, and end when told.
set -eu
cd "$(dirname "$0")/.."
[ "$(id -u)" -eq 0 ] || { echo "check: needs root for mount and chroot" >&2; exit 1; }
archive=$(ls -t dist/shangliang-*.tar.gz | head -n 1)
if [ "${1:-}" != inside ]; then
  exec unshare --mount --pid --fork --kill-child sh "$0" inside
fi

root=$(mktemp -d)
chmod 755 "$root"
trap 'umount "$root/data" "$root/tmp" "$root/proc" "$root" 2>/dev/null; rm -rf "$root"' EXIT
mkdir -p "$root/app" "$root/data" "$root/tmp" "$root/proc" "$root/etc" "$root/lib64"
tar -xzf "$archive" -C "$root/app" --strip-components=1
echo 'shangliang:x:65532:65532::/data:/sbin/nologin' >"$root/etc/passwd"
for library in libc.so.6 libm.so.6 libresolv.so.2 libdl.so.2 libpthread.so.0 librt.so.1; do
  path=$(ldconfig -p | awk -v l="$library" '$1 == l { print $NF; exit }')
  mkdir -p "$root$(dirname "$path")" && cp -L "$path" "$root$path"
done
cp -L /lib64/ld-linux-x86-64.so.2 "$root/lib64/" 2>/dev/null || cp -L /lib/ld-linux-aarch64.so.1 "$root/lib/"
mount --bind "$root" "$root" && mount -o remount,bind,ro "$root"
mount -t tmpfs -o size=64m,mode=0700,uid=65532,gid=65532 tmpfs "$root/data"
mount -t tmpfs -o size=1m,ro tmpfs "$root/tmp"
mount -t proc -o ro proc "$root/proc"

# Each word of it becomes the next program in the same process, so that a signal reaches the last.
run="env -i DATABASE_URL=sqlite:/data/shangliang.db SHANGLIANG_KEYS=/data/keys SHANGLIANG_LISTEN=127.0.0.1:18080 \
  SHANGLIANG_ADMIN_LISTEN=127.0.0.1:0 /usr/sbin/chroot --userspec=65532:65532 $root /app/shangliang"
say() { echo "check: $*"; }

$run check-config >/dev/null
$run import /app/hubs/yuxin.yaml | tail -n 1 | grep -q imported
say "a hub came in"
$run serve >"$root.log" 2>&1 &
server=$!
for _ in $(seq 100); do $run health >/dev/null 2>&1 && break; sleep 0.1; done
$run health
get() { curl -fsS -H 'accept: text/html' "http://127.0.0.1:18080$1"; }
get / | grep -q '<script type="module"' || { say "the screens are not in it"; exit 1; }
get /api/v1/sites | grep -q yuxin-centre
say "healthy, with screens and its hub"
[ -z "$(find "$root" -xdev -newer "$archive" -type f -user 65532)" ] || { say "it wrote outside /data"; exit 1; }
kill -TERM "$server"
status=0
wait "$server" || status=$?
[ "$status" -eq 0 ] || { cat "$root.log"; say "ended with $status"; exit 1; }
rm -f "$root.log"
say "ended well; $(du -sh "$root/app" 2>/dev/null | cut -f1) in /app, $(du -h "$archive" | cut -f1) packed"
