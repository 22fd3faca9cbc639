"""A TCP relay on loopback that drops a connection after an exact number of bytes."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Literal

Way = Literal["up", "down"]
"""`up` is from the client to the server."""


@dataclass(frozen=True, slots=True)
class Cut:
    """Where a connection ends: after `n_bytes` that went this way."""

    way: Way
    n_bytes: int


class _End(asyncio.Protocol):
    """One socket of a pair: what arrives here leaves at the other one."""

    def __init__(self, way: Way, cut: Cut | None) -> None:
        self._left = cut.n_bytes if cut is not None and cut.way == way else None
        self._held = b""
        self._is_over = False
        self._other: _End | None = None
        self._transport: asyncio.Transport | None = None
        self.n_bytes = 0
        self.has_cut = False

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = transport  # type: ignore[assignment]  # uvloop's is no subclass of Transport

    def join(self, other: "_End") -> None:
        """Hand on what has arrived so far, and everything that follows."""
        self._other = other
        if self._left == 0:
            self._cut()
            return
        held, self._held = self._held, b""
        if held:
            self._hand_on(held)
        if self._is_over:
            other.finish()

    def data_received(self, data: bytes) -> None:
        if self._other is None:
            self._held += data
        else:
            self._hand_on(data)

    def connection_lost(self, error: Exception | None) -> None:
        self._is_over = True
        if self._other is not None:
            self._other.finish()

    def write(self, data: bytes) -> None:
        assert self._transport is not None
        if not self._transport.is_closing():
            self._transport.write(data)

    def finish(self) -> None:
        """Close once everything has left."""
        if self._transport is not None:
            self._transport.close()

    def abort(self) -> None:
        """Close at once."""
        if self._transport is not None:
            self._transport.abort()

    def _hand_on(self, data: bytes) -> None:
        assert self._other is not None
        if self._left is not None:
            data = data[: self._left]
            self._left -= len(data)
        self.n_bytes += len(data)
        self._other.write(data)
        if self._left == 0:
            self._cut()

    def _cut(self) -> None:
        assert self._other is not None
        if not self.has_cut:
            self.has_cut = True
            self._other.finish()
            self.abort()


class CuttingRelay:
    """Stands between one client and a server.

    Args:
        target: Port of the server.
        cuts: One a connection, in order; later connections are left alone.
    """

    def __init__(self, target: int, cuts: Sequence[Cut | None]) -> None:
        self._target = target
        self._cuts = list(cuts)
        self._pairs: list[tuple[_End, _End]] = []
        self._joining: set[asyncio.Task[None]] = set()
        self.url = ""

    @property
    def n_cut(self) -> int:
        """How many connections have been cut."""
        return sum(down.has_cut or up.has_cut for down, up in self._pairs)

    @property
    def n_bytes(self) -> tuple[Mapping[Way, int], ...]:
        """What went each way on each connection."""
        return tuple({"down": down.n_bytes, "up": up.n_bytes} for down, up in self._pairs)

    def accept(self) -> _End:
        """Return the client's end of a new pair."""
        cut = self._cuts.pop(0) if self._cuts else None
        up, down = _End("up", cut), _End("down", cut)
        self._pairs.append((down, up))
        task = asyncio.get_running_loop().create_task(self._join(up, down), name="relay")
        self._joining.add(task)
        task.add_done_callback(self._joining.discard)
        return up

    async def close(self) -> None:
        """End everything."""
        await asyncio.gather(*self._joining)
        for pair in self._pairs:
            for end in pair:
                end.abort()

    async def _join(self, up: _End, down: _End) -> None:
        await asyncio.get_running_loop().create_connection(lambda: down, "127.0.0.1", self._target)
        up.join(down)
        down.join(up)


@asynccontextmanager
async def cutting_relay(target: int, cuts: Sequence[Cut | None] = ()) -> AsyncIterator[CuttingRelay]:
    """Stand before a port of this machine."""
    relay = CuttingRelay(target, cuts)
    listener = await asyncio.get_running_loop().create_server(relay.accept, "127.0.0.1", 0)
    async with listener:
        relay.url = f"ws://127.0.0.1:{listener.sockets[0].getsockname()[1]}/ws"
        try:
            yield relay
        finally:
            listener.close()
            await relay.close()
