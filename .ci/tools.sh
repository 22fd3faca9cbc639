#!/usr/bin/env bash
# Bring what the tests need besides Python: node, Chromium, Mono, glslang, PostgreSQL, PgBouncer, nginx, HAProxy, and
# the pinned packages of tests/package.json.
set -euo pipefail
cd "$(dirname "$0")/.."

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

missing=()
if ! command -v node >/dev/null || ! command -v npm >/dev/null; then
  missing+=(nodejs npm)
fi
if ! command -v chromium >/dev/null; then
  # It runs the engines' web builds; letters in pictures need a font.
  missing+=(chromium fonts-dejavu-core)
fi
if ! command -v mono >/dev/null || ! [ -e /usr/lib/cli/nunit.framework-2.6.3/nunit.framework.dll ]; then
  # The core of the Unity client runs on it, too.
  missing+=(mono-runtime libmono-system-core4.0-cil libmono-system-numerics4.0-cil libmono-system-net-http4.0-cil)
  missing+=(libnunit-framework2.6.3-cil)
fi
if ! command -v glslangValidator >/dev/null; then
  # It compiles the part of the Unity client's shader that needs no Unity.
  missing+=(glslang-tools)
fi
if ! command -v pg_ctl >/dev/null && ! compgen -G '/usr/lib/postgresql/*/bin/pg_ctl' >/dev/null; then
  # Conversations of several servers are kept in it. The tests start one of their own; the machine gets none.
  missing+=(postgresql)
  as_root mkdir -p /etc/postgresql-common
  echo 'create_main_cluster = false' | as_root tee -a /etc/postgresql-common/createcluster.conf >/dev/null
fi
services=()
for service in pgbouncer nginx haproxy; do
  if ! PATH="$PATH:/usr/sbin" command -v "$service" >/dev/null; then
    services+=("$service")
  fi
done
if [ ${#services[@]} -gt 0 ]; then
  # The tests start their own; the system shall not start any, neither now nor when it starts itself.
  policy=/usr/sbin/policy-rc.d
  if ! [ -e "$policy" ]; then
    printf '#!/bin/sh\nexit 101\n' | as_root tee "$policy" >/dev/null
    as_root chmod +x "$policy"
    trap 'as_root rm -f /usr/sbin/policy-rc.d' EXIT
  fi
fi
if [ ${#missing[@]} -gt 0 ] || [ ${#services[@]} -gt 0 ]; then
  as_root apt-get update -q
  as_root env DEBIAN_FRONTEND=noninteractive apt-get install -y -q --no-install-recommends \
    "${missing[@]}" "${services[@]}"
fi
if [ ${#services[@]} -gt 0 ] && command -v systemctl >/dev/null; then
  as_root systemctl disable "${services[@]}" || true
fi
cd tests
npm ci --ignore-scripts --no-audit --no-fund --loglevel=error
