"""Players in virtual time: most ask now and then, and a few never cease to."""

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import accumulate
from typing import Final

from vrbridge.bench.simulated_pool import Ask, SimulatedPool
from vrbridge.errors import Overloaded
from vrbridge.jobs.order import Order
from vrbridge.jobs.texture import sized_order, texture_cost_s

N_GREEDY_OPEN: Final = 8
MAX_TRIES: Final = 4
_TIER_SHARES: Final = (0.6, 0.3, 0.1)
_SIZES_PX: Final = (512, 1024)
_SIZE_SHARES: Final = (0.85, 0.15)
_SLOWNESS: Final = {512: 0.8, 1024: 1.3}
"""What is to be learned: small materials are made faster than reckoned, large ones slower."""
_MAX_WAIT_S: Final = 10.0
"""Until a request begins."""
_MAX_SESSION_S: Final = 30.0
_WARM_UP: Final = 0.25
"""Share of the time that is not counted."""
_RETRY_SPREAD: Final = 0.5


@dataclass(frozen=True, kw_only=True)
class World:
    """Who there is.

    Args:
        n_modest: Players who ask at random moments (Poisson).
        n_greedy: Players who always have eight interactive requests open.
        n_workers: Jobs that run at once.
        load: What the modest ones ask for, as a multiple of what the workers can do.
        seed: Of everything that is random.
    """

    n_modest: int
    n_greedy: int
    n_workers: int
    load: float
    seed: int


@dataclass
class Tally:
    """What became of the requests of one priority; those of greedy players don't count.

    Args:
        waits_s: Of each that was done, from first asking on.
        n_whole: Those that were let in as they were asked for.
        n_smaller: Those that were let in smaller.
        n_given_up: Those that were refused to the last.
    """

    waits_s: list[float] = field(default_factory=list)
    n_whole: int = 0
    n_smaller: int = 0
    n_given_up: int = 0


class Crowd:
    """All players around one pool.

    Args:
        world: Who they are.
    """

    def __init__(self, world: World) -> None:
        self._pool = SimulatedPool(
            n_workers=world.n_workers,
            max_wait_s=_MAX_WAIT_S,
            max_session_seconds=_MAX_SESSION_S,
            slowness=_slowness,
            seed=world.seed,
        )
        self._world = world
        self._orders = [
            sized_order({}, edge_px, cost_s=texture_cost_s, name="simulated") for edge_px in _SIZES_PX
        ]
        self._sizes, self._tiers = _bounds(_SIZE_SHARES), _bounds(_TIER_SHARES)
        self._every_s = self._mean_work_s() * world.n_modest / (world.load * world.n_workers)
        self._is_counted = False
        self.tallies = [Tally() for _ in _TIER_SHARES]
        self.greedy_s = [0.0] * world.n_greedy
        self.n_done = 0
        self.counted_s = self.busy_s = 0.0

    @property
    def busy(self) -> float:
        """Share of the workers' time that was worked."""
        return self.busy_s / (self.counted_s * self._world.n_workers)

    def run(self, seconds: float) -> None:
        """Let so much time pass, the first part of it uncounted."""
        random = self._pool.random
        for number in range(self._world.n_modest):
            self._pool.after(random.expovariate(1 / self._every_s), self._visit(number))
        for number in range(self._world.n_greedy):
            for _ in range(N_GREEDY_OPEN):
                self._pool.after(random.random(), self._grab(number))
        self._pool.run(seconds * _WARM_UP)
        self._is_counted, before_s = True, self._pool.busy_s
        self._pool.run(seconds)
        self.counted_s = seconds * (1 - _WARM_UP)
        self.busy_s = self._pool.busy_s - before_s

    def _mean_work_s(self) -> float:
        costs_s = [order.cost_s * _slowness(order.size) for order in self._orders]
        return sum(cost_s * share for cost_s, share in zip(costs_s, _SIZE_SHARES, strict=True))

    def _visit(self, number: int) -> Callable[[], None]:
        """Return what a modest player does: ask once, and come back some time later."""
        session = f"modest {number}"

        def visit() -> None:
            random = self._pool.random
            order = self._orders[self._drawn(self._sizes)]
            self._try(session, self._drawn(self._tiers), order, asked=self._pool.now, n_tries=1)
            self._pool.after(random.expovariate(1 / self._every_s), visit)

        return visit

    def _try(self, session: str, tier: int, order: Order, *, asked: float, n_tries: int) -> None:
        ask = Ask(session, tier, order, asked, self._note)
        try:
            self._pool.ask(ask)
        except Overloaded as refusal:
            if n_tries == MAX_TRIES:
                self.tallies[tier].n_given_up += self._is_counted
                return
            wait_s = self._come_back_s(refusal)
            self._pool.after(
                wait_s, lambda: self._try(session, tier, order, asked=asked, n_tries=n_tries + 1)
            )
            return
        self.tallies[tier].n_smaller += self._is_counted and bool(ask.order.degraded)
        self.tallies[tier].n_whole += self._is_counted and not ask.order.degraded

    def _note(self, ask: Ask) -> None:
        if self._is_counted:
            self.n_done += 1
            self.tallies[ask.tier].waits_s.append(self._pool.now - ask.asked)

    def _grab(self, number: int) -> Callable[[], None]:
        """Return what a greedy player does: ask, and again as soon as that is done."""
        session = f"greedy {number}"

        def note(ask: Ask) -> None:
            if self._is_counted:
                self.n_done += 1
                self.greedy_s[number] += ask.order.cost_s * _slowness(ask.order.size)
            self._pool.after(0.0, grab)

        def grab() -> None:
            order = self._orders[self._drawn(self._sizes)]
            try:
                self._pool.ask(Ask(session, 0, order, self._pool.now, note))
            except Overloaded as refusal:
                self._pool.after(self._come_back_s(refusal), grab)

        return grab

    def _drawn(self, bounds: list[float]) -> int:
        roll = self._pool.random.random()
        return sum(roll >= bound for bound in bounds)

    def _come_back_s(self, refusal: Overloaded) -> float:
        # As the server tells it: never earlier, and not the same for everybody.
        return (refusal.retry_after_s or 1.0) * self._pool.random.uniform(1.0, 1.0 + _RETRY_SPREAD)


def _slowness(size: str) -> float:
    return _SLOWNESS.get(int(size.split()[-1]), 1.0)


def _bounds(shares: tuple[float, ...]) -> list[float]:
    """Return what a number in [0, 1) has to reach for each share but the first."""
    return list(accumulate(shares))[:-1]
