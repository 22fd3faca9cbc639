"""How much may be on its way to a client, so that what is urgent does not wait behind it.

Markers in the stream (WebSocket pings, which every client answers by itself) tell when everything before
them has arrived. From their answers follow the rate of the connection and its shortest round trip; bulk may
fill the way itself and a queue that drains within a few milliseconds, and no more.

Source:
    Cardwell et al., "BBR: Congestion-Based Congestion Control", ACM Queue 14(5), 2016: delivery rate as a
    windowed maximum, round trip as a windowed minimum that is measured anew without a queue.
"""

from collections import deque
from dataclasses import dataclass
from typing import Final

BULK_SHARE: Final = 0.75
"""Of the window that chunks may fill; the rest is for chunks that belong to dialogue."""
CALM_QUEUE_S: Final = 0.04
"""How long bulk may queue on the way while nobody speaks: a queue that is gone before a first word comes."""
TALK_QUEUE_S: Final = 0.012
"""The same while somebody speaks; with the chunk that is just leaving a word waits less than 20 ms."""
_QUEUE_ROUND_TRIPS: Final = 0.1
"""A queue that is much shorter than the way would let the measured rate fall instead of rise."""

_FIRST_BYTES: Final = 16384
"""Sent before anything is known about the way; about what TCP itself sends first."""
_SMALLEST_BYTES: Final = 1380
"""A smaller chunk would not make a smaller packet; with its marker this one just fits into one."""
_REMAINDER_BYTES: Final = 345
"""What is left of the window is filled up to so little."""
_LARGEST_STEP_BYTES: Final = 32768
_STEPS: Final = 16
"""Markers in one window: with fewer, answers come in bursts."""
_CHUNKS: Final = 8
"""Chunks in one window: a word waits for the one that is just leaving."""
_CALM_CHUNKS: Final = 4
"""The same while nobody speaks: longer chunks cost fewer packets."""
_QUIET_MARK_S: Final = 1.0
"""Messages without chunks are marked so often, only to notice a client that takes nothing."""
_ROUND_TRIP_S: Final = 10.0
"""A shortest round trip that is older is measured anew."""
_PROBE_SHARE: Final = 0.75
"""Of what the way itself holds. With so much in flight no queue stands; to let the way run empty would cost
more, and fill it in one burst afterwards."""
_PROBE_ROUND_TRIPS: Final = 3.0
"""It takes so long, after rates from before have been forgotten."""
_START_GAIN: Final = 1.5
"""By how much the window grows in a round trip at first; a long way would be filled slowly otherwise."""
_START_GROWTH: Final = 1.25
_FLAT_ROUNDS: Final = 2
"""The start is over once the rate has grown less than that for so many round trips."""
_QUEUE_GAPS: Final = 1.5
"""An engine that looks at its socket once a frame answers in bursts; in between nothing may run dry."""
_SAME_BURST_S: Final = 0.0005
"""Answers that come closer together come together."""
_GAP_WEIGHT: Final = 0.125
_LONGEST_GAP_S: Final = 0.034
"""An engine with 30 frames a second; one that is away for longer does not show anything anyway."""
_RATE_S: Final = 0.3
_RATE_ROUND_TRIPS: Final = 4.0
"""Rates are remembered so long: long enough for a pause of the radio, short enough for a worse place."""


@dataclass(frozen=True, slots=True)
class _Marker:
    number: int
    sent_at: float
    sent_bytes: int
    delivered_bytes: int
    delivered_at: float
    is_full: bool
    is_probing: bool


@dataclass(slots=True)
class _Probe:
    drained_at: float | None = None
    shortest_s: float = float("inf")


class DeliveryWindow:
    """Measures one connection after the other and bounds what is in flight.

    Every time is in seconds on a monotonic clock. Markers must be sent in the order they are made; an answer
    to one counts for all before it.
    """

    def __init__(self) -> None:
        self._n_markers = 0
        self.restart()

    def restart(self) -> None:
        """Begin a connection, about which nothing is known."""
        self._sent = 0
        self._marked = 0
        self._delivered = 0
        self._delivered_at = 0.0
        self._marked_at = float("-inf")
        self._markers: deque[_Marker] = deque()
        self._rates: deque[tuple[float, float]] = deque()
        self._round_trip: tuple[float, float] | None = None
        self._gap_s = 0.0
        self._burst_gap_s = 0.0
        self._n_burst = 0
        self._is_starting = True
        self._next_look = float("-inf")
        self._start_rate = 0.0
        self._n_flat = 0
        self._probe: _Probe | None = None

    @property
    def in_flight_bytes(self) -> int:
        """Bytes that were sent and of which nothing says that they have arrived."""
        return self._sent - self._delivered

    @property
    def rate(self) -> float | None:
        """Bytes a second that the way carries, or None while that is unknown."""
        return self._rates[0][1] if self._rates else None

    @property
    def round_trip_s(self) -> float | None:
        """Shortest round trip, or None while that is unknown."""
        return self._round_trip[0] if self._round_trip is not None else None

    def bulk_bytes(self, *, is_talking: bool) -> int:
        """Return how much bulk may be in flight altogether.

        Args:
            is_talking: Whether words are on their way, or about to be.
        """
        rate, round_trip_s = self.rate, self.round_trip_s
        if rate is None:
            return _FIRST_BYTES
        if round_trip_s is None:
            # The next answer measures it, as little disturbed by its own chunk as can be.
            return 2 * _SMALLEST_BYTES
        if self._probe is not None:
            return max(_SMALLEST_BYTES, int(_PROBE_SHARE * rate * round_trip_s))
        aim_s = TALK_QUEUE_S if is_talking else CALM_QUEUE_S
        queue_s = max(aim_s, _QUEUE_ROUND_TRIPS * round_trip_s, _QUEUE_GAPS * self._gap_s)
        if self._is_starting:
            queue_s = max(queue_s, (_START_GAIN - 1) * round_trip_s)
        return max(2 * _SMALLEST_BYTES, int(rate * (round_trip_s + queue_s)))

    def chunk_bytes(self, *, is_talking: bool, is_spoken: bool = False) -> int:
        """Return how long a chunk may be that leaves now; 0: none may.

        Args:
            is_talking: Whether words are on their way, or about to be.
            is_spoken: Whether the chunk itself belongs to dialogue, which may fill all of the window.
        """
        bulk = self.bulk_bytes(is_talking=is_talking)
        window = int(bulk / BULK_SHARE) if is_spoken else bulk
        largest = max(_SMALLEST_BYTES, window // (_CHUNKS if is_talking else _CALM_CHUNKS))
        left = window - self.in_flight_bytes
        # With whole chunks only, a narrow window could stay half empty, and the rate it measures with it.
        return largest if left >= largest else left if left >= _REMAINDER_BYTES else 0

    def sent(self, n_bytes: int, *, now: float) -> None:
        """Count a message of any kind that leaves."""
        if not self._markers:
            # A pause before it says nothing about the way; nor do words that are on it unmarked.
            self._delivered_at = now
        self._sent += n_bytes

    def mark(self, *, now: float, is_full: bool) -> int | None:
        """Return the number of a marker to send now, or None if none is due.

        Args:
            now: The time.
            is_full: Whether bulk waits for the window, so that the way is as full as it gets.
        """
        unmarked = self._sent - self._marked
        if unmarked == 0:
            return None
        if is_full:
            step = min(_LARGEST_STEP_BYTES, self.bulk_bytes(is_talking=True) // _STEPS)
            if self._markers and unmarked < step:
                return None
        elif now - self._marked_at < _QUIET_MARK_S and unmarked < _SMALLEST_BYTES:
            return None
        self._n_markers += 1
        self._markers.append(
            _Marker(
                self._n_markers,
                now,
                self._sent,
                self._delivered,
                self._delivered_at,
                is_full=is_full and self._round_trip is not None,
                is_probing=self._probe is not None,
            )
        )
        self._marked, self._marked_at = self._sent, now
        return self._n_markers

    def arrived(self, number: int, *, now: float) -> None:
        """Note that a marker, and everything before it, has reached the client."""
        while self._markers and self._markers[0].number <= number:
            marker = self._markers.popleft()
            if marker.number == number:
                self._learn(marker, now)

    def stalled_s(self, *, now: float) -> float:
        """Return for how long nothing has arrived although something is in flight; 0: all is well."""
        if not self._markers:
            return 0.0
        return max(0.0, now - max(self._markers[0].sent_at, self._delivered_at))

    def _learn(self, marker: _Marker, now: float) -> None:
        if marker.is_full:
            self._learn_gap(now - self._delivered_at)
        self._delivered, self._delivered_at = max(self._delivered, marker.sent_bytes), now
        self._learn_round_trip(marker, now)
        if self._is_starting:
            self._look_for_an_end_of_start(now)
        rate = (marker.sent_bytes - marker.delivered_bytes) / max(1e-6, now - marker.delivered_at)
        if marker.is_probing and self.rate is not None:
            # The way was not full on purpose; this can only show that it has become slower.
            rate = min(self.rate, rate / _PROBE_SHARE)
        # Where little was to be sent, little arriving says nothing.
        if marker.is_full or (self.rate is not None and rate > self.rate):
            self._learn_rate(rate, now)

    def _look_for_an_end_of_start(self, now: float) -> None:
        """End the start once the rate has not grown much for some round trips."""
        if self.rate is None or self.round_trip_s is None or now < self._next_look:
            return
        self._next_look = now + self.round_trip_s
        if self.rate >= _START_GROWTH * self._start_rate:
            self._start_rate, self._n_flat = self.rate, 0
            return
        self._n_flat += 1
        self._is_starting = self._n_flat < _FLAT_ROUNDS

    def _learn_round_trip(self, marker: _Marker, now: float) -> None:
        round_trip_s = max(1e-6, now - marker.sent_at)
        if self._round_trip is None or round_trip_s <= self._round_trip[0]:
            self._round_trip = (round_trip_s, now)
        if self._probe is not None:
            self._go_on_probing(self._probe, marker, now)
        elif now - self._round_trip[1] > _ROUND_TRIP_S:
            self._probe = _Probe()

    def _go_on_probing(self, probe: _Probe, marker: _Marker, now: float) -> None:
        """Take the shortest round trip of markers that surely had no queue before them."""
        assert self._round_trip is not None, "it is measured anew"
        holds_bytes = self.bulk_bytes(is_talking=True) / _PROBE_SHARE
        if marker.sent_bytes - marker.delivered_bytes > max(2 * _SMALLEST_BYTES, holds_bytes):
            # Still the old queue, or a way that has just become slower: a rate that is too high shows late.
            probe.drained_at = None
            return
        if probe.drained_at is None:
            probe.drained_at, probe.shortest_s = now, float("inf")
        probe.shortest_s = min(probe.shortest_s, now - marker.sent_at)
        if now - probe.drained_at > self._rate_kept_s + _PROBE_ROUND_TRIPS * self._round_trip[0]:
            self._round_trip = (probe.shortest_s, now)
            self._probe = None

    def _learn_gap(self, gap_s: float) -> None:
        """Learn how long a client that looks at its socket now and then leaves answers waiting.

        Answers that come one by one are as far apart as the way is slow; that is no reason to fill it.
        """
        if gap_s <= _SAME_BURST_S:
            self._n_burst += 1
            return
        self._gap_s += _GAP_WEIGHT * ((self._burst_gap_s if self._n_burst > 1 else 0.0) - self._gap_s)
        self._burst_gap_s, self._n_burst = min(gap_s, _LONGEST_GAP_S), 1

    @property
    def _rate_kept_s(self) -> float:
        return _RATE_S + _RATE_ROUND_TRIPS * (self.round_trip_s or 0.0)

    def _learn_rate(self, rate: float, now: float) -> None:
        kept_s = self._rate_kept_s
        while self._rates and self._rates[-1][1] <= rate:
            self._rates.pop()
        self._rates.append((now, rate))
        while now - self._rates[0][0] > kept_s:
            self._rates.popleft()
