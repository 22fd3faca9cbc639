"""nginx and HAProxy as the bundled examples set them up, in front of servers on this machine."""

import asyncio
import os
import re
import shutil
import socket
import time
from asyncio.subprocess import DEVNULL, Process
from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from vrbridge.settings import assets_dir

EXAMPLES = assets_dir() / "gateways"
_WITHIN_S = 60.0
_LOOK_S = 0.02
_N_ATTEMPTS = 5
_ADDRESS = "127.0.0.1:{}"
# Ports of the servers, the proxy and its TLS in the examples.
_SERVERS, _PLAIN, _TLS = (8765, 8766), 8080, 8443
_NGINX = """\
daemon off;
worker_processes 2;
{user}
pid {folder}/pid;
error_log {folder}/log;
events {{ worker_connections 1024; }}
http {{
    access_log off;
    {temporary}
    include {folder}/example;
}}
"""
_TEMPORARY = ("client_body", "proxy", "fastcgi", "uwsgi", "scgi")
_NGINX_TLS = re.compile(r"^(\s*)# (listen 8443|ssl_certificate)", re.MULTILINE)
_HAPROXY_TLS = re.compile(r"^(\s*)# (bind :8443)", re.MULTILINE)


@dataclass(frozen=True)
class Pem:
    """Files of a certificate: it, its key, and both in one."""

    certificate: Path
    key: Path
    both: Path


@dataclass
class Proxy:
    """One that runs.

    Args:
        command: Starts it in the foreground.
        folder: For its settings and its log.
        port: Where it listens.
        tls_port: Where it listens for TLS.
    """

    command: Sequence[str]
    folder: Path
    port: int
    tls_port: int
    _process: Process | None = field(default=None, init=False)

    @property
    def url(self) -> str:
        """Where scenes connect."""
        return f"ws://127.0.0.1:{self.port}/ws"

    @property
    def http_url(self) -> str:
        """Where pages are."""
        return f"http://127.0.0.1:{self.port}"

    async def start(self) -> bool:
        """Start it and wait until it passes something on; false if it did not start."""
        with (self.folder / "said").open("ab") as said:
            self._process = await asyncio.create_subprocess_exec(
                *self.command, stdin=DEVNULL, stdout=said, stderr=said
            )
        ends_at = time.monotonic() + _WITHIN_S
        async with httpx.AsyncClient(trust_env=False, timeout=_WITHIN_S) as http:
            while self._process.returncode is None and time.monotonic() < ends_at:
                try:
                    if (await http.get(f"{self.http_url}/healthz")).status_code == httpx.codes.OK:
                        return True
                except httpx.TransportError:
                    pass
                await asyncio.sleep(_LOOK_S)
        return False

    async def stop(self) -> None:
        """End it at once, with every connection that it carries."""
        process = self._process
        if process is None or process.returncode is not None:
            return
        process.terminate()
        try:
            async with asyncio.timeout(_WITHIN_S):
                await process.wait()
        except TimeoutError:
            process.kill()
            await process.wait()

    def said(self) -> str:
        """Return what it complained of."""
        texts = [
            file.read_text(errors="replace")
            for file in (self.folder / "said", self.folder / "log")
            if file.exists()
        ]
        return "".join(texts)[-4000:]


@asynccontextmanager
async def proxy(
    kind: str, folder: Path, servers: Sequence[int], pem: Pem | None = None
) -> AsyncIterator[Proxy]:
    """Start `nginx` or `haproxy` in front of servers of this machine, given by their ports.

    Args:
        kind: Which of both.
        folder: For its files.
        servers: Ports of those named a and b; `haproxy` takes more, named c and so on.
        pem: For what the examples say about TLS. None: that stays a comment.
    """
    await asyncio.to_thread(folder.mkdir)
    for _ in range(_N_ATTEMPTS):
        plain, tls = _free_ports(2)
        ports = dict(enumerate(servers, _SERVERS[0])) | {_PLAIN: plain, _TLS: tls}
        running = Proxy(_WRITERS[kind](folder, ports, pem), folder, plain, tls)
        try:
            if await running.start():
                yield running
                return
        finally:
            await running.stop()
        # Somebody else was faster on one of the ports.
    raise AssertionError(f"{kind} did not start: {running.said()}")


def _nginx(folder: Path, ports: Mapping[int, int], pem: Pem | None) -> list[str]:
    text = _with_ports((EXAMPLES / "nginx.conf").read_text(), ports, "listen {}")
    if pem is not None:
        text = _NGINX_TLS.sub(r"\1\2", text).replace("8443", str(ports[_TLS]))
        text = text.replace("/etc/nginx/play.pem", str(pem.certificate))
        text = text.replace("/etc/nginx/play.key", str(pem.key))
    (folder / "example").write_text(text)
    temporary = " ".join(f"{name}_temp_path {folder}/{name};" for name in _TEMPORARY)
    # What it would otherwise become can't write into the folder.
    user = "user root;" if os.geteuid() == 0 else ""
    settings = _NGINX.format(user=user, folder=folder, temporary=temporary)
    (folder / "nginx.conf").write_text(settings)
    return [_program("nginx"), "-p", str(folder), "-c", str(folder / "nginx.conf"), "-e", str(folder / "log")]


def _haproxy(folder: Path, ports: Mapping[int, int], pem: Pem | None) -> list[str]:
    text = _with_ports(_with_more((EXAMPLES / "haproxy.cfg").read_text(), ports), ports, "bind :{}")
    if pem is not None:
        text = _HAPROXY_TLS.sub(r"\1\2", text).replace("8443", str(ports[_TLS]))
        text = text.replace("/etc/haproxy/play.pem", str(pem.both))
    (folder / "example").write_text(text)
    return [_program("haproxy"), "-db", "-f", str(folder / "example")]


def _with_more(text: str, ports: Mapping[int, int]) -> str:
    """Return HAProxy's example with a line for each further server, and retries as it says for so many."""
    more = [port for port in ports if port > _SERVERS[-1] and port not in (_PLAIN, _TLS)]
    lines = "".join(
        f"    server {name} {_ADDRESS.format(ports[port])} check\n"
        for name, port in zip("cdefg", more, strict=False)
    )
    last = f"    server b {_ADDRESS.format(_SERVERS[-1])} check\n"
    assert text.count("    retries 1\n") == 1
    if more:
        text = text.replace("    retries 1\n", f"    retries {4 * (len(_SERVERS) + len(more))}\n")
    return text.replace(last, last + lines)


_WRITERS: Mapping[str, Callable[[Path, Mapping[int, int], Pem | None], list[str]]] = {
    "nginx": _nginx,
    "haproxy": _haproxy,
}


def _with_ports(text: str, ports: Mapping[int, int], listens: str) -> str:
    """Return an example with other ports, and on loopback only.

    Args:
        text: The example.
        ports: Of the example → to be used instead.
        listens: How the example says where it listens, with `{}` for the port.
    """
    for port in _SERVERS:
        assert _ADDRESS.format(port) in text
        text = text.replace(_ADDRESS.format(port), _ADDRESS.format(ports[port]))
    assert text.count(listens.format(_PLAIN)) == 1
    keyword = listens.split()[0]
    return text.replace(listens.format(_PLAIN), f"{keyword} {_ADDRESS.format(ports[_PLAIN])}")


def _program(name: str) -> str:
    found = shutil.which(name) or shutil.which(name, path="/usr/sbin:/usr/local/sbin")
    assert found is not None, f"{name} is missing; `make test` installs it"
    return found


def _free_ports(n_ports: int) -> list[int]:
    sockets = [socket.create_server(("127.0.0.1", 0)) for _ in range(n_ports)]
    try:
        return [one.getsockname()[1] for one in sockets]
    finally:
        for one in sockets:
            one.close()
