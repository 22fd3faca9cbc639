"""Which jobs share one forward pass, and how long those that are there wait for more."""

import math
from collections import deque
from collections.abc import Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

from vrbridge.scheduling.arrival_pace import ArrivalPace

T = TypeVar("T")

MAX_WINDOW_S = 0.01
"""A wait for company that is longer could be seen."""


@dataclass(eq=False, slots=True)
class _Batch(Generic[T]):
    """Jobs that leave together.

    Args:
        key: What they have in common. None: nothing shares a pass with this one.
        max_size: Jobs that it may hold.
        due: When it leaves at the latest.
        items: The jobs.
    """

    key: Hashable | None
    max_size: int
    due: float
    items: list[T] = field(default_factory=list)


class Batcher(Generic[T]):
    """Collects the jobs of one lane, in the order in which they come.

    A batch leaves when it is full, when its window is over, when one of its jobs has to start, or when
    something else comes that can't join it: a lane does not stand still for company while there is work.
    Whether to wait at all is decided by how close behind each other such jobs came: who comes alone is not
    held up.

    Args:
        window_s: Longest time that a job waits for others; at most 10 ms.
        pace: Of arrivals, noted by whoever lets jobs in. None: others are always expected.
    """

    def __init__(self, *, window_s: float, pace: ArrivalPace | None = None) -> None:
        if not 0 <= window_s <= MAX_WINDOW_S:
            raise ValueError(f"A window is 0 to {MAX_WINDOW_S} s long, not {window_s}.")
        self._window_s = window_s
        self._pace = pace
        self._closed: deque[_Batch[T]] = deque()
        self._open: _Batch[T] | None = None

    def __len__(self) -> int:
        n_open = 0 if self._open is None else len(self._open.items)
        return n_open + sum(len(batch.items) for batch in self._closed)

    @property
    def room(self) -> int:
        """Jobs that can still join the batch that is being collected; 0 if none is."""
        return 0 if self._open is None else self._open.max_size - len(self._open.items)

    def add(
        self, item: T, *, key: Hashable | None, max_size: int, now: float, latest: float | None = None
    ) -> None:
        """Take a job in.

        Args:
            item: The job.
            key: Jobs of equal keys can share a pass. None: it runs alone.
            max_size: Jobs that a batch with this one may hold, at least 1.
            now: Time.
            latest: When it has to start. None: whenever.
        """
        batch = self._open
        if batch is None or batch.key != key or min(batch.max_size, max_size) <= len(batch.items):
            self._close(now)
            batch = self._open = _Batch(key, max_size, now + self._window_s)
        batch.items.append(item)
        batch.max_size = min(batch.max_size, max_size)
        batch.due = min(batch.due, math.inf if latest is None else latest)
        if key is None or len(batch.items) >= batch.max_size:
            self._close(now)

    def due_at(self) -> float | None:
        """Return when `take` has something, as things are now; None if there is nothing."""
        if self._closed:
            return self._closed[0].due
        if self._open is None:
            return None
        return min(self._open.due, self._expected_by(self._open.key))

    def take(self, *, now: float, at_once: bool = False) -> list[T]:
        """Remove and return the next batch; empty if there is none, or it still waits for others.

        Args:
            now: Time.
            at_once: Whether waiting is no use: other work waits, or another lane would take who comes.
        """
        due = self.due_at()
        if due is None or (now < due and not at_once):
            return []
        if not self._closed:
            self._close(now)
        return self._closed.popleft().items

    def remove(self, item: T) -> bool:
        """Take a job out that nobody wants any more; return whether it was here."""
        batches = [*self._closed] if self._open is None else [*self._closed, self._open]
        for batch in batches:
            if item in batch.items:
                batch.items.remove(item)
                if not batch.items:
                    self._forget(batch)
                return True
        return False

    def _expected_by(self, key: Hashable | None) -> float:
        if self._pace is None:
            return math.inf
        expected_by = self._pace.expected_by(key)
        return -math.inf if expected_by is None else expected_by

    def _close(self, now: float) -> None:
        if self._open is not None:
            self._open.due = min(self._open.due, now)
            self._closed.append(self._open)
            self._open = None

    def _forget(self, batch: _Batch[T]) -> None:
        if batch is self._open:
            self._open = None
        else:
            self._closed.remove(batch)
