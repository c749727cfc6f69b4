#!/bin/sh
# Installs what building and testing need, unless it is there: a C compiler and linker, pkg-config, the PostgreSQL client
# library with its headers, the PostgreSQL server for the throw-away cluster of the tests, Chromium (without its own windows)
# with Chinese letters for the tests of the screens, Node for building them (scripts/node.sh) and its packages, Python and
# OpenSSL for the mail server of the tests and for what reads its calendars, khal and vdirsyncer to subscribe to them. Safe to
# run again; quick when nothing is missing. Rust itself comes from https://rustup.rs.
set -eu

missing=
need() { missing="$missing $1"; }

command -v cc >/dev/null 2>&1 || need build-essential
command -v pkg-config >/dev/null 2>&1 || need pkg-config
{ command -v pg_config >/dev/null 2>&1 && [ -e "$(pg_config --includedir)/libpq-fe.h" ]; } ||
  pkg-config --exists libpq 2>/dev/null || need libpq-dev
server=
for bin in /usr/lib/postgresql/*/bin; do
  [ -x "$bin/initdb" ] && [ -x "$bin/postgres" ] && server=$bin
done
{ command -v initdb >/dev/null 2>&1 && command -v postgres >/dev/null 2>&1; } && server=PATH
[ -n "$server" ] || need postgresql

command -v chromium-headless-shell >/dev/null 2>&1 || need chromium-headless-shell
command -v fc-list >/dev/null 2>&1 && fc-list 2>/dev/null | grep -qi 'cjk\|wqy\|droid.*fallback' || need 'fontconfig fonts-noto-cjk'
command -v curl >/dev/null 2>&1 || need 'curl ca-certificates'
command -v openssl >/dev/null 2>&1 || need openssl
python3 -c 'import venv, ensurepip' >/dev/null 2>&1 || need python3-venv
command -v khal >/dev/null 2>&1 || need khal
command -v vdirsyncer >/dev/null 2>&1 || need vdirsyncer

if ! command -v cargo >/dev/null 2>&1; then
  echo "setup: cargo is not installed; see https://rustup.rs" >&2
  exit 1
fi
here=$(cd "$(dirname "$0")/.." && pwd)
# What the tests need of Python, pinned; made anew when its list of packages changes.
environment() {
  list=$here/$1/requirements.txt
  own=$here/$1/.venv
  cmp -s "$list" "$own/requirements.txt" && return
  echo "setup: fetching $2 of the tests into $1/.venv" >&2
  rm -rf "$own"
  python3 -m venv "$own"
  "$own/bin/python" -m pip install -q --disable-pip-version-check --require-hashes --only-binary :all: -r "$list"
  cp "$list" "$own/requirements.txt"
}
packages() {
  sh "$here/scripts/node.sh" --install
  environment tests/smtp 'the SMTP server'
  environment tests/python 'the readers of calendars and rules'
}
if [ -z "$missing" ]; then
  packages
  exit 0
fi

if ! command -v apt-get >/dev/null 2>&1; then
  echo "setup: missing:$missing" >&2
  echo "setup: there is no apt here; install them (Debian's names) with this system's package manager" >&2
  exit 1
fi
as_root=
if [ "$(id -u)" -ne 0 ]; then
  if ! command -v sudo >/dev/null 2>&1; then
    echo "setup: missing:$missing; run as root, or install sudo" >&2
    exit 1
  fi
  as_root=sudo
fi

echo "setup: installing$missing"
case "$missing" in
*postgresql*)
  # The tests bring a cluster of their own; keep Debian from making and starting one.
  if [ ! -e /etc/postgresql-common/createcluster.conf ]; then
    $as_root mkdir -p /etc/postgresql-common
    echo 'create_main_cluster = false' | $as_root tee /etc/postgresql-common/createcluster.conf >/dev/null
  fi
  ;;
esac
$as_root apt-get update -qq
# An existing configuration file (ours above) is kept.
# shellcheck disable=SC2086 # a list of packages
$as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -qq --no-install-recommends -o Dpkg::Options::=--force-confold $missing

packages
