"""How long something will wait until it is its turn."""

from collections.abc import Sequence
from dataclasses import dataclass, field


@dataclass(frozen=True, slots=True)
class Waiting:
    """How long a job would take.

    Args:
        position: In line; 0: starts at once.
        eta_s: Seconds until done, or None while nothing runs jobs.
        load: How much later it begins for what waits before it, as a share of how long it may wait; what runs
            already and the job itself are no part of it. 0 if nothing waits before it.
    """

    position: int
    eta_s: float | None
    load: float = field(default=0.0, compare=False)


def begins_s(busy_s: Sequence[float], work_s: float) -> float:
    """Return when the next job begins, in seconds from now.

    Args:
        busy_s: For each worker, at least one, how long its present job still takes.
        work_s: Work of the jobs before it, which any worker may do in pieces of any size.
    """
    free_s, *later_s = sorted(busy_s)
    for n_free, next_s in enumerate(later_s, start=1):
        capacity_s = n_free * (next_s - free_s)
        if work_s <= capacity_s:
            return free_s + work_s / n_free
        work_s -= capacity_s
        free_s = next_s
    return free_s + work_s / len(busy_s)
