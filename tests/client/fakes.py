"""A server that plays a script over a real socket, for the client's tests."""

import asyncio
import hashlib
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgpack
from websockets.asyncio.server import ServerConnection, serve
from websockets.exceptions import ConnectionClosed
from websockets.typing import Subprotocol

Message = dict[str, Any]
CHUNK_BYTES = 1024


class FakeConnection:
    """One connection as the script sees it.

    Args:
        connection: The socket.
        number: 0 for the first connection of the server.
        received: Every message of the client, across connections.
    """

    def __init__(self, connection: ServerConnection, number: int, received: list[Message]) -> None:
        self._connection = connection
        self._received = received
        self.number = number
        self.seq = 0

    @property
    def all_received(self) -> list[Message]:
        """Every message of the client so far, across connections."""
        return self._received

    async def take(self, type: str) -> Message:
        """Return the client's next message of a type, passing over others."""
        while True:
            message = await self.take_any()
            if message["type"] == type:
                return message

    async def take_any(self) -> Message:
        """Return the client's next message."""
        data = await self._connection.recv()
        assert isinstance(data, bytes)
        message: Message = msgpack.unpackb(data)
        self._received.append(message)
        return message

    async def send(self, type: str, **fields: Any) -> None:
        """Send a message, with the next `seq` if its type has one."""
        message = {"type": type, **fields}
        if type not in {"chunk", "pong", "goaway", "welcome"} and "seq" not in fields:
            self.seq += 1
            message["seq"] = self.seq
        await self.raw(msgpack.packb(message))

    async def raw(self, data: bytes) -> None:
        """Send bytes."""
        await self._connection.send(data)

    async def welcome(
        self, *, is_resumed: bool = False, seq: int = 0, session: str = "s", **limits: Any
    ) -> Message:
        """Take `hello`, answer it, and return it."""
        hello = await self.take("hello")
        self.seq = seq
        await self.send(
            "welcome",
            version=1,
            session=session,
            secret=f"secret-{self.number}",
            resumed=is_resumed,
            capabilities={"texture": {"model": "fake"}},
            limits={"max_message_bytes": 4096, "context_hz": 1000} | limits,
            server={"name": "fake", "version": "0"},
        )
        return hello

    async def asset(self, number: int, request_id: int, role: str, body: bytes, **fields: Any) -> None:
        """Announce an asset."""
        digest = "sha256:" + hashlib.sha256(body).hexdigest()
        header = {"media_type": "image/png", "bytes": len(body), "digest": digest, "meta": {}}
        await self.send("asset", asset=number, id=request_id, role=role, **(header | fields))

    async def chunks(self, number: int, body: bytes, *, start: int = 0, end: int | None = None) -> None:
        """Send part of an asset without looking at credit."""
        stop = len(body) if end is None else end
        for offset in range(start, stop, CHUNK_BYTES):
            await self.send(
                "chunk", asset=number, offset=offset, data=body[offset : min(offset + CHUNK_BYTES, stop)]
            )

    async def done(self, request_id: int, **result: Any) -> None:
        """End a request well."""
        await self.send("done", id=request_id, result=result, timing={"total_ms": 1.0})

    async def drop(self) -> None:
        """Lose the connection without a word, once everything sent has left."""
        # A round trip proves that the client has read what was sent.
        await (await self._connection.ping())
        self._connection.transport.abort()

    def stop_reading(self) -> None:
        """Take nothing off the socket any more."""
        self._connection.transport.pause_reading()

    def abort(self) -> None:
        """Lose the connection without a word, at once."""
        self._connection.transport.abort()

    async def close(self, code: int, reason: str = "") -> None:
        """Close the connection."""
        await self._connection.close(code, reason)

    async def until_closed(self) -> int:
        """Take messages until the client closes; return its code."""
        try:
            while True:
                await self.take_any()
        except ConnectionClosed:
            return self._connection.close_code or 1006


Script = Callable[[FakeConnection], Awaitable[None]]


class FakeServer:
    """A listening script.

    Args:
        scripts: One a connection.
    """

    def __init__(self, *scripts: Script) -> None:
        self._scripts = scripts
        self._n_connections = 0
        self.url = ""
        self.received: list[Message] = []
        self.asked: list[str] = []
        self.failures: list[BaseException] = []
        self.over = asyncio.Event()

    def of(self, type: str) -> list[Message]:
        """Return what the client sent of one type."""
        return [message for message in self.received if message["type"] == type]

    async def handle(self, connection: ServerConnection) -> None:
        """Play the next script on a connection."""
        number = self._n_connections
        self._n_connections += 1
        assert connection.request is not None, "the handshake is over"
        self.asked.append(connection.request.path)
        fake = FakeConnection(connection, number, self.received)
        if number >= len(self._scripts):
            await fake.close(4503, "the script has no further connection")
            return
        try:
            await self._scripts[number](fake)
            if number == len(self._scripts) - 1:
                self.over.set()
                await fake.until_closed()
        except ConnectionClosed:
            pass
        except BaseException as error:
            self.failures.append(error)
            raise


@asynccontextmanager
async def fake_server(*scripts: Script) -> AsyncIterator[FakeServer]:
    """Play scripts, one a connection, on a free port."""
    fake = FakeServer(*scripts)
    async with serve(fake.handle, "127.0.0.1", 0, subprotocols=[Subprotocol("vrbridge.v1")]) as listener:
        port = next(iter(listener.sockets)).getsockname()[1]
        fake.url = f"ws://127.0.0.1:{port}/ws"
        yield fake
    assert not fake.failures, fake.failures
