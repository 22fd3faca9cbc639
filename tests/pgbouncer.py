"""A real PgBouncer before a real PostgreSQL, which gives connections out for one transaction at a time."""

import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from urllib.parse import urlencode

import psycopg
import pytest

from tests.postgres_server import PASSWORD, USER, PostgresServer

_PATIENCE_S = 60
_PROGRAM = "/usr/sbin/pgbouncer"


@contextmanager
def pgbouncer(server: PostgresServer, database_url: str, *, n_connections: int) -> Iterator[str]:
    """Start it, yield the address of a database behind it, and stop it; skips the test without it."""
    program = shutil.which("pgbouncer") or shutil.which(_PROGRAM)
    if program is None:
        pytest.skip("PgBouncer is not installed; `make test` does that")
    with TemporaryDirectory(prefix="vrbridge-pb-", ignore_cleanup_errors=True) as name:
        folder = Path(name)
        database = psycopg.conninfo.conninfo_to_dict(database_url)["dbname"]
        settings = folder / "pgbouncer.ini"
        settings.write_text(
            f"[databases]\n{database} = host={server.folder} dbname={database}\n"
            f"[pgbouncer]\nlisten_addr =\nunix_socket_dir = {folder}\nauth_type = scram-sha-256\n"
            f"auth_file = {folder / 'users'}\npool_mode = transaction\ndefault_pool_size = {n_connections}\n"
        )
        (folder / "users").write_text(f'"{USER}" "{PASSWORD}"\n')
        if server.account:
            for path in (folder, *folder.iterdir()):
                shutil.chown(path, server.account)
        with (folder / "log").open("wb") as log:
            process = subprocess.Popen(
                [program, str(settings)],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                user=server.account,
                extra_groups=[] if server.account else None,
            )
        try:
            _wait_for(folder / ".s.PGSQL.6432", process, folder / "log")
            query = urlencode({"host": str(folder), "port": 6432})
            yield f"{database_url.partition('?')[0]}?{query}"
        finally:
            process.terminate()
            process.wait(_PATIENCE_S)


def _wait_for(path: Path, process: subprocess.Popen[bytes], log: Path) -> None:
    """Wait until somebody listens there."""
    give_up = time.monotonic() + _PATIENCE_S
    while time.monotonic() < give_up and process.poll() is None:
        with closing(socket.socket(socket.AF_UNIX)) as probe:
            if probe.connect_ex(str(path)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(log.read_text()[-4000:])
