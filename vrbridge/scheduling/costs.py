"""What jobs really cost, learned from those that have run."""

from collections import OrderedDict
from dataclasses import dataclass

_WEIGHT = 0.2
"""Of the newest job: about the last ten decide."""
_LEAST, _MOST = 0.02, 50.0
"""Bounds of a ratio, so that one odd job can't make an estimate absurd."""
_LEAST_UNKNOWN, _MOST_UNKNOWN = 0.2, 5.0
"""Bounds for a call that has not run yet: what others took says how fast the machine is, and no more."""
_MAX_SIZES = 512
"""Sizes that are remembered; of more, the one that has not run for longest is forgotten."""


@dataclass(slots=True)
class _Ratio:
    """Real to estimated seconds, and how many jobs say so."""

    value: float
    n_jobs: int = 0

    def learn(self, ratio: float) -> None:
        # Where it began was known before the first job, and counts as one.
        self.n_jobs += 1
        self.value += max(_WEIGHT, 1 / (self.n_jobs + 1)) * (ratio - self.value)


class Costs:
    """Keeps exponentially weighted ratios of real to estimated seconds: of each size, each call, and of all.

    A size is a few words for what decides the cost besides the call, such as generator, edge and device. One
    that has not run yet is reckoned as its call, and a call as all others together.
    """

    def __init__(self) -> None:
        self._sizes: OrderedDict[tuple[str, str], _Ratio] = OrderedDict()
        self._calls: dict[str, float] = {}
        self._estimated_s = 1.0
        self._actual_s = 1.0

    def expected_s(self, estimate_s: float, *, call: str | None = None, size: str = "") -> float:
        """Return what a job will probably take.

        Args:
            estimate_s: What its kind reckons.
            call: Its call. None: unknown, so that the ratio of all calls together counts.
            size: What decides the cost besides.
        """
        return max(estimate_s, 1e-3) * self._ratio(call, size)

    def learn(self, call: str, *, estimate_s: float, actual_s: float, size: str = "") -> None:
        """Take a finished job into account; `estimate_s` is the kind's own estimate."""
        ratio = min(_MOST, max(_LEAST, actual_s / max(estimate_s, 1e-3)))
        self._learn_size(call, size, ratio)
        known = self._calls.get(call)
        # The first job of a call is better evidence than the starting value.
        self._calls[call] = ratio if known is None else known + _WEIGHT * (ratio - known)
        # In seconds, so that many short jobs say no more than one long one.
        self._estimated_s += max(estimate_s, 1e-3) - _WEIGHT * self._estimated_s
        self._actual_s += ratio * max(estimate_s, 1e-3) - _WEIGHT * self._actual_s

    def _learn_size(self, call: str, size: str, ratio: float) -> None:
        key = call, size
        known = self._sizes.get(key)
        if known is None:
            # Nothing is known of how fast the machine is before the first job of a call.
            known = self._sizes[key] = _Ratio(self._calls.get(call, ratio))
        known.learn(ratio)
        self._sizes.move_to_end(key)
        if len(self._sizes) > _MAX_SIZES:
            self._sizes.popitem(last=False)

    def _ratio(self, call: str | None, size: str) -> float:
        if call is None:
            return self._overall
        known = self._sizes.get((call, size))
        return known.value if known is not None else self._calls.get(call, self._overall)

    @property
    def _overall(self) -> float:
        return min(_MOST_UNKNOWN, max(_LEAST_UNKNOWN, self._actual_s / self._estimated_s))
