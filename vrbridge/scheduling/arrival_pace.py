"""How close behind each other jobs of one key come."""

from collections import OrderedDict
from collections.abc import Hashable

_MAX_KEYS = 64
"""Those that came last; of others nobody expects any more soon."""
_PATIENCE = 2.0
"""Gaps until whoever has not come is not expected any more."""


class ArrivalPace:
    """Tells whether another job of a key is likely to come soon, from the last two that came.

    The last gap and no mean: requests come in bursts, and after a pause nothing before it says anything.
    """

    def __init__(self) -> None:
        self._last: OrderedDict[Hashable, tuple[float, float | None]] = OrderedDict()

    def note(self, key: Hashable, *, now: float) -> None:
        """Take note that a job of this key came."""
        last = self._last.pop(key, None)
        self._last[key] = (now, None if last is None else now - last[0])
        while len(self._last) > _MAX_KEYS:
            self._last.popitem(last=False)

    def expected_by(self, key: Hashable) -> float | None:
        """Return until when the next one is likely to come; None: nothing is known of it."""
        last, gap_s = self._last.get(key, (0.0, None))
        return None if gap_s is None else last + _PATIENCE * gap_s
