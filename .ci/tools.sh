#!/usr/bin/env bash
# Bring what the tests need besides Python: node, and the pinned packages of tests/package.json.
set -euo pipefail
cd "$(dirname "$0")/.."

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends nodejs npm
fi
cd tests
npm ci --no-audit --no-fund --loglevel=error
