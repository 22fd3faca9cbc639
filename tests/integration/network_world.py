"""A client core and a whole server, joined by connections that deliver, delay and lose as they are told."""

import asyncio
from collections import Counter, deque
from collections.abc import Coroutine
from typing import Any, cast

import msgpack
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosedError

from tests.server.fakes import FakeAssets, FakeKind, FakeMemory
from vrbridge.metrics import Metrics
from vrbridge.server.access import Access
from vrbridge.server.connection import Connection
from vrbridge.server.dispatch import Dispatch
from vrbridge.server.sessions import Sessions
from vrbridge.server.tasks import Tasks
from vrbridge.server.tokens import Tokens
from vrbridge.settings import LimitSettings, ServerSettings

LIMITS = LimitSettings(resume_window_s=120.0, away_grace_s=45.0, max_messages_hz=1e6)
_KERNEL_MESSAGES = 6
"""Messages to a client that the network takes before a send has to wait."""
_MAX_ROUNDS = 500


class SteppedLoop(asyncio.SelectorEventLoop):
    """An event loop whose clock goes on only when it is told to."""

    def __init__(self) -> None:
        self._now = 0.0
        super().__init__()

    def time(self) -> float:
        """Return the seconds that have been let pass."""
        return self._now

    def advance(self, seconds: float) -> None:
        """Let time pass; what is due then happens as soon as the loop runs."""
        self._now += seconds


class _Protocol:
    max_message_size = 0


class FakeSocket:
    """The server's end of one connection; it has what the server uses of the library's.

    Args:
        world: Told whenever something moves.
    """

    def __init__(self, world: "World") -> None:
        self._world = world
        self._arrived: deque[bytes] = deque()
        self._news = asyncio.Event()
        self.down: deque[bytes | asyncio.Future[float]] = deque()
        self.protocol = _Protocol()
        self.transport = self
        self.close_code: int | None = None
        self.limit = 0
        self.n_payload_bytes = 0

    @property
    def is_open(self) -> bool:
        """Whether neither side has ended it."""
        return self.close_code is None

    def feed(self, data: bytes) -> None:
        """Let a message of the client arrive."""
        message = msgpack.unpackb(data)
        if message["type"] == "hello":
            self.limit = message["receive"]["window_bytes"]
        elif message["type"] == "credit":
            self.limit = max(self.limit, message["limit"])
        self._arrived.append(data)
        self._move()

    def take(self) -> bytes | None:
        """Return what arrives at the client next, once it has; markers are answered on the way."""
        while self.down:
            item = self.down.popleft()
            self._move()
            if isinstance(item, bytes):
                return item
            if not item.done():
                item.set_result(0.01)
        return None

    def abort(self) -> None:
        """End it without a word."""
        self._end(1006)

    async def close(self, code: int, reason: str) -> None:
        """Close with a code; what was sent before arrives."""
        self._end(code)

    async def recv(self) -> bytes:
        """Return the next message of the client."""
        while not self._arrived:
            if not self.is_open:
                raise ConnectionClosedError(None, None)
            self._news.clear()
            await self._news.wait()
        self._move()
        return self._arrived.popleft()

    def __aiter__(self) -> "FakeSocket":
        return self

    async def __anext__(self) -> bytes:
        return await self.recv()

    async def send(self, data: bytes) -> None:
        """Send, as soon as the network takes it."""
        message = msgpack.unpackb(data)
        if message["type"] == "chunk":
            self.n_payload_bytes += len(message["data"])
            if self.n_payload_bytes > self.limit:
                self._world.faults.append(f"{self.n_payload_bytes} bytes with credit for {self.limit}")
        await self._put(bytes(data))

    async def ping(self, data: bytes) -> asyncio.Future[float]:
        """Send a marker, and return what tells of its arrival."""
        answer: asyncio.Future[float] = asyncio.get_running_loop().create_future()
        await self._put(answer)
        return answer

    async def _put(self, item: bytes | asyncio.Future[float]) -> None:
        while self.is_open and len(self.down) >= _KERNEL_MESSAGES:
            self._news.clear()
            await self._news.wait()
        if not self.is_open:
            raise ConnectionClosedError(None, None)
        self.down.append(item)
        self._move()

    def _end(self, code: int) -> None:
        if self.is_open:
            self.close_code = code
            self._move()

    def _move(self) -> None:
        self._world.n_moves += 1
        self._news.set()


class Wire:
    """One connection: what is on its way in both directions.

    Args:
        world: Whose server it leads to.
    """

    def __init__(self, world: "World") -> None:
        self.session = ""
        # What it has resumed with, as long as nothing was acknowledged on it.
        self.used_secret: str | None = None
        self.up: deque[bytes] = deque()
        self.socket = FakeSocket(world)
        self.serving = world.serve(self.socket)


class World:
    """A server with scripted kinds, and the connections that it has had."""

    def __init__(self) -> None:
        self.loop = SteppedLoop()
        self.loop.set_exception_handler(lambda loop, context: self.faults.append(repr(context)))
        self.faults: list[str] = []
        self.n_moves = 0
        self.talk, self.make = (FakeKind(name, FakeAssets()) for name in ("dialogue", "mesh"))
        self.make.assets = self.talk.assets
        metrics = Metrics()
        self._metrics = metrics
        self._access = Access(ServerSettings(port=0), Tokens(b"k" * 32))
        self._closings = Tasks(max_tasks=1000)
        self.sessions = Sessions(LIMITS, metrics, self.talk.assets)
        kinds = {"dialogue": self.talk, "mesh": self.make}
        self._dispatch = Dispatch(kinds, FakeMemory(), LIMITS, metrics)
        self._wires: list[Wire] = []

    def connect(self) -> Wire:
        """Open a connection."""
        wire: Wire = self.run(self._open())
        self._wires.append(wire)
        return wire

    def serve(self, socket: FakeSocket) -> asyncio.Task[None]:
        """Have the server talk over a socket."""
        connection = Connection(
            cast(ServerConnection, socket),  # it has what the server uses
            access=self._access,
            sessions=self.sessions,
            dispatch=self._dispatch,
            limits=LIMITS,
            metrics=self._metrics,
            closings=self._closings,
            admit=lambda admitted: None,
        )
        return asyncio.get_running_loop().create_task(connection.run())

    def run(self, work: Coroutine[Any, Any, Any]) -> Any:
        """Return what comes of some work."""
        return self.loop.run_until_complete(work)

    def settle(self) -> None:
        """Let the server do everything that it can do now."""
        for _ in range(_MAX_ROUNDS):
            n_moves = self.n_moves
            self.run(_turns())
            assert not self.faults
            if self.n_moves == n_moves:
                return
        raise AssertionError("the server goes round in circles")

    def pass_time(self, seconds: float) -> None:
        """Let time pass, and happen what is due."""
        self.loop.advance(seconds)
        self.settle()

    def check_runs(self) -> None:
        """Make sure that no id has run twice in its session, and that no connection's task has failed."""
        runs = Counter((asker.session, asker.request_id) for asker in (*self.talk.askers, *self.make.askers))
        assert all(n_runs == 1 for n_runs in runs.values()), "no id runs twice"
        for wire in self._wires:
            if wire.serving.done():
                wire.serving.result()
        assert not self.faults

    def close(self) -> None:
        """End everything."""
        self.run(self._end())
        self.loop.close()

    async def _open(self) -> Wire:
        return Wire(self)

    async def _end(self) -> None:
        for wire in self._wires:
            wire.socket.abort()
        await asyncio.gather(*(wire.serving for wire in self._wires), return_exceptions=True)
        await self.sessions.close()
        await self._closings.close()


async def _turns() -> None:
    for _ in range(8):
        await asyncio.sleep(0)
