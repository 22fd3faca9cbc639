"""A scene that speaks the raw wire: no code of the product between the test and the socket."""

import asyncio
import hashlib
from collections import defaultdict
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from typing import Any

import msgpack
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import ConnectionClosed

Message = dict[str, Any]
_PATIENCE_S = 60


class RawScene:
    """One connection that grants credit and acknowledges as messages arrive."""

    def __init__(
        self, connection: ClientConnection, *, grants: bool = True, acknowledges: bool = True
    ) -> None:
        self._connection = connection
        self._grants = grants
        self._acknowledges = acknowledges
        self._arrived = asyncio.Condition()
        self.messages: list[Message] = []
        self.welcome: Message = {}
        self.received = 0
        self.bytes_taken = 0
        self.bodies: dict[int, bytearray] = defaultdict(bytearray)
        self.close_code: int | None = None
        self.close_reason: str | None = None

    async def hello(self, **fields: Any) -> Message:
        """Send `hello` with the given fields over the usual ones, and return `welcome`."""
        await self.send({"type": "hello", "version": 1, "client": {"name": "test"}} | fields)
        self.welcome = await self.until(lambda message: message["type"] == "welcome")
        return self.welcome

    async def send(self, message: Message | bytes) -> None:
        """Send a message, or raw bytes."""
        await self._connection.send(message if isinstance(message, bytes) else msgpack.packb(message))

    async def request(self, id: int, kind: str, params: Message, **fields: Any) -> None:
        """Send a request."""
        await self.send({"type": "request", "id": id, "kind": kind, "params": params} | fields)

    async def until(self, is_it: Callable[[Message], bool]) -> Message:
        """Return the first message, past or coming, that fits."""

        def found() -> Message | None:
            return next((message for message in self.messages if is_it(message)), None)

        async with asyncio.timeout(_PATIENCE_S), self._arrived:
            await self._arrived.wait_for(lambda: found() is not None or self.close_code is not None)
        message = found()
        assert message is not None, f"closed with {self.close_code} before the message came"
        return message

    async def end(self, id: int) -> Message:
        """Return the `done` or `error` of a request."""
        return await self.until(lambda m: m.get("id") == id and m["type"] in {"done", "error"})

    async def closed(self) -> int | None:
        """Return the close code once the connection is closed."""
        async with asyncio.timeout(_PATIENCE_S), self._arrived:
            await self._arrived.wait_for(lambda: self.close_code is not None)
        return self.close_code

    async def cut(self) -> None:
        """Drop the connection without a word."""
        self._connection.transport.abort()
        await self.closed()

    def of(self, id: int, type: str | None = None) -> list[Message]:
        """Return the messages of a request, in order."""
        return [m for m in self.messages if m.get("id") == id and type in (None, m["type"])]

    def body(self, role: str, id: int) -> bytes:
        """Return the bytes of a complete asset, after checking its digest."""
        header = next(m for m in self.of(id, "asset") if m["role"] == role)
        body = bytes(self.bodies[header["asset"]])
        assert len(body) == header["bytes"]
        assert "sha256:" + hashlib.sha256(body).hexdigest() == header["digest"]
        return body

    async def read(self) -> None:
        """Take messages until the connection closes."""
        try:
            async for data in self._connection:
                assert isinstance(data, bytes)
                await self._take(msgpack.unpackb(data))
        except ConnectionClosed:
            pass
        finally:
            async with self._arrived:
                self.close_code = self._connection.close_code or 1006
                self.close_reason = self._connection.close_reason
                self._arrived.notify_all()

    async def _take(self, message: Message) -> None:
        if message["type"] == "chunk":
            body = self.bodies[message["asset"]]
            assert message["offset"] == len(body)
            body += message["data"]
            self.bytes_taken += len(message["data"])
            if self._grants:
                await self.send({"type": "credit", "limit": self.bytes_taken + (1 << 20)})
        elif "seq" in message:
            assert message["seq"] == self.received + 1
            self.received = message["seq"]
            if self._acknowledges:
                await self.send({"type": "ack", "received": self.received})
        async with self._arrived:
            self.messages.append(message)
            self._arrived.notify_all()


@asynccontextmanager
async def scene(
    url: str, *, greet: bool = True, grants: bool = True, acknowledges: bool = True, **hello: Any
) -> AsyncIterator[RawScene]:
    """Connect, greet, and hand out the scene; the connection closes at the end."""
    async with connect(url, subprotocols=["vrbridge.v1"], compression=None, max_size=None) as connection:  # type: ignore[list-item]  # plain str is what NewType Subprotocol is
        raw = RawScene(connection, grants=grants, acknowledges=acknowledges)
        async with asyncio.TaskGroup() as tasks:
            reader = tasks.create_task(raw.read(), name="scene reader")
            if greet:
                await raw.hello(**hello)
            yield raw
            await connection.close()
            await reader
