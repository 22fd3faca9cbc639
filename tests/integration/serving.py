"""A real server in a process of its own."""

import os
import signal
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

PATIENT = {"VRBRIDGE_LIMITS__MAX_BACKLOG_S": "600", "VRBRIDGE_LIMITS__MAX_SESSION_BACKLOG_S": "600"}
"""Settings of a server that learns how slow it is beside other tests, and must not refuse work for that."""

_STOP_S = 30


@dataclass(frozen=True)
class Serving:
    """A running server."""

    url: str
    process: subprocess.Popen[str]

    @property
    def http_url(self) -> str:
        """Base URL of its pages."""
        return self.url.replace("ws://", "http://").removesuffix("/ws")


@contextmanager
def serving(data: Path, *arguments: str, **environment: str) -> Iterator[Serving]:
    """Start `vrbridge serve` on a free port, wait until it is ready, and stop it with SIGTERM at the end."""
    command = [sys.executable, "-m", "vrbridge", "serve", "--port", "0", "--data", str(data), *arguments]
    with (data / "server.log").open("ab") as log:
        process = subprocess.Popen(
            command, stdout=subprocess.PIPE, stderr=log, text=True, env=os.environ | environment
        )
    assert process.stdout is not None
    try:
        line = process.stdout.readline()
        assert line.startswith(("ready ws://", "ready wss://")), (data / "server.log").read_text()[-4000:]
        yield Serving(line.split()[1], process)
    finally:
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        try:
            process.wait(_STOP_S)
        finally:
            process.kill()
            process.stdout.close()


def children(pid: int) -> dict[int, str]:
    """Return pid → command line of the direct children of a process."""
    found = {}
    for entry in Path("/proc").iterdir():
        if not entry.name.isdigit():
            continue
        try:
            parent = int((entry / "stat").read_text().rsplit(")", 1)[1].split()[1])
            command = (entry / "cmdline").read_bytes().replace(b"\0", b" ").decode()
        except (OSError, IndexError):
            continue
        if parent == pid:
            found[int(entry.name)] = command
    return found
