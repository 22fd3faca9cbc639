"""Shares of the bandwidth between tiers.

Source:
    Shreedhar and Varghese, "Efficient fair queuing using deficit round-robin", SIGCOMM 1995.
"""

from collections.abc import Collection, Sequence

WEIGHTS = (16, 4, 1)
"""Of the tiers interactive, normal, background."""


class DeficitRoundRobin:
    """Chooses the tier that sends next.

    Args:
        weights: Share of each tier while all of them have something to send.
        quantum_bytes: What weight 1 may send in one turn.
    """

    def __init__(self, weights: Sequence[int] = WEIGHTS, *, quantum_bytes: int) -> None:
        self._quanta = [weight * quantum_bytes for weight in weights]
        self._deficits = [0] * len(weights)
        self._turn = len(weights) - 1  # so that the first turn is the first tier's

    def choose(self, active: Collection[int]) -> int:
        """Return the tier whose turn it is; asking again without `spend` returns the same.

        Args:
            active: Tiers that have something to send; at least one.
        """
        for tier in range(len(self._quanta)):
            if tier not in active:
                # Credit is not saved up while there is nothing to send.
                self._deficits[tier] = 0
        while self._turn not in active or self._deficits[self._turn] <= 0:
            self._turn = (self._turn + 1) % len(self._quanta)
            if self._turn in active:
                self._deficits[self._turn] += self._quanta[self._turn]
        return self._turn

    def spend(self, tier: int, n_bytes: int) -> None:
        """Count what a tier has sent."""
        self._deficits[tier] -= n_bytes
