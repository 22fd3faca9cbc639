"""Players and workers around a backlog, in simulated time."""

import heapq
import random
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import count

from vrbridge.errors import Overloaded
from vrbridge.scheduling.backlog import Backlog

_MOST_OFF = 0.3
"""Share by which a job may take more or less than it was estimated."""


@dataclass(eq=False)
class Ask:
    """One request."""

    session: str
    cost_s: float
    asked: float
    deadline: float | None
    on_end: Callable[[], None]
    number: int = -1


@dataclass
class Counts:
    """What became of the requests of one session."""

    useful_s: float = 0.0
    vain_s: float = 0.0
    n_refused: int = 0
    n_expired: int = 0
    latencies_s: list[float] = field(default_factory=list)


class Simulation:
    """Runs the jobs of a backlog on workers; each takes its estimate, more or less.

    Args:
        backlog: What is under test.
        n_workers: Jobs that run at once.
        seed: Of everything that is random.
    """

    def __init__(self, backlog: Backlog[Ask], *, n_workers: int, seed: int = 1) -> None:
        self.now = 0.0
        self.counts: dict[str, Counts] = defaultdict(Counts)
        self.random = random.Random(seed)
        self._backlog = backlog
        self._n_workers = n_workers
        self._n_running = 0
        self._events: list[tuple[float, int, Callable[[], None]]] = []
        self._order = count()

    def after(self, delay_s: float, do: Callable[[], None]) -> None:
        """Have something done later."""
        heapq.heappush(self._events, (self.now + delay_s, next(self._order), do))

    def run(self, until_s: float) -> None:
        """Go on until a time."""
        while self._events and self._events[0][0] <= until_s:
            self.now, _, do = heapq.heappop(self._events)
            do()
        self.now = until_s

    def request(
        self,
        session: str,
        cost_s: float,
        *,
        within_s: float | None = None,
        on_end: Callable[[], None] = lambda: None,
        weight: Callable[[], float] = lambda: 0.0,
    ) -> float | None:
        """Ask for work; return when to come back if it is refused. `on_end` follows in any other case."""
        deadline = None if within_s is None else self.now + within_s
        ask = Ask(session, cost_s, self.now, deadline, on_end)
        try:
            ask.number = self._backlog.add(
                ask,
                session=session,
                tier=0,
                cost_s=cost_s,
                now=self.now,
                n_workers=self._n_workers,
                deadline=deadline,
                weight=weight,
            )
        except Overloaded as refused:
            self.counts[session].n_refused += 1
            return (refused.retry_after_s or 0.0) * self.random.uniform(1.0, 1.5)
        if within_s is not None:
            self.after(within_s, lambda: self._leave(ask))
        self._work()
        return None

    def keep_asking(
        self, session: str, cost_s: Callable[[], float], *, within_s: float | None = None
    ) -> None:
        """Ask again as soon as a request has ended, or when a refused one may come back."""

        def ask() -> None:
            wait_s = self.request(session, cost_s(), within_s=within_s, on_end=lambda: self.after(0.0, ask))
            if wait_s is not None:
                self.after(wait_s, ask)

        ask()

    def _leave(self, ask: Ask) -> None:
        if self._backlog.remove(ask.number):
            self._expired(ask)

    def _expired(self, ask: Ask) -> None:
        self.counts[ask.session].n_expired += 1
        ask.on_end()

    def _work(self) -> None:
        while self._n_running < self._n_workers:
            for late in self._backlog.expire(now=self.now):
                self._expired(late)
            ask = self._backlog.take(now=self.now)
            if ask is None:
                return
            self._n_running += 1
            self._start(ask)

    def _start(self, ask: Ask) -> None:
        seconds = ask.cost_s * self.random.uniform(1 - _MOST_OFF, 1 + _MOST_OFF)
        self.after(seconds, lambda: self._finish(ask, seconds))

    def _finish(self, ask: Ask, seconds: float) -> None:
        self._n_running -= 1
        self._backlog.finish(ask.number, seconds=seconds)
        counts = self.counts[ask.session]
        if ask.deadline is not None and self.now > ask.deadline:
            counts.vain_s += seconds
        else:
            counts.useful_s += seconds
            counts.latencies_s.append(self.now - ask.asked)
        ask.on_end()
        self._work()
