"""Loses the connection in the middle of an asset, and watches what that costs."""

import time
from collections.abc import Callable, Mapping
from typing import Any, Final

from vrbridge.client.demo.visit import Drop

# Previews and coarse levels are over before anybody could walk out of the Wi-Fi.
_MIN_BYTES: Final = 64 << 10
_SHARE: Final = 0.3


class Breakage:
    """Listens to a client's messages; made for `Client.connect(on_message=…)`.

    Args:
        clock: Seconds; for tests.
    """

    def __init__(self, clock: Callable[[], float] = time.perf_counter) -> None:
        self._clock = clock
        self._victim: int | None = None
        self._prompt = ""
        self._lose: Callable[[], None] = lambda: None
        self._header: Mapping[str, Any] | None = None
        self._arrived_bytes = 0
        self._at_bytes: int | None = None
        self._lost_at_s = 0.0
        self._back: tuple[bool, float] | None = None
        self._n_sent: dict[int, int] = {}

    def prepare(self, request_id: int, prompt: str, lose: Callable[[], None]) -> None:
        """Call `lose` once this request's first large asset has arrived in part."""
        self._victim, self._prompt, self._lose = request_id, prompt, lose

    def take(self, way: str, message: Mapping[str, Any]) -> None:
        """Look at one message."""
        kind = message["type"]
        if way == "sent" and kind == "request":
            self._n_sent[message["id"]] = self._n_sent.get(message["id"], 0) + 1
        elif kind == "welcome" and self._at_bytes is not None and self._back is None:
            self._back = (bool(message["resumed"]), (self._clock() - self._lost_at_s) * 1e3)
        elif kind == "asset" and self._header is None and message["id"] == self._victim:
            if message["bytes"] >= _MIN_BYTES:
                self._header = message
        elif kind == "chunk" and self._header is not None and message["asset"] == self._header["asset"]:
            self._arrived_bytes += len(message["data"])
            if self._at_bytes is None and self._arrived_bytes > _SHARE * self._header["bytes"]:
                self._at_bytes, self._lost_at_s = self._arrived_bytes, self._clock()
                self._lose()

    def result(self) -> Drop | None:
        """Return what happened, or None if the connection was never lost and found again."""
        if self._header is None or self._at_bytes is None or self._back is None:
            return None
        resumed, back_ms = self._back
        return Drop(
            prompt=self._prompt,
            role=self._header["role"],
            at_bytes=self._at_bytes,
            in_all_bytes=self._header["bytes"],
            resumed=resumed,
            back_ms=back_ms,
            n_repeated_bytes=self._arrived_bytes - self._header["bytes"],
            n_asked_again=sum(count - 1 for count in self._n_sent.values()),
        )
