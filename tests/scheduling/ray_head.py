"""A Ray cluster of this machine, as `ray start` makes it."""

import contextlib
import os
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

_START_S = 100
_N_STARTS = 3
_LOG = "start.log"


def environment() -> dict[str, str]:
    """Return variables for everybody who belongs to the cluster."""
    return {
        "RAY_AUTH_MODE": "token",
        "RAY_AUTH_TOKEN": secrets.token_hex(16),
        "RAY_USAGE_STATS_ENABLED": "0",
        "PYTHONPATH": os.pathsep.join(path for path in sys.path if path),
    }


@contextmanager
def head(variables: Mapping[str, str], *, port: int | None = None) -> Iterator[str]:
    """Start a cluster, hand out its address, and end it.

    Args:
        variables: Of `environment`.
        port: None: any free one.
    """
    port = port or _free_port()
    command = [sys.executable, "-m", "ray.scripts.scripts", "start", "--head", "--block"]
    options = ["--node-ip-address=127.0.0.1", f"--port={port}", "--num-cpus=4"]
    options += ["--include-dashboard=false", "--object-store-memory=200000000"]
    with _running([*command, *options], variables):
        yield f"127.0.0.1:{port}"


@contextmanager
def workers(variables: Mapping[str, str]) -> Iterator[str]:
    """Start a cluster by `vrbridge workers`, hand out its address, and end it."""
    port = _free_port()
    command = [sys.executable, "-m", "vrbridge", "workers", "--host", "127.0.0.1", "--port", str(port)]
    with _running([*command, "--cpus", "4"], variables):
        yield f"127.0.0.1:{port}"


@contextmanager
def _running(command: Sequence[str], variables: Mapping[str, str]) -> Iterator[None]:
    # Short, since the names of sockets are made of it.
    folder = Path(tempfile.mkdtemp(prefix="ray-", dir="/tmp"))
    process = _started(command, variables, folder)
    try:
        # Ray gives its own start half a minute, which a busy machine may not manage.
        for _ in range(_N_STARTS - 1):
            if _has_come_up(process, folder):
                break
            _end(process, folder)
            process = _started(command, variables, folder)
        else:
            assert _has_come_up(process, folder), (folder / _LOG).read_text()[-4000:]
        yield
    finally:
        _end(process, folder)
        shutil.rmtree(folder, ignore_errors=True)


def _started(command: Sequence[str], variables: Mapping[str, str], folder: Path) -> subprocess.Popen[bytes]:
    with (folder / _LOG).open("wb") as log:
        return subprocess.Popen(
            command,
            stdout=log,
            stderr=log,
            stdin=subprocess.DEVNULL,
            env=os.environ | variables | {"RAY_TMPDIR": str(folder)},
            start_new_session=True,
        )


def _has_come_up(process: subprocess.Popen[bytes], folder: Path) -> bool:
    """Return whether the cluster runs, as soon as that is known."""
    for _ in range(_START_S * 10):
        if "Ray runtime started" in (folder / _LOG).read_text():
            return True
        with contextlib.suppress(subprocess.TimeoutExpired):
            process.wait(0.1)
            return False
    return False


def _end(process: subprocess.Popen[bytes], folder: Path) -> None:
    """End the head and all that belong to its folder: Ray's processes lead groups of their own."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    for entry in Path("/proc").iterdir():
        if entry.name.isdigit():
            with contextlib.suppress(OSError):
                if str(folder).encode() in (entry / "cmdline").read_bytes():
                    os.kill(int(entry.name), signal.SIGKILL)


def _free_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        port: int = server.getsockname()[1]
        return port
