"""A server of one's own for the length of one command."""

import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import urlsplit

from vrbridge.cli.terminal import notes
from vrbridge.client.errors import CannotConnect

DEFAULT_URL = "ws://127.0.0.1:8765/ws"
_KNOCK_S = 0.5
_STOP_S = 30.0


@contextmanager
def some_server(url: str | None) -> Iterator[str]:
    """Hand out the given address, else the usual one if something listens there, else a private server's.

    Raises:
        CannotConnect: If a private server doesn't start.
    """
    if url is not None:
        yield url
    elif is_listening(DEFAULT_URL):
        yield DEFAULT_URL
    else:
        notes.print(
            f"[dim]No server at {DEFAULT_URL}: starting one for this command. "
            "`vrbridge serve` in another terminal answers at once.[/dim]"
        )
        with private_server() as own_url:
            yield own_url


@contextmanager
def private_server(*, log: Path | None = None, data: Path | None = None) -> Iterator[str]:
    """Start `vrbridge serve` on a free port, hand out its address, and stop it at the end.

    Args:
        log: File for its log; None keeps it only as long as the server.
        data: Folder for what it keeps; None: the user's.

    Raises:
        CannotConnect: If it ends before it is ready; the message holds its last line.
    """
    command = [sys.executable, "-m", "vrbridge", "serve", "--host", "127.0.0.1", "--port", "0"]
    command += ["--data", str(data)] if data is not None else []
    with tempfile.TemporaryDirectory(prefix="vrbridge-") as folder:
        log_path = log if log is not None else Path(folder) / "server.log"
        with (
            log_path.open("wb") as log_file,
            subprocess.Popen(command, stdout=subprocess.PIPE, stderr=log_file, text=True) as process,
        ):
            try:
                yield _ready_url(process, log_path)
            finally:
                _stop(process)


def is_listening(url: str) -> bool:
    """Return whether anything accepts connections at a WebSocket address."""
    parts = urlsplit(url)
    try:
        with socket.create_connection((parts.hostname, parts.port), timeout=_KNOCK_S):
            return True
    except OSError:
        return False


def _ready_url(process: subprocess.Popen[str], log: Path) -> str:
    assert process.stdout is not None
    with notes.status("Starting a server …"):
        line = process.stdout.readline()
    if not line.startswith("ready "):
        process.wait(_STOP_S)
        said = log.read_text("utf-8", errors="replace").strip().splitlines()
        raise CannotConnect(f"The server did not start. {said[-1] if said else 'It said nothing.'}")
    return line.split()[1]


def _stop(process: subprocess.Popen[str]) -> None:
    if process.poll() is None:
        process.send_signal(signal.SIGTERM)
    with suppress(subprocess.TimeoutExpired):
        process.wait(_STOP_S)
        return
    process.kill()
