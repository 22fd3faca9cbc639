"""The waiting jobs of one tier, shared out between sessions by the work that each has had."""

import heapq
from collections import OrderedDict
from collections.abc import Callable, Container, Hashable
from dataclasses import dataclass, field
from typing import Generic, TypeVar

T = TypeVar("T")

_MAX_STALE = 16
"""What no longer counts is swept out once there is so much of it, and as much again as of what does."""
_HEAD_START_US = 500_000
"""Work that a session which asks for something now and then is ahead of those that never cease to ask; more
would let it take many turns at once after a pause."""


def unweighted() -> float:
    """Return the weight of what is nowhere."""
    return 0.0


@dataclass(eq=False, slots=True)
class Entry(Generic[T]):
    """A job in the backlog.

    Args:
        number: Rises with age.
        item: The job.
        session: Whose work it is.
        tier: 0 is the most urgent of what players ask for.
        cost_us: Estimated work in microseconds: whole numbers add up to the same sum in any order.
        deadline: When it is given up. None: never.
        began: When it was taken. None: it waits.
        is_abandoned: Whether nobody wants the rest, so that it ends soon.
        weight: Returns how much its session wants it now: the heaviest is next, of equal ones the oldest.
        key: Jobs of equal keys can share one pass. None: it runs alone.
        lane: Number of the job whose pass it shares, which may be its own. None: it waits.
    """

    number: int
    item: T
    session: str
    tier: int
    cost_us: int
    deadline: float | None
    began: float | None = None
    is_abandoned: bool = False
    weight: Callable[[], float] = unweighted
    key: Hashable | None = None
    lane: int | None = None


@dataclass(slots=True)
class _Share(Generic[T]):
    """What one session waits for, and where it stands.

    Args:
        had_us: Start tag of its next job.
        waiting: Its jobs by number.
        waiting_us: Their work.
        head_us: Work of the oldest of them, kept here because `before` asks every session for it.
        n_running: Jobs that were taken and have not ended.
    """

    had_us: int
    waiting: OrderedDict[int, Entry[T]] = field(default_factory=OrderedDict)
    waiting_us: int = 0
    head_us: int = 1
    n_running: int = 0

    @property
    def is_active(self) -> bool:
        return bool(self.waiting) or self.n_running > 0

    @property
    def head(self) -> Entry[T]:
        return next(iter(self.waiting.values()))

    @property
    def heaviest(self) -> Entry[T]:
        return self.head if len(self.waiting) == 1 else max(self.waiting.values(), key=lambda e: e.weight())

    def ahead_of(self, weight: float) -> tuple[int, int]:
        costs_us = [entry.cost_us for entry in self.waiting.values() if entry.weight() >= weight]
        return len(costs_us), sum(costs_us)


class FairQueue(Generic[T]):
    """Gives the session with the least work behind it the next turn (start-time fair queueing).

    What a session does with its turn is its own affair: the heaviest of its jobs runs, as they weigh in that
    moment. No weight brings a turn sooner, so that nobody gets more by staring.

    A session that comes back after a pause starts half a second of work ahead of the others, not with all
    that it saved up. The level also rises with the work done, divided by the sessions that have any: where
    new sessions never cease to come, those that wait would starve otherwise. What sessions have had is
    forgotten when all is done.

    Source:
        Goyal, Vin, Cheng, "Start-time fair queueing", SIGCOMM 1996; the level as the virtual time of
        Bennett, Zhang, "Hierarchical packet fair queueing algorithms", SIGCOMM 1996.
    """

    def __init__(self) -> None:
        self._shares: dict[str, _Share[T]] = {}
        # A heap of start tag, number of the session's oldest job, session; outdated ones are passed over.
        self._order: list[tuple[int, int, str]] = []
        self._level_us = 0
        self._n_active = 0
        self._n_waiting = 0
        self._waiting_us = 0
        self._sweep_at = _MAX_STALE

    @property
    def n_waiting(self) -> int:
        """Jobs that wait."""
        return self._n_waiting

    @property
    def waiting_us(self) -> int:
        """Their work."""
        return self._waiting_us

    def of(self, session: str, *, weight: Callable[[], float] | None = None) -> tuple[int, int]:
        """Return number and work of what a session waits for.

        Args:
            session: Whose.
            weight: Of a job that came now: only what goes before it counts. None: all of it.
        """
        share = self._shares.get(session)
        if share is None or not share.waiting:
            return 0, 0
        return (len(share.waiting), share.waiting_us) if weight is None else share.ahead_of(weight())

    def before(
        self, session: str, *, work_us: int | None = None, weight: Callable[[], float] | None = None
    ) -> tuple[int, int]:
        """Return number and work of the waiting jobs that would run before a session's own.

        Args:
            session: Whose. Its own waiting jobs are counted too.
            work_us: Only until it has had so much of its own. None: until all of it has run, and a job that
                came now would be next.
            weight: Of the job that came now, which goes before its session's lighter ones. None: it is the
                last of them.
        """
        own = self._shares.get(session)
        n_own, own_us = self.of(session, weight=weight)
        tag_us = self._entry_us if own is None else self._tag_us(own)
        if work_us is not None and work_us < own_us:
            n_own, own_us = n_own * work_us // own_us, work_us
        n_jobs, sum_us = n_own, own_us
        tag_us += own_us
        for share in self._shares.values():
            waiting_us = share.waiting_us
            lead_us = tag_us - share.had_us
            if lead_us < 0 or not waiting_us or share is own:
                continue
            # Jobs whose start tags are no higher, if all are as long as the first.
            n_fitting = lead_us // share.head_us + 1
            fitting_us = n_fitting * share.head_us
            if fitting_us < waiting_us:
                n_jobs += min(n_fitting, len(share.waiting))
                sum_us += fitting_us
            else:
                n_jobs += len(share.waiting)
                sum_us += waiting_us
        return n_jobs, sum_us

    def add(self, entry: Entry[T]) -> None:
        """Let a job wait."""
        share = self._shares.get(entry.session)
        if share is None:
            share = self._shares[entry.session] = _Share(self._entry_us)
        self._n_active += not share.is_active
        share.had_us = self._tag_us(share)
        share.waiting[entry.number] = entry
        share.waiting_us += entry.cost_us
        self._n_waiting += 1
        self._waiting_us += entry.cost_us
        if len(share.waiting) == 1:
            self._offer(share)

    def take(self, *, barred: Container[str] = ()) -> Entry[T] | None:
        """Remove and return the next job, which runs until `finish`; None if there is none.

        Args:
            barred: Sessions that may not have another turn before `offer` is called for them.
        """
        entry = self._next(barred)
        if entry is not None:
            share = self._shares[entry.session]
            self._level_us = max(self._level_us, share.had_us)
            self._start(share, entry)
        return entry

    def take_along(
        self,
        key: Hashable,
        *,
        max_jobs: int,
        fits: Callable[[Entry[T]], bool],
        barred: Container[str] = (),
    ) -> list[Entry[T]]:
        """Remove and return the next jobs, as long as they share the pass of one that was taken.

        Each is paid for by its session. Nothing is passed over: what would be next anyway comes along, and
        nobody waits for others' company.

        Args:
            key: Of that job.
            max_jobs: The most that are taken.
            fits: Whether a job may come along; what it says yes to is taken.
            barred: Sessions that may not.
        """
        taken: list[Entry[T]] = []
        while len(taken) < max_jobs:
            entry = self._next(barred)
            if entry is None or entry.key != key or not fits(entry):
                break
            self._level_us = max(self._level_us, self._shares[entry.session].had_us)
            self._start(self._shares[entry.session], entry)
            taken.append(entry)
        return taken

    def has_next(self, *, barred: Container[str] = ()) -> bool:
        """Whether `take` would return a job."""
        return self._next(barred) is not None

    def _next(self, barred: Container[str]) -> Entry[T] | None:
        """Return the next job, which stays; sessions that are passed over wait for `offer`."""
        while self._order:
            had_us, number, session = self._order[0]
            share = self._shares.get(session)
            if (
                share is not None
                and share.waiting
                and (share.had_us, share.head.number) == (had_us, number)
                and session not in barred
            ):
                return share.heaviest
            heapq.heappop(self._order)
        return None

    def offer(self, session: str) -> None:
        """Let a session that was barred have turns again."""
        share = self._shares.get(session)
        if share is not None and share.waiting:
            self._offer(share)

    def remove(self, entry: Entry[T]) -> None:
        """Take out a job that waits."""
        share = self._shares[entry.session]
        was_head = share.head is entry
        self._drop(share, entry)
        if was_head and share.waiting:
            self._offer(share)
        self._forget_idle(entry.session)

    def finish(self, entry: Entry[T], *, actual_us: int) -> None:
        """Take note that a job has ended, and of what it really took."""
        share = self._shares[entry.session]
        self._level_us += actual_us // self._n_active
        share.n_running -= 1
        share.had_us += actual_us - entry.cost_us
        if share.waiting:
            self._offer(share)
        self._forget_idle(entry.session)

    def _tag_us(self, share: _Share[T]) -> int:
        """Return the start tag of a session's next job, be it one that came now."""
        return share.had_us if share.waiting else max(share.had_us, self._entry_us)

    @property
    def _entry_us(self) -> int:
        """Start tag of a session that has not asked for long."""
        return self._level_us - _HEAD_START_US

    def _start(self, share: _Share[T], entry: Entry[T]) -> None:
        share.had_us += entry.cost_us
        share.n_running += 1
        self._drop(share, entry)
        if share.waiting:
            self._offer(share)

    def _drop(self, share: _Share[T], entry: Entry[T]) -> None:
        del share.waiting[entry.number]
        share.waiting_us -= entry.cost_us
        self._n_waiting -= 1
        self._waiting_us -= entry.cost_us

    def _offer(self, share: _Share[T]) -> None:
        head = share.head
        share.head_us = head.cost_us
        heapq.heappush(self._order, (share.had_us, head.number, head.session))
        if len(self._order) > 2 * len(self._shares) + _MAX_STALE:
            waiting = [share for share in self._shares.values() if share.waiting]
            self._order = [(share.had_us, share.head.number, share.head.session) for share in waiting]
            heapq.heapify(self._order)

    def _forget_idle(self, session: str) -> None:
        share = self._shares[session]
        self._n_active -= not share.is_active
        if self._n_active == 0:
            self._shares.clear()
            self._order.clear()
            self._level_us = 0
        elif not self._matters(share):
            del self._shares[session]
        elif len(self._shares) > self._sweep_at:
            self._shares = {name: share for name, share in self._shares.items() if self._matters(share)}
            self._sweep_at = 2 * len(self._shares) + _MAX_STALE

    def _matters(self, share: _Share[T]) -> bool:
        """Whether a session has work here, or has had more than those that have."""
        return share.is_active or share.had_us > self._entry_us
