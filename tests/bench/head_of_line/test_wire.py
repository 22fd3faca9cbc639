"""The link that words are measured on."""

from hypothesis import given
from hypothesis import strategies as st

from tests.bench.head_of_line.wire import Path, Wire

PACKET = bytes(1250)
"""Takes 1 ms at 10 Mbit/s."""


def arrivals(wire: Wire, puts: list[float]) -> list[float]:
    """Put packets at the given times and return when they arrive, looking only when told to."""
    arrived, coming = [], sorted(puts)
    while coming or wire.next_at is not None:
        due = wire.next_at
        if coming and (due is None or coming[0] <= due):
            wire.put(PACKET, now=coming.pop(0))
        elif due is not None:
            arrived += [due] * len(wire.take(now=due))
    return arrived


def test_a_packet_takes_its_time_at_the_rate_and_half_a_round_trip() -> None:
    assert arrivals(Wire(Path(10, round_trip_ms=20), seed=1), [5.0]) == [5.0 + 0.001 + 0.01]


def test_packets_queue_for_the_rate() -> None:
    found = arrivals(Wire(Path(10, round_trip_ms=0), seed=1), [0.0] * 100)
    assert [round(at, 9) for at in found] == [round(0.001 * (n + 1), 9) for n in range(100)]


def test_being_asked_late_costs_no_rate() -> None:
    wire = Wire(Path(10, round_trip_ms=0), seed=1)
    for _ in range(100):
        wire.put(PACKET, now=0.0)
    assert len(wire.take(now=0.0505)) == 50
    wire.put(PACKET, now=0.0505)
    assert len(wire.take(now=0.1015)) == 51


def test_what_does_not_fit_into_the_queue_is_dropped() -> None:
    wire = Wire(Path(10, round_trip_ms=0, queue_bytes=10 * len(PACKET)), seed=1)
    assert len(arrivals(wire, [0.0] * 25)) == 10
    assert (wire.n_packets, wire.n_dropped, wire.max_waiting_bytes) == (25, 15, 10 * len(PACKET))


def test_the_rate_changes_when_it_is_told_to_counted_from_the_first_packet() -> None:
    wire = Wire(Path(10, round_trip_ms=0, drop_to_mbit_s=1, drop_after_s=1.0), seed=1)
    found = arrivals(wire, [7.0, 7.5, 8.0, 8.5])
    assert [round(at, 9) for at in found] == [7.001, 7.501, 8.01, 8.51]


@given(st.lists(st.floats(0, 2), max_size=60), st.integers(0, 99))
def test_uneven_delays_stay_within_bounds_and_in_order(puts: list[float], seed: int) -> None:
    even = arrivals(Wire(Path(10, round_trip_ms=20), seed=seed), puts)
    uneven = arrivals(Wire(Path(10, round_trip_ms=20, jitter_ms=15), seed=seed), puts)
    assert uneven == sorted(uneven)
    assert all(0 <= late - early <= 0.015 + 1e-9 for early, late in zip(even, uneven, strict=True))
