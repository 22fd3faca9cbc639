"""A client in a process of its own that takes assets and listens to words at the same time."""

import asyncio
import json
import sys
import time
from collections import Counter
from dataclasses import dataclass, field
from typing import Any

import msgpack
import uvloop
from websockets.asyncio.client import ClientConnection, connect

_WORD_S = 0.1
_PING_S = 0.25
_ACK_S = 0.1
_BEFORE_S = 1.0
"""Words and pings are under way for so long before the asset begins."""
_DIALOGUE, _FIRST_ASSET = 1, 2
_GREETING_S = 30


@dataclass
class Plan:
    """What to do.

    Args:
        url: Of the server.
        token: For it.
        seconds: How long to measure, from asking for the asset.
        asset_bytes: Size of the asset, which is asked for again once it is there; 0: none.
        has_words: Whether there is dialogue.
        credit_bytes: What may be on its way before it has been taken.
        seed: Of the rhythm of words.
    """

    url: str
    token: str
    seconds: float
    asset_bytes: int
    has_words: bool
    credit_bytes: int
    seed: int


@dataclass
class Heard:
    """What arrived.

    Args:
        began: When the asset was asked for; all times are on the monotonic clock.
        ended: When the client stopped listening.
        words: When each word was said, and when it arrived.
        pings: When each was sent, and its round trip.
        chunks: Bytes of assets, by tenths of a second since the asset was asked for.
    """

    began: float = 0.0
    ended: float = 0.0
    words: list[tuple[float, float]] = field(default_factory=list)
    pings: list[tuple[float, float]] = field(default_factory=list)
    chunks: Counter[int] = field(default_factory=Counter)


class Client:
    """Speaks the raw wire.

    Args:
        connection: To the server.
        plan: What to do.
    """

    def __init__(self, connection: ClientConnection, plan: Plan) -> None:
        self._connection = connection
        self._plan = plan
        self._taken_bytes = 0
        self._granted_bytes = plan.credit_bytes
        self._received = 0
        self._last_id = 0
        self._welcome = asyncio.Event()
        self.heard = Heard()

    async def run(self) -> Heard:
        """Do it."""
        plan = self._plan
        async with asyncio.TaskGroup() as tasks:
            reader = tasks.create_task(self._read())
            await self._greet()
            others = [tasks.create_task(self._ping()), tasks.create_task(self._acknowledge())]
            if plan.has_words:
                params = {"interval_s": _WORD_S, "duration_s": plan.seconds + _BEFORE_S, "seed": plan.seed}
                await self._request(_DIALOGUE, "dialogue", params)
            await asyncio.sleep(_BEFORE_S)
            self.heard.began = time.monotonic()
            if plan.asset_bytes:
                # One more waits, so that there is no pause between two.
                for id in (_FIRST_ASSET, _FIRST_ASSET + 1):
                    await self._request(id, "mesh", {"bytes": plan.asset_bytes})
            await asyncio.sleep(plan.seconds)
            self.heard.ended = time.monotonic()
            for task in (reader, *others):
                task.cancel()
        return self.heard

    async def _greet(self) -> None:
        plan = self._plan
        receive = {"window_bytes": plan.credit_bytes, "texture_formats": ["rgba8"], "mesh_formats": ["glb"]}
        client = {"name": "bench", "version": "1", "engine": "python", "device": "bench"}
        hello = {"type": "hello", "version": 1, "token": plan.token, "client": client, "receive": receive}
        await self._send(hello)
        async with asyncio.timeout(_GREETING_S):
            await self._welcome.wait()

    async def _request(self, id: int, kind: str, params: dict[str, Any]) -> None:
        self._last_id = id
        await self._send({"type": "request", "id": id, "kind": kind, "params": params})

    async def _read(self) -> None:
        async for data in self._connection:
            assert isinstance(data, bytes)
            await self._take(msgpack.unpackb(data), time.monotonic())

    async def _take(self, message: dict[str, Any], now: float) -> None:
        self._received = message.get("seq", self._received)
        match message["type"]:
            case "text":
                self.heard.words.append((float(message["text"]), now))
            case "chunk":
                self.heard.chunks[int(10 * (now - self.heard.began))] += len(message["data"])
                self._taken_bytes += len(message["data"])
                await self._grant()
            case "pong":
                self.heard.pings.append((message["t"], now - message["t"]))
            case "welcome":
                self._welcome.set()
            case "done" if message["id"] >= _FIRST_ASSET:
                await self._request(self._last_id + 1, "mesh", {"bytes": self._plan.asset_bytes})
            case "error":
                raise RuntimeError(f"{message['code']}: {message['message']}")

    async def _grant(self) -> None:
        limit = self._taken_bytes + self._plan.credit_bytes
        if limit - self._granted_bytes >= self._plan.credit_bytes // 4:
            self._granted_bytes = limit
            await self._send({"type": "credit", "limit": limit})

    async def _ping(self) -> None:
        while True:
            await self._send({"type": "ping", "t": time.monotonic()})
            await asyncio.sleep(_PING_S)

    async def _acknowledge(self) -> None:
        while True:
            await asyncio.sleep(_ACK_S)
            await self._send({"type": "ack", "received": self._received})

    async def _send(self, message: dict[str, Any]) -> None:
        await self._connection.send(msgpack.packb(message))


async def listen(plan: Plan) -> Heard:
    """Connect, measure, and drop the connection."""
    async with connect(
        plan.url,
        subprotocols=["vrbridge.v1"],  # type: ignore[list-item]  # plain str is what NewType Subprotocol is
        compression=None,
        max_size=None,
        open_timeout=_GREETING_S,
    ) as connection:
        try:
            return await Client(connection, plan).run()
        finally:
            # A polite close would wait behind all that is under way.
            connection.transport.abort()


def main() -> None:
    """Do what the first argument, JSON, says, and print what arrived."""
    plan = Plan(**json.loads(sys.argv[1]))
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        heard = runner.run(listen(plan))
    print(json.dumps(vars(heard)), flush=True)


if __name__ == "__main__":
    main()
