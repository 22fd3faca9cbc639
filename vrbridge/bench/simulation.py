"""Very many players in virtual time: what each priority waits, and who gets what."""

from pathlib import Path
from typing import Final

import msgspec

from vrbridge.bench.measures import jain, percentile
from vrbridge.bench.simulated_players import Crowd, Tally, World

TIERS: Final = ("interactive", "normal", "background")
LOADS: Final = (0.25, 0.5, 0.75, 1.0, 1.25, 1.5, 2.0)


class Plan(msgspec.Struct, frozen=True, kw_only=True):
    """What is simulated.

    Args:
        n_sessions: Players altogether.
        n_workers: Jobs that run at once.
        seconds: Of virtual time for each load.
        greedy_share: Of the players, those who never have fewer than eight requests open.
        loads: What the others ask for, as multiples of what the workers can do.
        seed: Of everything that is random.
    """

    n_sessions: int = 10_000
    n_workers: int = 100
    seconds: float = 60.0
    greedy_share: float = 0.01
    loads: tuple[float, ...] = LOADS
    seed: int = 1

    @property
    def n_greedy(self) -> int:
        """Players who want all there is."""
        return round(self.n_sessions * self.greedy_share)

    def world(self, load: float, *, n_greedy: int) -> World:
        """Return the players of one load, with so many greedy ones beside them."""
        return World(
            n_modest=self.n_sessions - self.n_greedy,
            n_greedy=n_greedy,
            n_workers=self.n_workers,
            load=load,
            seed=self.seed,
        )


class TierPoint(msgspec.Struct, frozen=True, kw_only=True):
    """What one priority of the modest players got.

    Args:
        p50_s: Seconds from first asking to the end, refusals included. None: nothing was done.
        p95_s: The same.
        p99_s: The same.
        whole: Share of what was asked for that was let in as it was.
        smaller: Share that was let in smaller.
        given_up: Share that was refused to the last.
    """

    p50_s: float | None
    p95_s: float | None
    p99_s: float | None
    whole: float
    smaller: float
    given_up: float


class Point(msgspec.Struct, frozen=True, kw_only=True):
    """What happened under one load.

    Args:
        load: What the modest players asked for, as a multiple of what the workers can do.
        alone: What these got among themselves, by priority.
        beside: What they got beside the greedy ones.
        busy: Share of the workers' time that was worked without the greedy ones.
        greedy_jain: How evenly the greedy players shared what they got: 1 is evenly.
        greedy_parts: Work that a greedy player got, as a multiple of what a modest one asked for.
        n_done: Requests of all that were counted.
    """

    load: float
    alone: dict[str, TierPoint]
    beside: dict[str, TierPoint]
    busy: float
    greedy_jain: float | None
    greedy_parts: float
    n_done: int


class Simulation(msgspec.Struct, frozen=True, kw_only=True):
    """A plan, and what came of it."""

    plan: Plan
    points: list[Point]

    def write(self, path: Path) -> None:
        """Write it as JSON."""
        path.write_bytes(msgspec.json.format(msgspec.json.encode(self), indent=2) + b"\n")


def simulate(plan: Plan, load: float) -> Point:
    """Return what happens under one load."""
    alone = Crowd(plan.world(load, n_greedy=0))
    alone.run(plan.seconds)
    beside = Crowd(plan.world(load, n_greedy=plan.n_greedy))
    beside.run(plan.seconds)
    asked_s = load * plan.n_workers * beside.counted_s / (plan.n_sessions - plan.n_greedy)
    return Point(
        load=load,
        alone=_tier_points(alone),
        beside=_tier_points(beside),
        busy=alone.busy,
        greedy_jain=jain(beside.greedy_s),
        greedy_parts=sum(beside.greedy_s) / max(1, plan.n_greedy) / asked_s,
        n_done=alone.n_done + beside.n_done,
    )


def _tier_points(crowd: Crowd) -> dict[str, TierPoint]:
    return {name: _tier_point(tally) for name, tally in zip(TIERS, crowd.tallies, strict=True)}


def _tier_point(tally: Tally) -> TierPoint:
    n_decided = max(1, tally.n_whole + tally.n_smaller + tally.n_given_up)
    return TierPoint(
        p50_s=percentile(tally.waits_s, 50),
        p95_s=percentile(tally.waits_s, 95),
        p99_s=percentile(tally.waits_s, 99),
        whole=tally.n_whole / n_decided,
        smaller=tally.n_smaller / n_decided,
        given_up=tally.n_given_up / n_decided,
    )
