"""Outboxes to talk to, and what they say as another codec reads it."""

from collections.abc import Callable, Mapping
from typing import Any

import msgpack

from vrbridge.protocol.messages import AssetHeader, Done, Error, Text
from vrbridge.protocol.outbox import Outbox

PLENTY = 1 << 40
CHUNK_BYTES = 100


def attach(
    outbox: Outbox,
    *,
    received: int = 0,
    assets: Mapping[int, int] | None = None,
    window_bytes: int = PLENTY,
) -> bool:
    return outbox.attach(
        received=received, assets=assets or {}, chunk_bytes=CHUNK_BYTES, window_bytes=window_bytes
    )


def attached(
    *,
    window_bytes: int = PLENTY,
    replay_messages: int = 1000,
    max_pending: int = 1024,
    weigh: Callable[[int], float] = lambda request_id: 0.0,
) -> Outbox:
    outbox = Outbox(replay_messages=replay_messages, max_pending=max_pending, weigh=weigh)
    assert attach(outbox, window_bytes=window_bytes)
    return outbox


def speak(outbox: Outbox, request_id: int, text: str = "word", *, now: float = 0.0) -> None:
    outbox.put(Text(id=request_id, text=text, offset=0), now=now)


def add_asset(outbox: Outbox, request_id: int, size: int = 1000, *, role: str = "lod0") -> int:
    header = AssetHeader(id=request_id, role=role, media_type="x/y", bytes=size, digest=str(size), meta={})
    return outbox.put_asset(header, content(str(size)), now=0.0)


def content(digest: str) -> memoryview:
    """The bytes that a digest stands for here."""
    return memoryview(bytes(place & 0xFF for place in range(int(digest))))


def supply_missing(outbox: Outbox) -> bool:
    """Bring what the outbox needs; return whether it needed anything."""
    missing = outbox.missing()
    for asset, digest in missing:
        outbox.supply(asset, content(digest))
    return bool(missing)


def close(outbox: Outbox, request_id: int) -> None:
    outbox.close(request_id, Done(id=request_id, result={}, timing={}), now=0.0)


def cancelled(request_id: int) -> Error:
    return Error(id=request_id, code="cancelled", message="Cancelled.", retryable=False)


def take(outbox: Outbox, n: int = 1000, *, now: float = 0.0) -> list[dict[str, Any]]:
    """The next messages, at most `n`, as another codec reads them."""
    messages: list[dict[str, Any]] = []
    while len(messages) < n:
        data = outbox.next(now=now)
        if data is not None:
            messages.append(msgpack.unpackb(data))
        elif not supply_missing(outbox):
            break
    return messages


def types(messages: list[dict[str, Any]]) -> list[str]:
    return [message["type"] for message in messages]


def sizes(messages: list[dict[str, Any]]) -> list[int]:
    return [len(message["data"]) for message in messages if message["type"] == "chunk"]
