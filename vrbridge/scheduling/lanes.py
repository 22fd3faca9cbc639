"""Jobs that share a pass hold one lane together: what is left on each, and who may still join."""

import heapq
import math
from collections.abc import Iterable, Mapping
from typing import Generic, TypeVar

from vrbridge.scheduling.fair_queue import Entry

T = TypeVar("T")


class InTime(Generic[T]):
    """Whether one more job may share a pass, each as long as alone.

    Args:
        members: Jobs that share it already.
        now: Time.
    """

    def __init__(self, members: Iterable[Entry[T]], now: float) -> None:
        self._end = now
        self._deadline = math.inf
        for member in members:
            self._let_in(member)

    def __call__(self, entry: Entry[T]) -> bool:
        """Return whether it may, and let it in if so."""
        deadline = min(self._deadline, math.inf if entry.deadline is None else entry.deadline)
        if self._end + entry.cost_us / 1e6 > deadline:
            return False
        self._let_in(entry)
        return True

    def _let_in(self, entry: Entry[T]) -> None:
        self._end += entry.cost_us / 1e6
        self._deadline = min(self._deadline, math.inf if entry.deadline is None else entry.deadline)


def left_s_of(running: Iterable[Entry[T]], now: float) -> Mapping[int, float]:
    """Return what is left on each lane; what takes longer than expected is nearly done."""
    work_s: dict[int, float] = {}
    began: dict[int, float] = {}
    for entry in running:
        assert entry.lane is not None, "what runs has a lane"
        assert entry.began is not None, "what runs has begun"
        began[entry.lane] = min(entry.began, began.get(entry.lane, math.inf))
        cost_s = 0.0 if entry.is_abandoned else entry.cost_us / 1e6
        work_s[entry.lane] = work_s.get(entry.lane, 0.0) + cost_s
    return {lane: max(0.0, work - (now - began[lane])) for lane, work in work_s.items()}


def packed(left_s: Iterable[float], n_workers: int) -> list[float]:
    """Return for how long each worker is busy, the longest work first where more was begun than there are."""
    busy_s = [0.0] * n_workers
    for left in sorted(left_s, reverse=True):
        heapq.heapreplace(busy_s, busy_s[0] + left)
    return busy_s
