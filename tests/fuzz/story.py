"""A session with a past, as another codec saw it."""

import random
from collections import defaultdict
from dataclasses import dataclass, field
from typing import Any, Final

import msgpack

from tests.protocol.outboxes import content
from vrbridge.protocol.messages import AssetHeader, Done, Error, Text
from vrbridge.protocol.outbox import Outbox

PLENTY: Final = 1 << 40


@dataclass
class Story:
    """What is said in a session, and what of it was sent.

    Args:
        outbox: Of the session.
        rng: Decides what happens.
    """

    outbox: Outbox
    rng: random.Random
    log: list[bytes] = field(default_factory=list)
    """Sequenced messages, in order."""
    headers: dict[int, tuple[int, int, int]] = field(default_factory=dict)
    """Number of an asset → its request, the `seq` of its header, its size."""
    bodies: dict[int, bytearray] = field(default_factory=lambda: defaultdict(bytearray))
    ends: dict[int, int] = field(default_factory=dict)
    """Request → `seq` of its end."""
    acknowledged: int = 0
    cancelled: set[int] = field(default_factory=set)
    open: list[int] = field(default_factory=list)
    n_requests: int = 0

    def happen(self, n_steps: int) -> None:
        """Let something happen."""
        for _ in range(n_steps):
            self._step()

    def finish(self) -> None:
        """End every request."""
        while self.open:
            self._end(self.open[-1])

    def send(self, n_messages: int = 1 << 30) -> None:
        """Send what waits, and check that it goes on where it was."""
        for message in self._sent(n_messages):
            self._take(message)

    def resent(self) -> tuple[list[bytes], dict[int, bytearray]]:
        """Return all that is sent from here: sequenced messages, and the bytes of assets."""
        again: list[bytes] = []
        bodies: dict[int, bytearray] = defaultdict(bytearray)
        for data in self._sent(1 << 30):
            message = msgpack.unpackb(data)
            if message["type"] == "chunk":
                bodies[message["asset"]] += message["data"]
            elif "seq" in message:
                again.append(data)
        return again, bodies

    def knows(self, asset: int) -> bool:
        """Whether an asset was announced and its request's end is not acknowledged."""
        header = self.headers.get(asset)
        return header is not None and not self.ends.get(header[0], PLENTY) <= self.acknowledged

    def can_go_on(self, received: int, offsets: dict[int, int]) -> bool:
        """Whether a client may say that it is there."""
        return self.acknowledged <= received <= len(self.log) and all(
            self.knows(asset)
            and self.headers[asset][1] <= received
            and self._is_inside(asset, offset, received)
            for asset, offset in offsets.items()
        )

    def _is_inside(self, asset: int, offset: int, received: int) -> bool:
        request, _, n_bytes = self.headers[asset]
        is_over = self.ends.get(request, PLENTY) <= received
        return offset <= n_bytes and (offset == n_bytes or not is_over or request in self.cancelled)

    def offsets(self) -> dict[int, int]:
        """Return what an honest client lists: announced, wanted and incomplete."""
        return {
            asset: len(self.bodies[asset])
            for asset, (request, _, n_bytes) in self.headers.items()
            if len(self.bodies[asset]) < n_bytes and request not in self.ends
        }

    def _step(self) -> None:
        rng = self.rng
        if not self.open or rng.random() < 0.2:
            self.n_requests += 1
            self.open.append(self.n_requests)
            self.outbox.open(self.n_requests, tier=rng.randrange(3), is_dialogue=rng.random() < 0.3)
        request = rng.choice(self.open)
        match rng.randrange(8):
            case 0 | 1:
                self.outbox.put(Text(id=request, text="word " * rng.randrange(9), offset=0), now=0.0)
            case 2 | 3:
                size = rng.choice((0, 1, 99, 100, 101, 1000))
                header = AssetHeader(
                    id=request, role="lod0", media_type="x/y", bytes=size, digest=str(size), meta={}
                )
                self.outbox.put_asset(header, content(str(size)), now=0.0)
            case 4:
                self._end(request)
            case 5 if rng.random() < 0.3:
                self._cancel(request)
            case 6 if self.log:
                self.acknowledged = max(self.acknowledged, rng.randint(0, len(self.log)))
                self.outbox.ack(self.acknowledged)
            case _:
                self.send(rng.randrange(12))

    def _end(self, request: int) -> None:
        self.open.remove(request)
        self.outbox.close(request, Done(id=request, result={}, timing={}), now=0.0)

    def _cancel(self, request: int) -> None:
        self.open.remove(request)
        self.cancelled.add(request)
        end = Error(id=request, code="cancelled", message="Cancelled.", retryable=False)
        assert self.outbox.cancel(request, end, now=0.0)

    def _sent(self, n_messages: int) -> list[bytes]:
        sent: list[bytes] = []
        while len(sent) < n_messages:
            data = self.outbox.next(now=0.0)
            if data is not None:
                sent.append(data)
                continue
            missing = self.outbox.missing()
            if not missing:
                break
            for asset, digest in missing:
                self.outbox.supply(asset, content(digest))
        return sent

    def _take(self, data: bytes) -> None:
        message: dict[str, Any] = msgpack.unpackb(data)
        if message["type"] == "chunk":
            body = self.bodies[message["asset"]]
            assert message["offset"] == len(body), "offsets rise without gaps"
            body += message["data"]
            return
        self.log.append(data)
        assert message["seq"] == len(self.log), "seq has neither gaps nor repetitions"
        if message["type"] == "asset":
            self.headers[message["asset"]] = (message["id"], message["seq"], message["bytes"])
        elif message["type"] in ("done", "error"):
            self.ends[message["id"]] = message["seq"]
