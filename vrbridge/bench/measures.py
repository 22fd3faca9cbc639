"""Percentiles, fairness, and values second by second."""

from collections.abc import Callable, Iterable, Sequence
from math import floor

Sample = tuple[float, float]
"""When, on the clock of `time.monotonic`, and how much."""


def percentile(values: Iterable[float], percent: float) -> float | None:
    """Return the value that so many percent do not exceed, between neighbours in proportion.

    None if there are no values.
    """
    ordered = sorted(values)
    if not ordered:
        return None
    place = (len(ordered) - 1) * percent / 100
    low = floor(place)
    high = min(low + 1, len(ordered) - 1)
    return ordered[low] + (ordered[high] - ordered[low]) * (place - low)


def jain(shares: Sequence[float]) -> float | None:
    """Return how evenly something is shared: 1 is evenly, 1 ÷ n is all to one. None if nobody got any.

    Source:
        Jain, Chiu, Hawe, "A quantitative measure of fairness", DEC-TR-301, 1984.
    """
    squares = sum(share * share for share in shares)
    return sum(shares) ** 2 / (len(shares) * squares) if squares else None


def by_second(
    samples: Iterable[Sample],
    start: float,
    end: float,
    reduce: Callable[[list[float]], float | None],
) -> list[float | None]:
    """Return one value for each second that began before the end.

    Args:
        samples: In any order.
        start: Where the first second begins.
        end: Where the last one ends.
        reduce: Makes one value of those of a second; its list may be empty.
    """
    seconds: list[list[float]] = [[] for _ in range(max(0, round(end - start)))]
    for at, value in samples:
        second = floor(at - start)
        if 0 <= second < len(seconds):
            seconds[second].append(value)
    return [reduce(values) for values in seconds]
