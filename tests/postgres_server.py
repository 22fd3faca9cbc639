"""A real PostgreSQL of one's own, that can be stopped, frozen and started again."""

import os
import pwd
import shutil
import signal
import subprocess
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import urlencode

import psycopg
import pytest

from tests.integration.serving import children

USER = "vrbridge"
PASSWORD = "p@ss/wo:rd?%"
"""With everything that has to be escaped in an address."""
_ESCAPED = "p%40ss%2Fwo%3Ard%3F%25"
_PATIENCE_S = 120


class PostgresServer:
    """A cluster in a folder; nothing but its socket there leads to it.

    Args:
        folder: With a short path, since sockets take no long one.
        programs: Folder of `initdb` and `pg_ctl`.
    """

    def __init__(self, folder: Path, programs: Path) -> None:
        self._folder = folder
        self._programs = programs
        self._data = folder / "data"
        self.account = _account()
        """Who runs it; None: whoever we are."""
        if self.account:
            shutil.chown(folder, self.account)

    def make(self) -> None:
        """Make the cluster, with one user who needs a password."""
        secret = self._folder / "password"
        secret.write_text(PASSWORD)
        options = ["-U", USER, f"--pwfile={secret}", "-A", "scram-sha-256", "-E", "UTF8", "--locale=C", "-N"]
        self._run("initdb", "-D", str(self._data), *options)

    def start(self) -> None:
        """Start, and wait until it takes connections."""
        options = f"-c listen_addresses='' -k {self._folder} -c shared_buffers=16MB -c max_connections=60"
        log = str(self._folder / "log")
        self._run("pg_ctl", "-D", str(self._data), "-o", options, "-l", log, "-w", "start")

    def stop(self, how: str = "fast") -> None:
        """Stop; `immediate` does it as a crash would."""
        self._run("pg_ctl", "-D", str(self._data), "-m", how, "-w", "stop")

    @property
    def is_running(self) -> bool:
        """Whether it has been started and not stopped."""
        return (self._data / "postmaster.pid").exists()

    @contextmanager
    def frozen(self) -> Iterator[None]:
        """Have it say nothing at all, while its socket stays."""
        pid = int((self._data / "postmaster.pid").read_text().split()[0])
        # The first goes first: it would start others.
        pids = [pid, *children(pid)]
        for each in pids:
            os.kill(each, signal.SIGSTOP)
        try:
            yield
        finally:
            for each in pids:
                os.kill(each, signal.SIGCONT)

    def url(self, database: str, *, user: str = USER, password: str = _ESCAPED) -> str:
        """Return the address of a database."""
        return f"postgresql://{user}:{password}@/{database}?{urlencode({'host': str(self._folder)})}"

    @property
    def folder(self) -> Path:
        """Where its socket is."""
        return self._folder

    def connect(self, database: str = "postgres") -> psycopg.Connection[tuple[object, ...]]:
        """Return a connection for tests that look behind the curtain; each statement is done at once."""
        return psycopg.connect(self.url(database), autocommit=True)

    @contextmanager
    def database(self, name: str, options: str = "") -> Iterator[str]:
        """Make a database, yield its address, and drop it with whatever is still connected."""
        with self.connect() as connection:
            connection.execute(f"CREATE DATABASE {name} {options}".encode())
        try:
            yield self.url(name)
        finally:
            if not self.is_running:
                self.start()
            with self.connect() as connection:
                connection.execute(f"DROP DATABASE {name} WITH (FORCE)".encode())

    def _run(self, program: str, *arguments: str) -> None:
        ended = subprocess.run(
            [self._programs / program, *arguments],
            # What it starts keeps these open, so that a pipe would never end.
            stdin=subprocess.DEVNULL,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            user=self.account,
            extra_groups=[] if self.account else None,
            cwd=self._folder,
            timeout=_PATIENCE_S,
            check=False,
        )
        log = self._folder / "log"
        assert ended.returncode == 0, (program, log.read_text()[-4000:] if log.exists() else "")


@contextmanager
def postgres_server() -> Iterator[PostgresServer]:
    """Make a cluster, start it, and stop and remove it at the end; skips the test where there is none."""
    programs = _programs()
    if programs is None:
        pytest.skip("PostgreSQL is not installed; `make test` does that")
    with tempfile.TemporaryDirectory(prefix="vrbridge-pg-", ignore_cleanup_errors=True) as folder:
        server = PostgresServer(Path(folder), programs)
        server.make()
        server.start()
        try:
            yield server
        finally:
            if server.is_running:
                server.stop("immediate")


def _programs() -> Path | None:
    """Return the folder of the newest server there is."""
    if found := shutil.which("pg_ctl"):
        return Path(found).resolve().parent
    versions = sorted(
        Path("/usr/lib/postgresql").glob("*/bin/pg_ctl"), key=lambda p: float(p.parent.parent.name)
    )
    return versions[-1].parent if versions else None


def _account() -> str | None:
    """Return who runs it; None: whoever we are. It refuses to run as root."""
    if os.geteuid() != 0:
        return None
    try:
        return pwd.getpwnam("postgres").pw_name
    except KeyError:
        return "nobody"
