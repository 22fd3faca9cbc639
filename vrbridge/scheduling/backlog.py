"""Jobs that wait: which is next, how much is ahead, and when to refuse more."""

import heapq
from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import count
from typing import Generic, TypeVar

from vrbridge.errors import Overloaded

T = TypeVar("T")


@dataclass(frozen=True, slots=True)
class Ahead:
    """What would run before a job that came now.

    Args:
        n_jobs: Waiting jobs of the same or a more urgent tier.
        seconds: Their estimated work.
    """

    n_jobs: int
    seconds: float


@dataclass(eq=False, slots=True)
class _Entry(Generic[T]):
    number: int
    item: T
    session: str
    tier: int
    cost_s: float
    deadline: float | None


class Backlog(Generic[T]):
    """Orders waiting jobs by tier, then by work that their session has had, then by age.

    Inside a tier sessions share by start-time fair queueing: the session with the least work behind it is
    next, and one that comes back after a pause starts level with the others, not with what it saved up.

    Args:
        max_seconds: Estimated work of the same and more urgent tiers that a new job may find waiting;
            a job that finds nothing is let in whatever it costs.
        max_jobs: Jobs that may wait altogether.

    Source:
        Goyal, Vin, Cheng, "Start-time fair queueing", SIGCOMM 1996.
    """

    def __init__(self, *, max_seconds: float, max_jobs: int = 4096) -> None:
        self._max_seconds = max_seconds
        self._max_jobs = max_jobs
        self._numbers = count()
        self._entries: dict[int, _Entry[T]] = {}
        self._tiers: dict[int, _FairQueue[T]] = {}
        self._deadlines: list[tuple[float, int]] = []

    def __len__(self) -> int:
        return len(self._entries)

    @property
    def seconds(self) -> float:
        """Estimated work of all waiting jobs."""
        return sum(queue.seconds for queue in self._tiers.values())

    def ahead(self, tier: int) -> Ahead:
        """Return what waits in this tier and the more urgent (smaller) ones."""
        queues = [queue for number, queue in self._tiers.items() if number <= tier]
        return Ahead(sum(queue.n_jobs for queue in queues), sum(queue.seconds for queue in queues))

    def check_room(self, *, tier: int, cost_s: float) -> None:
        """Return if a job of this cost would be let in.

        Raises:
            Overloaded: If not; `retry_after_s` is when there is room if one worker works.
        """
        ahead = self.ahead(tier)
        excess_s = ahead.seconds + cost_s - self._max_seconds
        if len(self) >= self._max_jobs or (ahead.n_jobs and excess_s > 0):
            raise Overloaded(
                "The server has too much work waiting; try again later.",
                retry_after_s=max(1.0, excess_s),
            )

    def add(self, item: T, *, session: str, tier: int, cost_s: float, deadline: float | None = None) -> int:
        """Take a job in and return its number, for `remove`.

        Args:
            item: The job.
            session: Whose work it is.
            tier: 0 is the most urgent.
            cost_s: Estimated seconds of work, above 0.
            deadline: When `expire` gives it up. None: never.

        Raises:
            Overloaded: If there is no room.
        """
        self.check_room(tier=tier, cost_s=cost_s)
        entry = _Entry(next(self._numbers), item, session, tier, cost_s, deadline)
        self._entries[entry.number] = entry
        self._tiers.setdefault(tier, _FairQueue()).add(entry)
        if deadline is not None:
            heapq.heappush(self._deadlines, (deadline, entry.number))
        return entry.number

    def take(self) -> T | None:
        """Remove and return the next job, or None if nothing waits."""
        for tier in sorted(self._tiers):
            if self._tiers[tier].n_jobs:
                entry = self._tiers[tier].take()
                self._forget(entry)
                return entry.item
        return None

    def remove(self, number: int) -> bool:
        """Take a job out unrun; return whether it was waiting."""
        entry = self._entries.get(number)
        if entry is None:
            return False
        self._tiers[entry.tier].remove(entry)
        self._forget(entry)
        return True

    def expire(self, *, now: float) -> list[T]:
        """Remove and return the jobs whose deadline has come."""
        expired = []
        while self._deadlines and self._deadlines[0][0] <= now:
            _, number = heapq.heappop(self._deadlines)
            entry = self._entries.get(number)
            if entry is not None:
                self.remove(number)
                expired.append(entry.item)
        return expired

    def clear(self) -> list[T]:
        """Remove and return everything, oldest first."""
        items = [entry.item for entry in self._entries.values()]
        self._entries.clear()
        self._tiers.clear()
        self._deadlines.clear()
        return items

    def charge(self, session: str, *, tier: int, seconds: float) -> None:
        """Correct what a session has had, by the difference of a job's real cost from its estimate."""
        if tier in self._tiers:
            self._tiers[tier].charge(session, seconds)

    def _forget(self, entry: _Entry[T]) -> None:
        del self._entries[entry.number]
        # Deadlines of jobs that have left are dropped here once they outnumber the waiting ones.
        if len(self._deadlines) > 2 * len(self._entries) + 16:
            self._deadlines = [pair for pair in self._deadlines if pair[1] in self._entries]
            heapq.heapify(self._deadlines)


class _FairQueue(Generic[T]):
    """The jobs of one tier."""

    def __init__(self) -> None:
        self.n_jobs = 0
        self._waiting: dict[str, deque[_Entry[T]]] = {}
        self._had_s: dict[str, float] = {}
        self._level_s = 0.0

    @property
    def seconds(self) -> float:
        return sum(entry.cost_s for entry in self._all())

    def add(self, entry: _Entry[T]) -> None:
        if entry.session not in self._waiting:
            self._waiting[entry.session] = deque()
            had_s = self._had_s.get(entry.session, 0.0)
            self._had_s[entry.session] = max(had_s, self._level_s)
        self._waiting[entry.session].append(entry)
        self.n_jobs += 1

    def take(self) -> _Entry[T]:
        session = min(self._waiting, key=lambda name: (self._had_s[name], self._waiting[name][0].number))
        entry = self._waiting[session][0]
        self._level_s = max(self._level_s, self._had_s[session])
        self._had_s[session] += entry.cost_s
        self.remove(entry)
        return entry

    def remove(self, entry: _Entry[T]) -> None:
        waiting = self._waiting[entry.session]
        waiting.remove(entry)
        self.n_jobs -= 1
        if not waiting:
            del self._waiting[entry.session]
            self._prune()

    def charge(self, session: str, seconds: float) -> None:
        if session in self._had_s:
            self._had_s[session] = max(self._level_s, self._had_s[session] + seconds)

    def _prune(self) -> None:
        # A session without jobs matters only while it is ahead of the others; with nobody waiting nobody is.
        if not self._waiting:
            self._had_s.clear()
            self._level_s = 0.0
            return
        self._had_s = {
            session: had_s
            for session, had_s in self._had_s.items()
            if session in self._waiting or had_s > self._level_s
        }

    def _all(self) -> Iterator[_Entry[T]]:
        for waiting in self._waiting.values():
            yield from waiting
