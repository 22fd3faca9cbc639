"""Where values are on a chart, and which of them are written beside it."""

import math
from collections.abc import Iterable
from typing import Protocol

_LEAST = 1e-9
"""What is smaller is as good as nothing."""


class Axis(Protocol):
    """Maps values to 0 (bottom) … 1 (top)."""

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Values with their labels, from the smallest on."""
        ...

    def place(self, value: float) -> float:
        """Return where a value is; what is out of range is moved to the edge."""
        ...


class LinearAxis:
    """From 0 to a round number.

    Args:
        values: All that will be drawn.
    """

    def __init__(self, values: Iterable[float]) -> None:
        self._step = _round_step(max(values, default=0.0))
        n_steps = math.ceil(max(values, default=0.0) / self._step - 1e-9)
        self._top = self._step * max(1, n_steps)

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Multiples of a round step."""
        n_steps = round(self._top / self._step)
        return [(number * self._step, f"{number * self._step:g}") for number in range(n_steps + 1)]

    def place(self, value: float) -> float:
        """Return where a value is."""
        return min(1.0, max(0.0, value / self._top))


class LogAxis:
    """From one power of ten to another.

    Args:
        low: Its bottom.
        high: Its top.
    """

    def __init__(self, low: float, high: float) -> None:
        self._low = round(math.log10(low))
        self._high = round(math.log10(high))

    @property
    def ticks(self) -> list[tuple[float, str]]:
        """Powers of ten."""
        return [(10.0**power, f"{10.0**power:g}") for power in range(self._low, self._high + 1)]

    def place(self, value: float) -> float:
        """Return where a value is."""
        if value <= 0:
            return 0.0
        return min(1.0, max(0.0, (math.log10(value) - self._low) / (self._high - self._low)))


def _round_step(top: float) -> float:
    """Return 1, 2 or 5 times a power of ten, such that two to five of them reach the top."""
    if top < _LEAST:
        return 1.0
    power = 10.0 ** math.floor(math.log10(top / 2))
    return next(power * factor for factor in (1, 2, 5, 10) if top / (power * factor) <= 4)
