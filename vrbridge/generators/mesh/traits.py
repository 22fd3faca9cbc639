"""What a family may know about the one prop that it builds."""

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, slots=True)
class Traits:
    """Parameters drawn from the prompt and the seed.

    Args:
        seed: Everything random comes from it.
        height: Factor on heights; `tall` is over 1.
        width: Factor on widths.
        flags: Adjectives and kinds of the prompt that families react to, such as `round` or `conifer`.
        count: A number in the prompt, such as three in `three-legged`; None: not said.
    """

    seed: int
    height: float = 1.0
    width: float = 1.0
    flags: frozenset[str] = frozenset()
    count: int | None = None

    def rng(self) -> np.random.Generator:
        """Return a fresh generator; the same numbers at every detail."""
        return np.random.default_rng(self.seed)

    def has(self, *names: str) -> bool:
        """Return whether one of the flags is set."""
        return not self.flags.isdisjoint(names)

    def n(self, default: int, low: int, high: int) -> int:
        """Return the prompt's number within bounds, or the default."""
        return default if self.count is None else min(max(self.count, low), high)
