"""What shares a lane is counted as what it is: one pass of so much work."""

import pytest

from vrbridge.scheduling.fair_queue import Entry
from vrbridge.scheduling.lanes import InTime, left_s_of, packed


def running(number: int, *, lane: int, cost_s: float = 1.0, began: float = 0.0) -> Entry[str]:
    return Entry(number, "job", "s", 0, round(cost_s * 1e6), None, began=began, lane=lane)


def waiting(*, cost_s: float = 1.0, deadline: float | None = None) -> Entry[str]:
    return Entry(9, "job", "s", 0, round(cost_s * 1e6), deadline)


def test_jobs_of_one_lane_are_done_after_each_other_and_lanes_beside_each_other() -> None:
    jobs = [running(1, lane=1), running(2, lane=1, cost_s=2.0, began=0.25), running(3, lane=3, began=0.5)]
    assert left_s_of(jobs, 1.0) == {1: 2.0, 3: 0.5}


def test_what_takes_longer_than_expected_or_is_abandoned_is_nearly_done() -> None:
    abandoned = running(1, lane=1, cost_s=9.0)
    abandoned.is_abandoned = True
    assert left_s_of([abandoned, running(2, lane=2)], 5.0) == {1: 0.0, 2: 0.0}


def test_a_job_joins_as_long_as_all_are_in_time() -> None:
    may_join = InTime([running(1, lane=1)], now=10.0)
    assert may_join(waiting(deadline=13.5))
    assert not may_join(waiting(deadline=12.5))
    assert may_join(waiting(cost_s=1.5))
    # The one that was let in first would be late.
    assert not may_join(waiting(cost_s=0.5))


@pytest.mark.parametrize(
    ("left_s", "n_workers", "busy_s"),
    [
        ([], 2, [0.0, 0.0]),
        ([3.0], 2, [0.0, 3.0]),
        ([10.0, 10.0], 1, [20.0]),
        ([1.0, 5.0, 3.0, 2.0], 2, [5.0, 6.0]),
    ],
)
def test_more_work_than_workers_is_done_one_after_the_other(
    left_s: list[float], n_workers: int, busy_s: list[float]
) -> None:
    assert sorted(packed(left_s, n_workers)) == busy_s
