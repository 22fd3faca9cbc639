"""A TCP relay on loopback that spoils what passes: late, slow, cut, lost, half-closed, or not read."""

import asyncio
import contextlib
import socket
import struct
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from random import Random

_READ_BYTES = 16_384
_BUFFER_BYTES = 65_536
"""What the kernel and the relay may hold in each direction: little, so that a stall is felt soon."""
_BACKLOG = 4096
"""A storm of connections must break on the server, not on the relay."""
_TURNS_A_SECOND = 50
_RESET = struct.pack("ii", 1, 0)


class Direction:
    """What happens to everything that goes one way, now and on later connections."""

    def __init__(self) -> None:
        self.delay_s = 0.0
        self.jitter_s = 0.0
        self.bytes_per_s: float | None = None
        self.swallows = False
        self._last_words: bytes | None = None
        self._is_read = asyncio.Event()
        self._is_read.set()

    @property
    def is_stalled(self) -> bool:
        """Whether the relay reads nothing, so that the sender's buffers fill."""
        return not self._is_read.is_set()

    def stall(self) -> None:
        """Stop reading."""
        self._is_read.clear()

    def swallow(self, *, after: bytes | None = None) -> None:
        """Read everything and hand nothing over, at once or after these bytes: nothing but a cut helps."""
        self.swallows = after is None
        self._last_words = after

    def passing(self, data: bytes) -> bytes:
        """Return what of these bytes is handed over."""
        if self.swallows:
            return b""
        if self._last_words is None or self._last_words not in data:
            return data
        self.swallows = True
        return data[: data.index(self._last_words) + len(self._last_words)]

    def heal(self) -> None:
        """Spoil nothing any more."""
        self.delay_s = self.jitter_s = 0.0
        self.bytes_per_s = None
        self.swallows = False
        self._last_words = None
        self._is_read.set()

    async def read(self, reader: asyncio.StreamReader) -> bytes:
        """Return the next bytes, as many as the rate allows in one turn; empty at the end."""
        await self._is_read.wait()
        if self.bytes_per_s is None:
            return await reader.read(_READ_BYTES)
        return await reader.read(max(1, min(_READ_BYTES, int(self.bytes_per_s / _TURNS_A_SECOND))))

    async def hold(self, n_bytes: int, *, arrived: float, random: Random) -> None:
        """Return once bytes that arrived then may go on."""
        if self.bytes_per_s is not None:
            await asyncio.sleep(n_bytes / self.bytes_per_s)
        if self.delay_s or self.jitter_s:
            due = arrived + self.delay_s + self.jitter_s * random.random()
            await asyncio.sleep(max(0.0, due - time.monotonic()))


class _Pair:
    def __init__(self, writers: tuple[asyncio.StreamWriter, asyncio.StreamWriter]) -> None:
        self.client, self.server = writers
        self.is_half_closed = False

    def cut(self, *, is_reset: bool) -> None:
        for writer in (self.client, self.server):
            endpoint: socket.socket | None = writer.get_extra_info("socket")
            if is_reset and endpoint is not None:
                # An end that is gone already has no descriptor, which uvloop calls a wrong value.
                with contextlib.suppress(OSError, ValueError):
                    endpoint.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, _RESET)
            writer.transport.abort()


class Relay:
    """Stands between clients and one server.

    Args:
        target: Port of the server; may be changed for later connections.
        random: Draws the jitter.
    """

    def __init__(self, target: int, *, random: Random) -> None:
        self.target = target
        self.up = Direction()
        self.down = Direction()
        self.arrivals: list[float] = []
        self._random = random
        self._port = 0
        self._server: asyncio.Server | None = None
        self._pairs: set[_Pair] = set()
        self._tasks: set[asyncio.Task[None]] = set()

    @property
    def url(self) -> str:
        """Where clients connect."""
        return f"ws://127.0.0.1:{self._port}/ws"

    @property
    def n_open(self) -> int:
        """Connections that pass through now."""
        return len(self._pairs)

    async def listen(self) -> None:
        """Take connections, on the same port each time."""
        endpoint = socket.create_server(("127.0.0.1", self._port))
        self._port = endpoint.getsockname()[1]
        self._server = await asyncio.start_server(
            self._accept, sock=endpoint, limit=_BUFFER_BYTES, backlog=_BACKLOG
        )

    def deafen(self) -> None:
        """Take no more connections; those that come are refused by the kernel."""
        if self._server is not None:
            self._server.close()
            self._server = None

    def heal(self) -> None:
        """Spoil nothing any more; what was swallowed is missed on its connection, which is cut."""
        if self.up.swallows or self.down.swallows:
            self.cut()
        self.up.heal()
        self.down.heal()

    def strand(self) -> None:
        """Let nothing pass on the present connections, without a word to either side; later ones work."""
        self.up.stall()
        self.down.stall()
        self.up, self.down = Direction(), Direction()

    def cut(self, *, is_reset: bool = False) -> None:
        """End all connections on both sides, without a word of WebSocket."""
        for pair in tuple(self._pairs):
            pair.cut(is_reset=is_reset)

    def half_close(self, *, toward_client: bool) -> None:
        """Say towards one side that nothing more comes; the other direction goes on."""
        for pair in self._pairs:
            writer = pair.client if toward_client else pair.server
            with contextlib.suppress(OSError, RuntimeError):
                writer.write_eof()
                pair.is_half_closed = True

    async def close(self) -> None:
        """End everything."""
        self.deafen()
        self.cut()
        tasks = tuple(self._tasks)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)

    async def _accept(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        self.arrivals.append(time.monotonic())
        task = asyncio.current_task()
        assert task is not None, "a callback that is a coroutine runs in a task"
        self._tasks.add(task)
        try:
            await self._carry(reader, writer)
        except (OSError, asyncio.CancelledError):
            writer.transport.abort()
        finally:
            self._tasks.discard(task)

    async def _carry(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        up_reader, up_writer = await asyncio.open_connection("127.0.0.1", self.target, limit=_BUFFER_BYTES)
        pair = _Pair((writer, up_writer))
        self._pairs.add(pair)
        try:
            async with asyncio.TaskGroup() as tasks:
                tasks.create_task(self._pump(reader, up_writer, self.up))
                tasks.create_task(self._pump(up_reader, writer, self.down))
        except* (OSError, RuntimeError):
            pass
        finally:
            self._pairs.discard(pair)
            pair.cut(is_reset=False)

    async def _pump(
        self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter, direction: Direction
    ) -> None:
        waiting: asyncio.Queue[tuple[float, bytes]] = asyncio.Queue(maxsize=8)

        async def take() -> None:
            data = b"-"
            while data:
                data = await direction.read(reader)
                await waiting.put((time.monotonic(), data))

        async def hand_over() -> None:
            while True:
                arrived, data = await waiting.get()
                if not data:
                    break
                await direction.hold(len(data), arrived=arrived, random=self._random)
                if passing := direction.passing(data):
                    writer.write(passing)
                    await writer.drain()
            if not direction.swallows:
                writer.write_eof()

        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(take())
            tasks.create_task(hand_over())


@asynccontextmanager
async def relay(target: int, *, seed: int = 0) -> AsyncIterator[Relay]:
    """Stand before a port of this machine."""
    opened = Relay(target, random=Random(seed))
    await opened.listen()
    try:
        yield opened
    finally:
        await opened.close()
