"""A socket without a WebSocket library: it sends what no library would, and costs next to nothing."""

import asyncio
import struct
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlsplit

CONTINUED: Final = 0x0
TEXT: Final = 0x1
BINARY: Final = 0x2
CLOSE: Final = 0x8
PING: Final = 0x9
PONG: Final = 0xA
FINAL: Final = 0x80
UPGRADE: Final = (
    ("Upgrade", "websocket"),
    ("Connection", "Upgrade"),
    ("Sec-WebSocket-Key", "dGhlIHNhbXBsZSBub25jZQ=="),
    ("Sec-WebSocket-Version", "13"),
)
SUBPROTOCOL: Final = ("Sec-WebSocket-Protocol", "vrbridge.v1")
_MASK: Final = b"\x00\x00\x00\x00"


@dataclass(frozen=True)
class Closed(Exception):
    """The server has closed; 1006: without a close code."""

    code: int


class Bare:
    """One TCP connection to the server."""

    def __init__(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self._reader = reader
        self._writer = writer
        self.n_pongs = 0

    async def write(self, data: bytes) -> None:
        """Send bytes as they are."""
        try:
            self._writer.write(data)
            await self._writer.drain()
        except ConnectionError:
            # Whoever closes early has said why, which is still to be read.
            return

    async def send(self, data: bytes | str) -> None:
        """Send a message."""
        if isinstance(data, str):
            await self.write(frame(TEXT, data.encode()))
        else:
            await self.write(frame(BINARY, data))

    async def status(self) -> int:
        """Return the status of an HTTP answer, past its headers.

        Raises:
            Closed: If there is no answer.
        """
        try:
            head = await self._reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError):
            raise Closed(1006) from None
        return int(head.split(b" ", 2)[1])

    async def receive(self) -> bytes:
        """Return the next message; pings of the server are answered.

        Raises:
            Closed: With the code, once the server closes.
        """
        while True:
            opcode, data = await self._frame()
            if opcode == BINARY:
                return data

    async def receive_pong(self) -> bytes:
        """Return what the next pong holds; see `receive`."""
        while True:
            opcode, data = await self._frame()
            if opcode == PONG:
                return data

    async def _frame(self) -> tuple[int, bytes]:
        try:
            first, length = await self._reader.readexactly(2)
            if length >= 126:
                length = int.from_bytes(await self._reader.readexactly(2 if length == 126 else 8), "big")
            opcode, data = first & 0x0F, await self._reader.readexactly(length)
        except (asyncio.IncompleteReadError, ConnectionError):
            raise Closed(1006) from None
        if opcode == CLOSE:
            raise Closed(int.from_bytes(data[:2], "big") if data else 1005)
        if opcode == PING:
            self.n_pongs += 1
            await self.write(frame(PONG, data))
        return opcode, data


def frame(opcode: int, data: bytes, *, first: int = FINAL, is_masked: bool = True) -> bytes:
    """Return a WebSocket frame; `first` holds the other bits of its first byte."""
    bit = 0x80 if is_masked else 0
    if len(data) < 126:
        head = struct.pack(">BB", first | opcode, bit | len(data))
    elif len(data) < 1 << 16:
        head = struct.pack(">BBH", first | opcode, bit | 126, len(data))
    else:
        head = struct.pack(">BBQ", first | opcode, bit | 127, len(data))
    return head + (_MASK if is_masked else b"") + data


def request(
    url: str,
    headers: Sequence[tuple[str, str]],
    *,
    method: str = "GET",
    path: str = "/ws",
    version: str = "HTTP/1.1",
    host: str | None = "",
) -> bytes:
    """Return an HTTP request; `host` None leaves the header out, an empty one is the right one."""
    lines = [f"{method} {path} {version}"]
    if host is not None:
        lines.append(f"Host: {host or urlsplit(url).netloc}")
    lines += [f"{name}: {value}" for name, value in headers]
    return "\r\n".join((*lines, "", "")).encode("latin-1")


@asynccontextmanager
async def connected(url: str) -> AsyncIterator[Bare]:
    """Hand out a TCP connection; what it has not read by the end is thrown away."""
    parts = urlsplit(url)
    reader, writer = await asyncio.open_connection(parts.hostname, parts.port)
    try:
        yield Bare(reader, writer)
    finally:
        writer.transport.abort()


@asynccontextmanager
async def upgraded(url: str) -> AsyncIterator[Bare]:
    """Hand out a connection after the WebSocket handshake."""
    async with connected(url) as bare:
        await bare.write(request(url, (*UPGRADE, SUBPROTOCOL)))
        assert await bare.status() == 101
        yield bare
