#!/bin/sh
# Installs the npm packages of package-lock.json, unless these very ones are installed already.
set -eu

setup=$(CDPATH='' cd "$(dirname "$0")" && pwd)
. "$setup/lib/say.sh"
cd "$setup/.."

STAMP=node_modules/.installed-lock
OLDEST_NODE=20

main() {
  check_node
  is_installed && return
  say "installing npm packages (about half a minute)"
  # a link leads to another checkout's packages, which npm ci would empty
  [ ! -L node_modules ] || rm node_modules
  # A NODE_ENV of production would leave out what builds and tests need.
  npm ci --include=dev --loglevel error --no-audit --no-fund </dev/null ||
    fail "npm ci failed" "mend what npm says above, then run it again"
  has_node_24 || fail "npm ci left no Node 24 in node_modules/.bin" \
    "run \"npm config delete ignore-scripts\" if npm is told to run no install scripts"
  cp package-lock.json "$STAMP"
}

check_node() {
  version=$(node -p process.versions.node 2>/dev/null) ||
    fail "node is not on PATH" "install Node $OLDEST_NODE or later"
  [ "${version%%.*}" -ge "$OLDEST_NODE" ] ||
    fail "Node $version is older than $OLDEST_NODE" "install Node $OLDEST_NODE or later"
}

is_installed() {
  cmp -s package-lock.json "$STAMP" && has_node_24
}

# The package node@24 gives the project's scripts the same Node everywhere.
has_node_24() {
  case $(node_modules/.bin/node --version 2>/dev/null) in
    v24.*) ;;
    *) return 1 ;;
  esac
}

main
