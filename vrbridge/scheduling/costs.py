"""What jobs really cost, learned from those that have run."""

_WEIGHT = 0.2
"""Of the newest job: about the last ten decide."""
_LEAST, _MOST = 0.02, 50.0
"""Bounds of a ratio, so that one odd job can't make an estimate absurd."""
_LEAST_UNKNOWN, _MOST_UNKNOWN = 0.2, 5.0
"""Bounds for a call that has not run yet: what others took says how fast the machine is, and no more."""


class Costs:
    """Keeps, per call, an exponentially weighted ratio of real to estimated seconds."""

    def __init__(self) -> None:
        self._ratios: dict[str, float] = {}
        self._estimated_s = 1.0
        self._actual_s = 1.0

    def expected_s(self, estimate_s: float, *, call: str | None = None) -> float:
        """Return what a job will probably take.

        Args:
            estimate_s: What its kind reckons.
            call: Its call. None: unknown, so that the ratio of all calls together counts.
        """
        known = None if call is None else self._ratios.get(call)
        return max(estimate_s, 1e-3) * (self._overall if known is None else known)

    def learn(self, call: str, *, estimate_s: float, actual_s: float) -> None:
        """Take a finished job into account; `estimate_s` is the kind's own estimate."""
        ratio = min(_MOST, max(_LEAST, actual_s / max(estimate_s, 1e-3)))
        known = self._ratios.get(call)
        # The first job of a call is better evidence than the starting value.
        self._ratios[call] = ratio if known is None else known + _WEIGHT * (ratio - known)
        # In seconds, so that many short jobs say no more than one long one.
        self._estimated_s += max(estimate_s, 1e-3) - _WEIGHT * self._estimated_s
        self._actual_s += ratio * max(estimate_s, 1e-3) - _WEIGHT * self._actual_s

    @property
    def _overall(self) -> float:
        return min(_MOST_UNKNOWN, max(_LEAST_UNKNOWN, self._actual_s / self._estimated_s))
