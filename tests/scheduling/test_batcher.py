"""Every job leaves once, in order, with its like only, never in too large a batch and never too late."""

from dataclasses import dataclass

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrbridge.scheduling.arrival_pace import ArrivalPace
from vrbridge.scheduling.batcher import MAX_WINDOW_S, Batcher

WINDOW_S = 0.008


def batcher(pace: ArrivalPace | None = None) -> Batcher[str]:
    return Batcher(window_s=WINDOW_S, pace=pace)


def test_jobs_of_one_key_wait_for_each_other_for_one_window_from_the_first() -> None:
    one = batcher()
    one.add("a", key="k", max_size=8, now=1.0)
    one.add("b", key="k", max_size=8, now=1.005)
    assert one.due_at() == 1.0 + WINDOW_S
    assert one.take(now=1.007) == []
    assert one.take(now=1.0 + WINDOW_S) == ["a", "b"]
    assert (one.take(now=9.0), one.due_at(), len(one)) == ([], None, 0)


def test_a_full_batch_starts_at_once() -> None:
    one = batcher()
    for item in "abc":
        one.add(item, key="k", max_size=2, now=1.0)
    assert one.take(now=1.0) == ["a", "b"]
    assert one.take(now=1.0) == []
    assert one.room == 1
    assert one.take(now=1.0 + WINDOW_S) == ["c"]


def test_the_smallest_size_that_a_member_allows_counts() -> None:
    one = batcher()
    one.add("a", key="k", max_size=4, now=1.0)
    one.add("b", key="k", max_size=2, now=1.0)
    assert one.take(now=1.0) == ["a", "b"]
    for item in "cde":
        one.add(item, key="k", max_size=4, now=1.0)
    one.add("f", key="k", max_size=2, now=1.0)
    assert one.take(now=1.0) == ["c", "d", "e"]


def test_a_batch_starts_when_one_of_its_jobs_has_to() -> None:
    one = batcher()
    one.add("a", key="k", max_size=8, now=1.0, latest=3.0)
    one.add("b", key="k", max_size=8, now=1.001, latest=1.004)
    assert one.due_at() == 1.004
    assert one.take(now=1.004) == ["a", "b"]


def test_what_shares_with_nothing_passes_at_once_and_does_not_overtake() -> None:
    one = batcher()
    one.add("a", key="k", max_size=8, now=1.0)
    one.add("alone", key=None, max_size=8, now=1.0)
    one.add("alone too", key=None, max_size=8, now=1.0)
    assert [one.take(now=1.0) for _ in range(4)] == [["a"], ["alone"], ["alone too"], []]


def test_another_key_ends_the_wait() -> None:
    one = batcher()
    one.add("a", key="k", max_size=8, now=1.0)
    one.add("b", key="l", max_size=8, now=1.0)
    assert one.take(now=1.0) == ["a"]
    assert one.take(now=1.0) == []
    assert one.take(now=1.0, at_once=True) == ["b"]


def test_who_comes_alone_is_not_held_up() -> None:
    pace = ArrivalPace()
    one = batcher(pace)
    pace.note("k", now=1.0)
    one.add("first ever", key="k", max_size=8, now=1.0)
    assert one.take(now=1.0) == ["first ever"]
    pace.note("k", now=2.0)
    pace.note("k", now=2.001)
    one.add("in a row", key="k", max_size=8, now=2.001)
    assert one.take(now=2.001) == []
    assert one.due_at() == pytest.approx(2.003)
    # Nobody came when somebody should have.
    assert one.take(now=2.0031) == ["in a row"]


def test_the_window_is_the_longest_wait_however_densely_others_come() -> None:
    pace = ArrivalPace()
    one = batcher(pace)
    for number in range(9):
        now = 1.0 + 0.001 * number
        pace.note("k", now=now)
        one.add(str(number), key="k", max_size=100, now=now)
        due = one.due_at()
        assert due is not None
        assert due <= 1.0 + WINDOW_S


def test_a_job_that_nobody_wants_leaves_from_anywhere() -> None:
    one = batcher()
    for item, key in (("a", "k"), ("b", "k"), ("c", "l"), ("d", "l")):
        one.add(item, key=key, max_size=8, now=1.0)
    assert [one.remove(item) for item in ("b", "b", "c")] == [True, False, True]
    assert len(one) == 2
    assert one.take(now=1.0) == ["a"]
    assert one.remove("d")
    assert (one.due_at(), one.room, one.take(now=9.0)) == (None, 0, [])
    one.add("e", key="k", max_size=1, now=2.0)
    assert one.remove("e")
    assert one.take(now=9.0) == []


@pytest.mark.parametrize("window_s", [-0.001, MAX_WINDOW_S * 1.01])
def test_a_window_that_could_be_seen_is_refused(window_s: float) -> None:
    with pytest.raises(ValueError, match="window"):
        Batcher(window_s=window_s)


@dataclass(frozen=True)
class Arrival:
    gap_ms: int
    key: str | None
    max_size: int
    slack_ms: int | None
    is_removed: bool


ARRIVALS = st.lists(
    st.builds(
        Arrival,
        gap_ms=st.integers(0, 12),
        key=st.sampled_from(["k", "l", None]),
        max_size=st.integers(1, 4),
        slack_ms=st.none() | st.integers(0, 20),
        is_removed=st.booleans(),
    ),
    max_size=40,
)


@given(ARRIVALS, st.booleans(), st.lists(st.booleans(), min_size=40, max_size=40))
def test_for_any_arrivals_batches_keep_their_promises(
    arrivals: list[Arrival], has_pace: bool, hurries: list[bool]
) -> None:
    pace = ArrivalPace() if has_pace else None
    one: Batcher[int] = Batcher(window_s=WINDOW_S, pace=pace)
    now = 0.0
    came: dict[int, float] = {}
    left: list[int] = []
    removed: list[int] = []

    def drain(until: float, *, at_once: bool = False) -> None:
        # A lane that is free looks whenever something is due.
        while (due := one.due_at()) is not None and (due <= until or at_once):
            start = max(due if due <= until else until, max(came.values(), default=0.0))
            batch = one.take(now=start, at_once=at_once)
            assert batch
            keys = {arrivals[item].key for item in batch}
            assert len(keys) == 1
            assert len(batch) <= min(arrivals[item].max_size for item in batch)
            assert len(batch) == 1 or None not in keys
            for item in batch:
                slack_ms = arrivals[item].slack_ms
                latest = WINDOW_S if slack_ms is None else min(WINDOW_S, slack_ms / 1e3)
                assert start <= came[item] + latest + 1e-9
            left.extend(batch)

    for item, arrival in enumerate(arrivals):
        drain(now + arrival.gap_ms / 1e3)
        now += arrival.gap_ms / 1e3
        if pace is not None and arrival.key is not None:
            pace.note(arrival.key, now=now)
        came[item] = now
        latest = None if arrival.slack_ms is None else now + arrival.slack_ms / 1e3
        one.add(item, key=arrival.key, max_size=arrival.max_size, now=now, latest=latest)
        if arrival.is_removed and item % 2:
            assert one.remove(item)
            removed.append(item)
        if hurries[item]:
            drain(now, at_once=True)
    drain(now + 1.0)
    assert left == [item for item in range(len(arrivals)) if item not in removed]
    assert len(one) == 0
