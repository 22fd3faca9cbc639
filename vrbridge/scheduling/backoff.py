"""How long to wait before the next try."""

FIRST_S = 0.5
LONGEST_S = 20.0


class Backoff:
    """Doubles the delay with each failure in a row.

    Args:
        first_s: Delay after the first failure.
        longest_s: No delay is longer.
    """

    def __init__(self, *, first_s: float = FIRST_S, longest_s: float = LONGEST_S) -> None:
        self._first_s = first_s
        self._longest_s = longest_s
        self._n_failures = 0

    @property
    def n_failures(self) -> int:
        """Failures since the last success."""
        return self._n_failures

    def fail(self) -> float:
        """Count a failure and return the seconds to wait."""
        # The exponent is bounded, since a float overflows at about a thousand failures.
        delay_s = self._first_s * 2.0 ** min(self._n_failures, 32)
        self._n_failures += 1
        return min(delay_s, self._longest_s)

    def succeed(self) -> None:
        """Start over: the next failure waits the first delay."""
        self._n_failures = 0
