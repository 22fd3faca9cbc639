"""One direction of a link: a rate, a way, and a queue in front of it that is as long as a home router's."""

import random
from collections import deque
from collections.abc import Sequence
from dataclasses import dataclass

_JITTER_S = 0.01
"""A radio's delay stays about the same for so long."""


@dataclass(frozen=True)
class Path:
    """What a link is like, in both directions alike.

    Args:
        mbit_s: Its rate, IP headers included.
        round_trip_ms: Of an empty link.
        jitter_ms: Up to so much is added, anew every 10 ms, to each direction. Packets stay in order.
        queue_bytes: What doesn't fit into the queue is dropped.
        drop_to_mbit_s: A rate that it changes to; None: it doesn't change.
        drop_after_s: When it does, counted from the first packet.
    """

    mbit_s: float
    round_trip_ms: float = 10.0
    jitter_ms: float = 0.0
    queue_bytes: int = 512 << 10
    drop_to_mbit_s: float | None = None
    drop_after_s: float = 0.0

    @property
    def rates(self) -> Sequence[tuple[float, float]]:
        """From when on which rate holds, in bytes a second."""
        first = (0.0, self.mbit_s * 1e6 / 8)
        if self.drop_to_mbit_s is None:
            return (first,)
        return first, (self.drop_after_s, self.drop_to_mbit_s * 1e6 / 8)


class Wire:
    """Takes packets and gives them back when they arrive; time is an argument.

    Args:
        path: What the link is like.
        seed: Of the jitter.
    """

    def __init__(self, path: Path, *, seed: int) -> None:
        self._path = path
        self._random = random.Random(seed)
        self._waiting: deque[tuple[float, bytes]] = deque()
        self._waiting_bytes = 0
        self._flying: deque[tuple[float, bytes]] = deque()
        self._began: float | None = None
        self._free_at = float("-inf")
        self._last_arrival = float("-inf")
        self._jitter_s = 0.0
        self._jitter_until = float("-inf")
        self.n_packets = 0
        self.n_dropped = 0
        self.max_waiting_bytes = 0

    @property
    def next_at(self) -> float | None:
        """When the next packet leaves the queue or arrives; None: nothing is under way."""
        times = [self._flying[0][0]] if self._flying else []
        if self._waiting:
            times.append(self._sent_at(*self._waiting[0]))
        return min(times, default=None)

    def has_room(self, n_bytes: int) -> bool:
        """Whether a packet of so many bytes fits into the queue."""
        return self._waiting_bytes + n_bytes <= self._path.queue_bytes

    def put(self, packet: bytes, *, now: float) -> None:
        """Queue a packet, or drop it if the queue is full."""
        self._began = now if self._began is None else self._began
        self._send(now)
        self.n_packets += 1
        if not self.has_room(len(packet)):
            self.n_dropped += 1
            return
        self._waiting.append((now, packet))
        self._waiting_bytes += len(packet)
        self.max_waiting_bytes = max(self.max_waiting_bytes, self._waiting_bytes)

    def take(self, *, now: float) -> list[bytes]:
        """Return what has arrived."""
        self._send(now)
        arrived = []
        while self._flying and self._flying[0][0] <= now:
            arrived.append(self._flying.popleft()[1])
        return arrived

    def _send(self, now: float) -> None:
        """Let packets leave the queue that had the time to; being asked late costs no rate."""
        while self._waiting and (sent_at := self._sent_at(*self._waiting[0])) <= now:
            _, packet = self._waiting.popleft()
            self._waiting_bytes -= len(packet)
            self._free_at = sent_at
            arrival = sent_at + self._path.round_trip_ms / 2e3 + self._jitter(sent_at)
            self._last_arrival = max(self._last_arrival, arrival)
            self._flying.append((self._last_arrival, packet))

    def _sent_at(self, put_at: float, packet: bytes) -> float:
        start = max(self._free_at, put_at)
        assert self._began is not None, "a packet has been put"
        rate = next(rate for at, rate in reversed(self._path.rates) if start - self._began >= at)
        return start + len(packet) / rate

    def _jitter(self, at: float) -> float:
        if at >= self._jitter_until:
            self._jitter_s = self._random.uniform(0.0, self._path.jitter_ms / 1e3)
            self._jitter_until = at + _JITTER_S
        return self._jitter_s
