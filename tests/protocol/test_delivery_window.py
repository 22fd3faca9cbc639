"""The window on simulated ways: how long a word waits, how much gets through, and that nothing sticks."""

import heapq
import math
from dataclasses import dataclass, field

import pytest

from vrbridge.protocol.delivery_window import TALK_QUEUE_S, DeliveryWindow

_HEADER_BYTES = 40
_MBIT = 125_000


@dataclass
class Way:
    """A link with a queue, and a client that answers markers.

    Args:
        rate: Bytes a second.
        round_trip_s: Of an empty way.
        poll_s: How often the client looks at its socket; 0: always.
        slower: (From when, bytes a second): the rate changes once.
        is_talking: Whether the server holds bulk back for words.
    """

    rate: float
    round_trip_s: float
    poll_s: float = 0.0
    slower: tuple[float, float] | None = None
    is_talking: bool = True
    credit: int = 1 << 20
    window: DeliveryWindow = field(default_factory=DeliveryWindow)
    now: float = 0.0
    free_at: float = 0.0
    answers: list[tuple[float, int]] = field(default_factory=list)
    arrivals: list[tuple[float, int]] = field(default_factory=list)
    waits: list[tuple[float, float]] = field(default_factory=list)

    def send(self, n_bytes: int) -> None:
        """Put bytes on the way."""
        rate = self.slower[1] if self.slower and self.now >= self.slower[0] else self.rate
        self.free_at = max(self.free_at, self.now) + n_bytes / rate

    def mark(self, *, is_full: bool) -> None:
        """Send a marker if one is due."""
        number = self.window.mark(now=self.now, is_full=is_full)
        if number is None:
            return
        self.send(20)
        seen_at = self.free_at + self.round_trip_s / 2
        if self.poll_s:
            seen_at = math.ceil(seen_at / self.poll_s) * self.poll_s
        heapq.heappush(self.answers, (seen_at + self.round_trip_s / 2, number))

    def fill(self) -> None:
        """Send as much bulk as may leave."""
        while True:
            room = min(16384, self.credit - self.window.in_flight_bytes)
            n_bytes = min(room, self.window.chunk_bytes(is_talking=self.is_talking))
            if n_bytes <= 0:
                break
            self.window.sent(n_bytes + _HEADER_BYTES, now=self.now)
            self.send(n_bytes + _HEADER_BYTES)
            self.arrivals.append((self.free_at, n_bytes))
            self.mark(is_full=True)
        self.mark(is_full=True)

    def speak(self) -> None:
        """Send a word and note how long it waits for what is before it."""
        self.waits.append((self.now, max(0.0, self.free_at - self.now)))
        self.window.sent(60, now=self.now)
        self.send(60)

    def run(self, seconds: float, *, word_s: float = 0.1037) -> None:
        """Send bulk without end, and a word now and then."""
        self.window.sent(700, now=self.now)
        self.send(700)
        self.mark(is_full=False)
        next_word = 1.0
        while self.now < seconds:
            self.fill()
            answered_at = self.answers[0][0] if self.answers else math.inf
            self.now = min(answered_at, next_word)
            if self.now == next_word:
                self.speak()
                next_word += word_s
            else:
                self.window.arrived(heapq.heappop(self.answers)[1], now=self.now)

    def wait_s(self, share: float, *, since: float = 2.0) -> float:
        """A quantile of the words' waits."""
        waits = sorted(wait for at, wait in self.waits if at >= since)
        return waits[min(len(waits) - 1, int(share * len(waits)))]

    def goodput(self, *, since: float = 2.0) -> float:
        """Bytes of bulk a second."""
        return sum(n for at, n in self.arrivals if since <= at < self.now) / (self.now - since)


@pytest.mark.parametrize("mbit_s", [2, 10, 50])
@pytest.mark.parametrize("round_trip_s", [0.001, 0.01, 0.05])
def test_a_word_waits_less_than_20_ms_and_bulk_fills_the_way(mbit_s: int, round_trip_s: float) -> None:
    way = Way(mbit_s * _MBIT, round_trip_s)
    way.run(30.0)
    assert way.wait_s(0.5) <= 0.014
    assert way.wait_s(0.99) <= 0.02
    assert way.goodput() >= 0.93 * way.rate


@pytest.mark.parametrize("mbit_s", [2, 10, 50])
def test_while_nobody_speaks_bulk_may_queue_a_little_longer(mbit_s: int) -> None:
    way = Way(mbit_s * _MBIT, 0.02, is_talking=False)
    way.run(30.0)
    assert way.wait_s(0.99) <= 0.05
    assert way.goodput() >= 0.95 * way.rate


@pytest.mark.parametrize("mbit_s", [2, 10, 50])
def test_a_client_that_looks_once_a_frame_still_gets_all_that_the_way_carries(mbit_s: int) -> None:
    way = Way(mbit_s * _MBIT, 0.005, poll_s=1 / 60)
    way.run(30.0)
    assert way.goodput() >= 0.93 * way.rate
    assert way.wait_s(0.99) <= 0.075


def test_a_long_way_is_filled_too() -> None:
    way = Way(10 * _MBIT, 0.2)
    way.run(30.0)
    assert way.goodput(since=10.0) >= 0.9 * way.rate


@pytest.mark.parametrize("before", [0.3, 0.5, 0.8, 1.5])
@pytest.mark.parametrize("round_trip_s", [0.005, 0.01, 0.02])
def test_a_narrow_window_opens_again(before: float, round_trip_s: float) -> None:
    way = Way(before * _MBIT, round_trip_s, slower=(5.0, 2 * _MBIT))
    way.run(30.0)
    assert way.goodput(since=10.0) >= 0.9 * 2 * _MBIT
    assert way.wait_s(0.99, since=10.0) <= 0.02


def test_a_way_that_gets_slower_is_noticed() -> None:
    way = Way(50 * _MBIT, 0.01, slower=(5.0, 2 * _MBIT))
    way.run(20.0)
    assert way.wait_s(0.99, since=7.0) <= 0.03


def test_a_way_that_gets_faster_is_used() -> None:
    way = Way(2 * _MBIT, 0.01, slower=(5.0, 50 * _MBIT))
    way.run(20.0)
    assert way.goodput(since=7.0) >= 0.93 * 50 * _MBIT


def test_words_while_the_way_gets_slower_wait_only_for_what_was_on_it() -> None:
    way = Way(50 * _MBIT, 0.01, slower=(5.0, 2 * _MBIT))
    way.run(9.0)
    before = next(wait for at, wait in way.waits if at >= 5.0)
    at_most_bytes = 50 * _MBIT * (0.01 + TALK_QUEUE_S)
    assert before < way.wait_s(1.0) <= 1.1 * at_most_bytes / (2 * _MBIT)


@pytest.mark.parametrize("slower_at", [9.5, 9.9, 9.99, 10.02, 10.05])
def test_a_round_trip_behind_a_long_queue_is_not_taken_for_the_way_itself(slower_at: float) -> None:
    way = Way(50 * _MBIT, 0.01, slower=(slower_at, 2 * _MBIT))
    way.run(20.0)
    assert way.wait_s(1.0) <= 0.7
    assert way.wait_s(1.0, since=slower_at + 1.5) <= 0.03
    assert way.window.round_trip_s is not None
    assert way.window.round_trip_s < 0.03


def test_a_long_way_is_filled_soon() -> None:
    way = Way(50 * _MBIT, 0.1)
    way.run(3.0)
    assert way.goodput(since=1.5) >= 0.93 * way.rate
    assert way.wait_s(1.0, since=0.0) <= 0.6 * way.round_trip_s


def test_measuring_the_round_trip_anew_neither_starves_nor_floods_a_long_way() -> None:
    way = Way(50 * _MBIT, 0.1)
    way.run(25.0)
    assert way.goodput(since=9.0) >= 0.93 * way.rate
    assert way.wait_s(1.0, since=5.0) <= 0.25 * way.round_trip_s + 0.02


def test_words_before_an_asset_do_not_make_the_way_look_slow() -> None:
    window = DeliveryWindow()
    window.sent(700, now=0.0)
    first = window.mark(now=0.0, is_full=False)
    assert first is not None
    window.arrived(first, now=0.1)
    for at in (0.2, 0.4, 0.6, 0.8):
        window.sent(60, now=at)
        assert window.mark(now=at, is_full=False) is None
    window.sent(4096, now=0.9)
    number = window.mark(now=0.9, is_full=True)
    assert number is not None
    window.arrived(number, now=1.0)
    assert window.rate is not None
    assert window.rate >= 4096 / 0.1


def test_dialogue_itself_may_use_what_bulk_leaves_free() -> None:
    way = Way(10 * _MBIT, 0.01)
    way.run(5.0)
    way.fill()
    assert way.window.chunk_bytes(is_talking=True) == 0
    assert way.window.chunk_bytes(is_talking=True, is_spoken=True) >= 1200


def test_a_pause_of_any_length_does_not_hold_bulk_up() -> None:
    window = DeliveryWindow()
    now = 0.0
    for pause_s in (0.1, 9.0, 11.0, 0.0, 30.0, 10.5, 0.0, 60.0):
        now += pause_s
        sent = 0
        while sent < 100_000:
            n_bytes = window.chunk_bytes(is_talking=False)
            if n_bytes:
                window.sent(n_bytes, now=now)
                sent += n_bytes
            number = window.mark(now=now, is_full=True)
            now += 0.02
            if number is not None:
                window.arrived(number, now=now)
            else:
                assert n_bytes, "without a chunk or a marker nothing would ever go on"


def test_one_answer_counts_for_all_markers_before_it() -> None:
    window = DeliveryWindow()
    numbers = []
    for _ in range(3):
        window.sent(5000, now=0.0)
        numbers.append(window.mark(now=0.0, is_full=False))
    assert None not in numbers
    assert numbers == sorted(numbers)  # type: ignore[type-var]  # none of them is None
    assert window.in_flight_bytes == 15_000
    window.arrived(numbers[1] or 0, now=0.1)
    assert window.in_flight_bytes == 5000
    window.arrived(numbers[0] or 0, now=0.2)
    assert window.in_flight_bytes == 5000


def test_words_alone_are_marked_once_a_second() -> None:
    window = DeliveryWindow()
    marked = []
    for step in range(40):
        now = step * 0.1
        window.sent(60, now=now)
        if (number := window.mark(now=now, is_full=False)) is not None:
            marked.append(now)
            window.arrived(number, now=now + 0.01)
    assert len(marked) == 4


def test_a_client_that_takes_nothing_is_noticed_and_one_that_takes_something_is_not() -> None:
    window = DeliveryWindow()
    assert window.stalled_s(now=100.0) == 0.0
    window.sent(5000, now=100.0)
    first = window.mark(now=100.0, is_full=False)
    window.sent(5000, now=101.0)
    second = window.mark(now=101.0, is_full=False)
    assert first is not None
    assert second is not None
    assert window.stalled_s(now=104.0) == 4.0
    window.arrived(first, now=105.0)
    assert window.stalled_s(now=107.0) == 2.0
    window.arrived(second, now=107.0)
    assert window.stalled_s(now=1000.0) == 0.0


def test_a_new_connection_is_measured_anew() -> None:
    way = Way(2 * _MBIT, 0.05)
    way.run(5.0)
    assert way.window.rate is not None
    way.window.restart()
    assert way.window.mark(now=6.0, is_full=True) is None
    assert way.window.in_flight_bytes == 0
    assert way.window.round_trip_s is None
    assert way.window.bulk_bytes(is_talking=True) == DeliveryWindow().bulk_bytes(is_talking=True)
