#!/usr/bin/env bash
# Copy what the page at `/` needs from the pinned packages of tests/package.json, so that it runs offline.
set -euo pipefail
cd "$(dirname "$0")/.."

from=tests/node_modules
to=engine_clients/webxr/vendor
while read -r file; do
  mkdir -p "$to/$(dirname "$file")"
  cp "$from/$file" "$to/$file"
done < "$to/files.txt"
