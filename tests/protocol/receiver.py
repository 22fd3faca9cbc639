"""A client as the protocol describes it, which notices everything that a server must not do."""

from dataclasses import dataclass, field
from typing import Any

import msgpack

SPEECH = ("accepted", "progress", "text", "action", "done", "error")


@dataclass
class Received:
    """What has come for one request.

    Args:
        messages: All but chunks, in order.
        is_ended: Whether `done` or `error` has come.
    """

    messages: list[dict[str, Any]] = field(default_factory=list)
    is_ended: bool = False


@dataclass
class Assembly:
    """An asset that is being put together.

    Args:
        request_id: The request that it belongs to.
        n_bytes: Size that was announced.
        data: What has come.
        is_skipped: Whether we said that we don't want it.
    """

    request_id: int
    n_bytes: int
    data: bytearray = field(default_factory=bytearray)
    is_skipped: bool = False

    @property
    def is_incomplete(self) -> bool:
        """Whether chunks are missing."""
        return len(self.data) < self.n_bytes and not self.is_skipped


class Receiver:
    """The receiving half of a session; it survives connections.

    Args:
        chunk_bytes: What it asked chunks to be at most.
        window_bytes: Credit that every connection begins with.
    """

    def __init__(self, *, chunk_bytes: int, window_bytes: int) -> None:
        self.received = 0
        self.requests: dict[int, Received] = {}
        self.assets: dict[int, Assembly] = {}
        self.loose: list[dict[str, Any]] = []
        self.limit = window_bytes
        self.n_payload_bytes = 0
        self._chunk_bytes = chunk_bytes
        self._window_bytes = window_bytes
        self._is_first_connection = True

    def offsets(self) -> dict[int, int]:
        """The `assets` of a resume: number → bytes, of what is incomplete."""
        return {number: len(asset.data) for number, asset in self.assets.items() if asset.is_incomplete}

    def reconnect(self) -> None:
        """Begin a new connection; credit starts anew."""
        self.limit = self._window_bytes
        self.n_payload_bytes = 0
        self._is_first_connection = False

    def take(self, data: bytes) -> dict[str, Any]:
        """Take a message off the wire and check it against all that came before."""
        message: dict[str, Any] = msgpack.unpackb(data)
        if message["type"] == "chunk":
            self._chunk(message)
        elif message["type"] in ("pong", "goaway"):
            assert "seq" not in message
            self.loose.append(message)
        else:
            assert message["seq"] == self.received + 1, "seq has neither gaps nor repetitions"
            self.received += 1
            self._sequenced(message)
        return message

    def _sequenced(self, message: dict[str, Any]) -> None:
        if message.get("id") is None:
            self.loose.append(message)
            return
        request = self.requests.setdefault(message["id"], Received())
        assert not request.is_ended, "a request ends once, and last"
        incomplete = [asset for asset in self._of(message["id"]) if asset.is_incomplete]
        if message["type"] == "asset":
            assert message["asset"] not in self.assets, "assets are numbered once"
            self.assets[message["asset"]] = Assembly(message["id"], message["bytes"])
        if message["type"] == "done":
            assert not incomplete, "done comes after the last chunk"
        if message["type"] == "error":
            for asset in incomplete:
                asset.is_skipped = True
        elif self._is_first_connection:
            assert not incomplete, "the chunks of an asset come before what follows it"
        request.messages.append(message)
        request.is_ended = message["type"] in ("done", "error")

    def _chunk(self, message: dict[str, Any]) -> None:
        asset = self.assets[message["asset"]]
        data = message["data"]
        self.n_payload_bytes += len(data)
        assert 0 < len(data) <= self._chunk_bytes
        assert self.n_payload_bytes <= self.limit, "credit is never exceeded"
        assert not self.requests[asset.request_id].is_ended, "nothing comes after the end"
        if not asset.is_skipped:
            assert message["offset"] == len(asset.data), "offsets rise without gaps"
            asset.data += data
            assert len(asset.data) <= asset.n_bytes

    def _of(self, request_id: int) -> list[Assembly]:
        return [asset for asset in self.assets.values() if asset.request_id == request_id]
