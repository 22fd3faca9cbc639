"""Jobs that wait and run: which is next, how much is ahead, and when to refuse more."""

import heapq
import math
from collections import Counter
from collections.abc import Callable, Hashable, Iterable, Sequence, Set
from dataclasses import dataclass
from itertools import count
from typing import Generic, TypeVar

from vrbridge.errors import DeadlineExceeded, Overloaded
from vrbridge.scheduling.fair_queue import Entry, FairQueue, unweighted
from vrbridge.scheduling.lanes import InTime, left_s_of, packed
from vrbridge.scheduling.waiting import Waiting, begins_s

T = TypeVar("T")

_LEAST_RETRY_S = 1.0
"""A client that comes back sooner finds nothing changed."""


@dataclass(frozen=True, slots=True)
class Ahead:
    """What would run before a job that came now.

    Args:
        n_jobs: Waiting jobs.
        seconds: Their estimated work, and what is left of the jobs that run.
    """

    n_jobs: int
    seconds: float


class Backlog(Generic[T]):
    """Orders waiting jobs by tier, then by work that their session has had, then by weight, then by age.

    Weights decide what a session does with its turn, and never whose turn it is.

    What is ahead of a job is what fair sharing puts there, and not all that waits: a session that has filled
    the backlog is in its own way only.

    Args:
        max_wait_s: Estimated time that a new job may wait until it begins; one that has nothing waiting ahead
            is let in whenever that is. What it costs itself delays only others, and is not counted.
        max_session_seconds: Estimated work of one session that may wait and run; its first job is let in
            whatever it costs. None: no bound of its own.
        max_jobs: Jobs that may wait altogether.
        max_running: Jobs of one session that may run at once; those that share a pass count once. None: as
            many as there are workers.
    """

    def __init__(
        self,
        *,
        max_wait_s: float,
        max_session_seconds: float | None = None,
        max_jobs: int = 4096,
        max_running: int | None = None,
    ) -> None:
        self._max_wait_s = max_wait_s
        self._max_session_seconds = math.inf if max_session_seconds is None else max_session_seconds
        self._max_jobs = max_jobs
        self._max_running = max_running
        self._numbers = count()
        self._waiting: dict[int, Entry[T]] = {}
        self._running: dict[int, Entry[T]] = {}
        self._tiers: dict[int, FairQueue[T]] = {}
        self._latest: list[tuple[float, int]] = []

    def __len__(self) -> int:
        return len(self._waiting)

    @property
    def n_running(self) -> int:
        """Jobs that were taken and have not ended."""
        return len(self._running)

    @property
    def n_lanes(self) -> int:
        """Lanes that these hold: those that share a pass hold one together."""
        return len({entry.lane for entry in self._running.values()})

    @property
    def seconds(self) -> float:
        """Estimated work of all waiting jobs."""
        return _seconds(sum(queue.waiting_us for queue in self._tiers.values()))

    def ahead(self, session: str, *, tier: int, now: float) -> Ahead:
        """Return what would run before a job of this session and tier."""
        n_jobs, waiting_us = self._before(session, tier=tier)
        return Ahead(n_jobs, _seconds(waiting_us) + sum(left_s_of(self._running.values(), now).values()))

    def estimate(
        self,
        session: str,
        *,
        tier: int,
        cost_s: float,
        now: float,
        n_workers: int = 1,
        deadline: float | None = None,
        weight: Callable[[], float] = unweighted,
    ) -> Waiting:
        """Return when a job that came now would be done.

        Args:
            session: Whose work it is.
            tier: 0 is the most urgent of what players ask for.
            cost_s: Estimated seconds of work, above 0.
            now: On the clock of the deadlines.
            n_workers: How many jobs run at once. 0: nobody knows when anything runs.
            deadline: When it is given up. None: never.
            weight: Returns how much its session wants it now; the heaviest has the session's next turn.

        Raises:
            Overloaded: If it would not be let in, or would end after its deadline; `retry_after_s` is when it
                has a chance. A job that starts at once may try: its cost is only an estimate.
            DeadlineExceeded: If the deadline has come already.
        """
        if deadline is not None and deadline <= now:
            raise DeadlineExceeded("The request came after its deadline.")
        if len(self) >= self._max_jobs:
            raise Overloaded(
                "The server has too many requests waiting; try again later.", retry_after_s=_LEAST_RETRY_S
            )
        left_s = left_s_of(self._running.values(), now)
        own_left_s = left_s_of(self._running_of(session), now)
        self._check_session(
            session,
            own_s=sum(own_left_s.values()),
            all_s=sum(left_s.values()),
            tier=tier,
            cost_s=cost_s,
            n_workers=n_workers,
        )
        n_ahead, ahead_us = self._before(session, tier=tier, weight=weight)
        if n_workers - len(left_s) > n_ahead and session not in self._barred():
            return Waiting(0, cost_s)
        # Without workers, what is let in must not be more than the first to come could do.
        busy_s = packed(left_s.values(), max(1, n_workers))
        begins = begins_s(busy_s, _seconds(ahead_us))
        if n_ahead and begins > self._max_wait_s:
            text = "The server has too much work waiting; try again later."
            raise Overloaded(text, retry_after_s=max(_LEAST_RETRY_S, begins - self._max_wait_s))
        load = (begins - min(busy_s)) / self._max_wait_s
        if n_workers == 0:
            return Waiting(n_ahead + 1, None, load)
        done_s = max(begins, self._allowed_s(session, tier, own_left_s.values(), weight=weight)) + cost_s
        if deadline is not None and now + done_s > deadline:
            text = "Too much work waits for this to be done before its deadline; try again later."
            raise Overloaded(text, retry_after_s=max(_LEAST_RETRY_S, now + done_s - deadline))
        return Waiting(n_ahead + 1, done_s, load)

    def add(
        self,
        item: T,
        *,
        session: str,
        tier: int,
        cost_s: float,
        now: float,
        n_workers: int = 1,
        deadline: float | None = None,
        weight: Callable[[], float] = unweighted,
        key: Hashable | None = None,
    ) -> int:
        """Take a job in and return its number, for `remove` and `finish`.

        Jobs of equal keys can share one pass, see `take_along`; one whose key is None runs alone. The other
        arguments are those of `estimate`.

        Raises:
            Overloaded: As `estimate` does.
        """
        self.estimate(
            session, tier=tier, cost_s=cost_s, now=now, n_workers=n_workers, deadline=deadline, weight=weight
        )
        entry = Entry(
            number=next(self._numbers),
            item=item,
            session=session,
            tier=tier,
            cost_us=max(1, round(cost_s * 1e6)),
            deadline=deadline,
            weight=weight,
            key=key,
        )
        self._waiting[entry.number] = entry
        self._tiers.setdefault(tier, FairQueue()).add(entry)
        if deadline is not None:
            heapq.heappush(self._latest, (deadline - cost_s, entry.number))
        return entry.number

    def take(self, *, now: float) -> T | None:
        """Remove and return the next job, which runs until `finish`, or None if none may run."""
        barred = self._barred()
        for tier in sorted(self._tiers):
            entry = self._tiers[tier].take(barred=barred)
            if entry is not None:
                self._start(entry, lane=entry.number, now=now)
                return entry.item
        return None

    def take_along(self, number: int, *, max_jobs: int, now: float) -> list[T]:
        """Remove and return the next jobs, as far as they may share the pass of one that was taken.

        They run until `finish`. Nothing that waits is passed over, and less urgent ones stay. They come only
        while all can still be in time as if each took as long as alone: what a pass does at once is not known
        here.

        Args:
            number: Of the job that was taken. If its key is None, nothing comes along.
            max_jobs: The most that do.
            now: Time.
        """
        first = self._running[number]
        if first.key is None or max_jobs <= 0:
            return []
        members = [entry for entry in self._running.values() if entry.lane == number]
        fits = InTime(members, now)
        barred = self._barred(but=number)
        if self._max_running is not None:
            # They were passed over as long as no lane of theirs was asked for.
            for queue in self._tiers.values():
                for member in members:
                    queue.offer(member.session)
        taken: list[Entry[T]] = []
        for tier in sorted(tier for tier in self._tiers if tier <= first.tier):
            n_left = max_jobs - len(taken)
            taken += self._tiers[tier].take_along(first.key, max_jobs=n_left, fits=fits, barred=barred)
            if self._tiers[tier].has_next(barred=barred):
                break
        for entry in taken:
            self._start(entry, lane=number, now=now)
        return [entry.item for entry in taken]

    def finish_together(self, numbers: Sequence[int], *, seconds: float) -> None:
        """Take note that jobs that shared a pass have ended; each was its share of the work, by cost."""
        costs_us = [self._running[number].cost_us for number in numbers]
        for number, cost_us in zip(numbers, costs_us, strict=True):
            self.finish(number, seconds=seconds * cost_us / sum(costs_us))

    def finish(self, number: int, *, seconds: float) -> None:
        """Take note that a job that was taken has ended, and of the work that it really was."""
        entry = self._running.pop(number)
        self._tiers[entry.tier].finish(entry, actual_us=round(seconds * 1e6))
        if self._max_running is not None:
            for queue in self._tiers.values():
                queue.offer(entry.session)

    def remove(self, number: int) -> bool:
        """Take a job out unrun; return whether it was waiting. One that runs counts as nearly done."""
        entry = self._waiting.get(number)
        if entry is None:
            if number in self._running:
                self._running[number].is_abandoned = True
            return False
        self._tiers[entry.tier].remove(entry)
        self._forget(entry)
        return True

    def expire(self, *, now: float) -> list[T]:
        """Remove and return the jobs that can't end before their deadline any more.

        While nothing else waits, a job may try until its deadline has come: its cost is only an estimate.
        """
        expired = []
        while self._latest and self._latest[0][0] <= now:
            latest = heapq.heappop(self._latest)
            entry = self._waiting.get(latest[1])
            if entry is None:
                continue
            assert entry.deadline is not None, "only jobs with a deadline are in the heap"
            if len(self._waiting) == 1 and now < entry.deadline:
                heapq.heappush(self._latest, latest)
                break
            self.remove(entry.number)
            expired.append(entry.item)
        return expired

    def clear(self) -> list[T]:
        """Remove and return everything that waits, oldest first."""
        entries = list(self._waiting.values())
        for entry in entries:
            self.remove(entry.number)
        return [entry.item for entry in entries]

    def _start(self, entry: Entry[T], *, lane: int, now: float) -> None:
        entry.began = now
        entry.lane = lane
        self._running[entry.number] = entry
        self._forget(entry)

    def _check_session(
        self, session: str, *, own_s: float, all_s: float, tier: int, cost_s: float, n_workers: int
    ) -> None:
        """Raise Overloaded if a session has enough under way.

        Args:
            session: Which.
            own_s: What is left of those of its jobs that run.
            all_s: What is left of all that run.
            tier: Of the job that came.
            cost_s: Of the job that came.
            n_workers: How many jobs run at once.
        """
        own_s += _seconds(sum(queue.of(session)[1] for queue in self._tiers.values()))
        excess_s = own_s + cost_s - self._max_session_seconds
        if own_s > 0 and excess_s > 0:
            # By then the session has had so much of its own, and the others what is fair.
            _, before_us = self._before(session, tier=tier, work_us=round(excess_s * 1e6))
            shared_s = _retry_s(_seconds(before_us) + all_s, n_workers)
            alone_s = _retry_s(excess_s, min(n_workers, self._max_running or n_workers))
            text = "This session has enough work waiting; try again when some of it is done."
            raise Overloaded(text, retry_after_s=max(shared_s, alone_s))

    def _before(
        self,
        session: str,
        *,
        tier: int,
        work_us: int | None = None,
        weight: Callable[[], float] | None = None,
    ) -> tuple[int, int]:
        """Return number and work of the waiting jobs before one of this session and tier."""
        n_jobs, sum_us = 0, 0
        for number, queue in self._tiers.items():
            if number < tier:
                n_jobs += queue.n_waiting
                sum_us += queue.waiting_us
            elif number == tier:
                n_before, before_us = queue.before(session, work_us=work_us, weight=weight)
                n_jobs += n_before
                sum_us += before_us
        return n_jobs, sum_us

    def _allowed_s(
        self, session: str, tier: int, own_left_s: Iterable[float], *, weight: Callable[[], float]
    ) -> float:
        """Return when the session may run one more, which is not before its own that go first."""
        own_s = list(own_left_s)
        if self._max_running is None or len(own_s) < self._max_running:
            return 0.0
        own_us = sum(
            queue.of(session, weight=weight if number == tier else None)[1]
            for number, queue in self._tiers.items()
            if number <= tier
        )
        return begins_s(own_s, _seconds(own_us))

    def _running_of(self, session: str) -> list[Entry[T]]:
        return [entry for entry in self._running.values() if entry.session == session]

    def _barred(self, *, but: int | None = None) -> Set[str]:
        """Return the sessions that hold as many lanes as they may.

        Args:
            but: A lane that those that hold it may hold with more jobs. None: there is none.
        """
        if self._max_running is None:
            return frozenset()
        held = {(entry.session, entry.lane) for entry in self._running.values()}
        n_lanes = Counter(session for session, _ in held)
        return {
            session for session, n in n_lanes.items() if n >= self._max_running and (session, but) not in held
        }

    def _forget(self, entry: Entry[T]) -> None:
        del self._waiting[entry.number]
        # Those of jobs that have left are dropped here once they outnumber the waiting ones.
        if len(self._latest) > 2 * len(self._waiting) + 16:
            self._latest = [pair for pair in self._latest if pair[1] in self._waiting]
            heapq.heapify(self._latest)


def _seconds(microseconds: int) -> float:
    return microseconds / 1e6


def _retry_s(work_s: float, n_workers: int) -> float:
    """Return when so much work will be done."""
    return max(_LEAST_RETRY_S, work_s / max(1, n_workers))
