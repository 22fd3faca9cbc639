"""Workers in virtual time, behind the backlog, the admission and the costs of the product."""

import heapq
import random
from collections.abc import Callable
from dataclasses import dataclass
from itertools import count
from typing import Final

from vrbridge.jobs.order import Order, choices, first_that_fits
from vrbridge.scheduling.backlog import Backlog
from vrbridge.scheduling.costs import Costs
from vrbridge.scheduling.waiting import Waiting

_SPREAD: Final = 0.25
"""Of the logarithm of what a job takes, around what its kind usually takes."""


@dataclass(eq=False, slots=True)
class Ask:
    """One request that was admitted.

    Args:
        session: Whose.
        tier: 0 interactive, 1 normal, 2 background.
        order: What is made.
        asked: When it was first asked for.
        on_done: Called when it is done.
        ticket: Its number in the backlog.
    """

    session: str
    tier: int
    order: Order
    asked: float
    on_done: Callable[["Ask"], None]
    ticket: int = -1


class SimulatedPool:
    """Carries orders out as the worker pool does, except that nothing is made and no time passes.

    Args:
        n_workers: Jobs that run at once.
        max_wait_s: Estimated time until a request begins.
        max_session_seconds: Estimated work of one session.
        slowness: What jobs take, as a multiple of what their kinds reckon, by size.
        seed: Of everything that is random.
    """

    def __init__(
        self,
        *,
        n_workers: int,
        max_wait_s: float,
        max_session_seconds: float,
        slowness: Callable[[str], float],
        seed: int,
    ) -> None:
        self.now = 0.0
        self.busy_s = 0.0
        self.random = random.Random(seed)  # noqa: S311 - nothing depends on its secrecy
        self._n_workers = n_workers
        self._slowness = slowness
        self._backlog: Backlog[Ask] = Backlog(
            max_wait_s=max_wait_s, max_session_seconds=max_session_seconds, max_jobs=1 << 20
        )
        self._costs = Costs()
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

    def ask(self, ask: Ask) -> None:
        """Admit a request, made smaller if need be.

        Raises:
            Overloaded: If there is too much work for it.
        """
        ask.order, _ = first_that_fits(
            choices(ask.order, tier=ask.tier), lambda order: self._estimate(ask, order)
        )
        ask.ticket = self._backlog.add(
            ask,
            session=ask.session,
            tier=ask.tier,
            cost_s=self._expected_s(ask.order),
            now=self.now,
            n_workers=self._n_workers,
        )
        self._work()

    def _estimate(self, ask: Ask, order: Order) -> Waiting:
        return self._backlog.estimate(
            ask.session,
            tier=ask.tier,
            cost_s=self._expected_s(order),
            now=self.now,
            n_workers=self._n_workers,
        )

    def _expected_s(self, order: Order) -> float:
        return self._costs.expected_s(order.cost_s, call="make", size=order.size)

    def _work(self) -> None:
        while self._backlog.n_running < self._n_workers:
            ask = self._backlog.take(now=self.now)
            if ask is None:
                return
            self._begin(ask)

    def _begin(self, ask: Ask) -> None:
        usual_s = ask.order.cost_s * self._slowness(ask.order.size)
        # The mean of what is drawn is the usual time.
        seconds = usual_s * self.random.lognormvariate(-_SPREAD * _SPREAD / 2, _SPREAD)
        self.after(seconds, lambda: self._finish(ask, seconds))

    def _finish(self, ask: Ask, seconds: float) -> None:
        self.busy_s += seconds
        self._backlog.finish(ask.ticket, seconds=seconds)
        self._costs.learn("make", size=ask.order.size, estimate_s=ask.order.cost_s, actual_s=seconds)
        self._work()
        ask.on_done(ask)
