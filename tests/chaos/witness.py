"""A tap on a real client that checks each message of the server against all that came before."""

from collections import Counter
from collections.abc import Mapping
from typing import Any

import msgpack

from tests.protocol.receiver import Receiver

_UNBOUNDED = 1 << 60


class Witness:
    """Sees what one client receives, over all its connections and sessions.

    Credit is not checked here: a grant may be answered before the tap hears of it.
    """

    def __init__(self) -> None:
        self.faults: list[str] = []
        self.n_resumed = 0
        self.n_sessions = 0
        self.ends: Counter[tuple[int, int]] = Counter()
        self._receiver = _receiver()

    def __call__(self, direction: str, message: Mapping[str, Any]) -> None:
        """Take note of one message."""
        if direction != "received":
            return
        try:
            self._take(message)
        except (AssertionError, KeyError) as error:
            kind, seq = message["type"], message.get("seq")
            self.faults.append(f"{kind} (seq {seq}): {type(error).__name__} {error}")

    def _take(self, message: Mapping[str, Any]) -> None:
        if message["type"] == "welcome":
            self._welcome(is_resumed=message["resumed"])
            return
        self._receiver.take(msgpack.packb(message))
        if message["type"] in {"done", "error"} and message.get("id") is not None:
            self.ends[self.n_sessions, message["id"]] += 1

    def _welcome(self, *, is_resumed: bool) -> None:
        if is_resumed:
            self.n_resumed += 1
            self._receiver.reconnect()
        else:
            self.n_sessions += 1
            self._receiver = _receiver()


def _receiver() -> Receiver:
    return Receiver(chunk_bytes=65_536, window_bytes=_UNBOUNDED)
