"""Where server and client run: at the ends of a link, made for one measurement and removed after it."""

import dataclasses
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

from tests.bench.head_of_line.link import DEVICE
from tests.bench.head_of_line.wire import Path

_SERVER_HOST, _CLIENT_HOST = "10.77.0.1", "10.77.0.2"
_NETWORK = "10.77.0.0/30"
_STOP_S = 10


@dataclass
class Network:
    """Where server and client run.

    Args:
        host: Address of the server.
        server: What a command of the server begins with.
        client: What a command of the client begins with.
        relay: What a relay between them is told; empty: there is none.
        figures: What the link has counted, once it is gone.
    """

    host: str
    server: Sequence[str] = ()
    client: Sequence[str] = ()
    relay: dict[str, Any] = field(default_factory=dict)
    figures: dict[str, Any] = field(default_factory=dict)

    @contextmanager
    def reach(self, port: int) -> Iterator[str]:
        """Return the URL under which the client finds a server that listens on a port."""
        if not self.relay:
            yield f"ws://{self.host}:{port}/ws"
            return
        command = python("relay", self.relay | {"port": port})
        with subprocess.Popen(command, stdout=subprocess.PIPE, text=True) as process:
            assert process.stdout is not None
            try:
                yield f"ws://{self.host}:{int(process.stdout.readline())}/ws"
            finally:
                process.kill()


@contextmanager
def loopback() -> Iterator[Network]:
    """Server and client on one machine."""
    yield Network("127.0.0.1")


@contextmanager
def relayed(path: Path, *, seed: int) -> Iterator[Network]:
    """Server and client on one machine, with a relay between them that is as slow as a link."""
    yield Network("127.0.0.1", relay={"path": dataclasses.asdict(path), "seed": seed})


@contextmanager
def linked(path: Path, *, congestion: str, seed: int) -> Iterator[Network]:
    """Server and client at the ends of a link.

    Args:
        path: What the link is like.
        congestion: TCP's congestion control at both ends.
        seed: Of the jitter.

    Raises:
        CalledProcessError: If namespaces are not permitted.
    """
    names = [f"vrbridge-{os.getpid()}-{end}" for end in ("server", "client")]
    network = Network(_SERVER_HOST, ("ip", "netns", "exec", names[0]), ("ip", "netns", "exec", names[1]))
    made: list[str] = []
    try:
        for name in names:
            _ip("netns", "add", name)
            made.append(name)
        with _link(names, path, seed=seed) as link:
            for name, host in zip(names, (_SERVER_HOST, _CLIENT_HOST), strict=True):
                _set_up(name, host, congestion)
            yield network
            link.terminate()
            assert link.stdout is not None
            network.figures |= json.loads(link.stdout.readline())
    finally:
        for name in made:
            _ip("netns", "delete", name)


def is_permitted() -> bool:
    """Whether this user may make namespaces and devices here."""
    name = f"vrbridge-{os.getpid()}-probe"
    if subprocess.run(["ip", "netns", "add", name], capture_output=True).returncode != 0:
        return False
    command = ["ip", "-n", name, "tuntap", "add", "dev", DEVICE, "mode", "tun"]
    try:
        return subprocess.run(command, capture_output=True).returncode == 0
    finally:
        _ip("netns", "delete", name)


@contextmanager
def _link(names: Sequence[str], path: Path, *, seed: int) -> Iterator[subprocess.Popen[str]]:
    given = {"namespaces": names, "path": dataclasses.asdict(path), "seed": seed}
    with subprocess.Popen(python("link", given), stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        try:
            if process.stdout.readline() != "ready\n":
                raise RuntimeError("the link did not start; what it printed says why")
            yield process
            process.wait(_STOP_S)
        finally:
            process.kill()


def _set_up(name: str, host: str, congestion: str) -> None:
    _ip("netns", "exec", name, "sysctl", "-qw", "net.ipv6.conf.all.disable_ipv6=1")
    _ip("-n", name, "link", "set", "dev", "lo", "up")
    _ip("-n", name, "address", "add", f"{host}/32", "dev", DEVICE)
    # Its own queue must never be what drops: the link's is the one that is described.
    _ip("-n", name, "link", "set", "dev", DEVICE, "txqueuelen", "10000", "up")
    # By route, since the namespace's default may only be set to what the machine allows everybody.
    _ip("-n", name, "route", "add", _NETWORK, "dev", DEVICE, "congctl", congestion)


def python(module: str, given: dict[str, Any]) -> list[str]:
    """Return the command of one of this package's processes."""
    return [sys.executable, "-m", f"tests.bench.head_of_line.{module}", json.dumps(given)]


def _ip(*arguments: str) -> None:
    subprocess.run(["ip", *arguments], check=True)
