"""Ways to a server that cut lines, damage bytes, vanish for a while, or lead to another version."""

import asyncio
import contextlib
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AbstractAsyncContextManager, asynccontextmanager, contextmanager
from dataclasses import dataclass
from urllib.parse import urlsplit

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

# The line is cut after so many bytes of each of the first connections: inside of assets.
_CUTS_BYTES = (150_000, 700_000, 333_333)
_UP_S = 1.0
_DOWN_S = 1.5
_COPY_BYTES = 1 << 16
# How the payload of a longer chunk begins: its key, and the mark of a bin with two bytes of length.
_PAYLOAD = b"\xa4data\xc5"
# Behind the length, and well inside.
_DEEP_BYTES = 100


@dataclass(frozen=True, slots=True)
class BadWays:
    """Addresses for a client.

    Args:
        cutting: The first three connections break off in the middle of what the server sends.
        vanishing: The server is there for a second, then for one and a half not at all, then for good.
        other_version: The server speaks another version of the protocol.
        damaging: One byte of an asset is another one when it arrives.
        nowhere: Nothing listens there.
    """

    cutting: str
    vanishing: str
    other_version: str
    damaging: str
    nowhere: str = "ws://127.0.0.1:9/ws"


@contextmanager
def bad_ways(target_url: str) -> Iterator[BadWays]:
    """Open the ways to a server, on a thread of their own."""
    loop = asyncio.new_event_loop()
    thread = threading.Thread(target=loop.run_forever, name="bad ways")
    thread.start()
    ways = _all_ways(urlsplit(target_url).port or 0)
    try:
        yield asyncio.run_coroutine_threadsafe(ways.__aenter__(), loop).result()
    finally:
        asyncio.run_coroutine_threadsafe(ways.__aexit__(None, None, None), loop).result()
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


@asynccontextmanager
async def _all_ways(port: int) -> AsyncIterator[BadWays]:
    cutting = _Relay(port, cuts=list(_CUTS_BYTES))
    vanishing = _Relay(port, cuts=[])
    damaging = _Relay(port, cuts=[], is_damaging=True)
    async with cutting, vanishing, damaging, _serve_other_version() as other:
        watch = asyncio.create_task(_vanish(vanishing), name="vanishing")
        try:
            yield BadWays(
                cutting.url,
                vanishing.url,
                f"ws://127.0.0.1:{other.sockets[0].getsockname()[1]}/ws",
                damaging.url,
            )
        finally:
            watch.cancel()
            await asyncio.gather(watch, return_exceptions=True)


def _serve_other_version() -> AbstractAsyncContextManager[Server]:
    return serve(_refuse_version, "127.0.0.1", 0, subprotocols=[Subprotocol("vrbridge.v1")])


async def _refuse_version(connection: ServerConnection) -> None:
    with contextlib.suppress(ConnectionClosed):
        await connection.recv()
        await connection.close(4526, "versions 7 to 9")


async def _vanish(relay: "_Relay") -> None:
    await relay.first.wait()
    await asyncio.sleep(_UP_S)
    port = relay.port
    await relay.close()
    await asyncio.sleep(_DOWN_S)
    await relay.open(port)


class _Relay:
    """Copies bytes between clients and a server."""

    def __init__(self, target: int, cuts: list[int], *, is_damaging: bool = False) -> None:
        self._target = target
        self._cuts = cuts
        self._is_damaging = is_damaging
        self._server: asyncio.Server | None = None
        self._writers: set[asyncio.StreamWriter] = set()
        self.port = 0
        self.first = asyncio.Event()

    @property
    def url(self) -> str:
        """Where clients connect to."""
        return f"ws://127.0.0.1:{self.port}/ws"

    async def __aenter__(self) -> "_Relay":
        await self.open(0)
        return self

    async def __aexit__(self, *error: object) -> None:
        await self.close()

    async def open(self, port: int) -> None:
        """Listen."""
        self._server = await asyncio.start_server(self._pair, "127.0.0.1", port)
        self.port = self._server.sockets[0].getsockname()[1]

    async def close(self) -> None:
        """Stop listening and break off every connection."""
        assert self._server is not None
        self._server.close()
        for writer in list(self._writers):
            writer.transport.abort()
        await self._server.wait_closed()

    async def _pair(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.first.set()
        cut = self._cuts.pop(0) if self._cuts else None
        server_reader, server_writer = await asyncio.open_connection("127.0.0.1", self._target)
        both = (writer, server_writer)
        self._writers.update(both)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._copy(reader, server_writer, None), name="up")
                tasks.create_task(self._copy(server_reader, writer, cut), name="down")
        except* ConnectionError:
            pass
        finally:
            for end in both:
                end.transport.abort()
                self._writers.discard(end)
                with contextlib.suppress(ConnectionError):
                    await end.wait_closed()

    async def _copy(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, left: int | None
    ) -> None:
        while data := await reader.read(_COPY_BYTES):
            if left is not None:
                data = data[:left]
                left -= len(data)
            writer.write(self._damaged(data) if self._is_damaging else data)
            await writer.drain()
            if left == 0:
                raise ConnectionAbortedError
        raise ConnectionAbortedError

    def _damaged(self, data: bytes) -> bytes:
        """Return bytes of which one is another, if a chunk's payload begins among them; once."""
        start = data.find(_PAYLOAD)
        place = start + len(_PAYLOAD) + _DEEP_BYTES
        if start < 0 or place >= len(data):
            return data
        self._is_damaging = False
        return data[:place] + bytes([data[place] ^ 0xFF]) + data[place + 1 :]
