"""Where a player is and what they look at: in circles, for ever."""

import math
import random
from typing import Any

_EYE_M = 1.65
_SPEED_M_S = 1.2
_THINGS = ("fountain", "anvil", "market_stall", "old_oak", "town_gate")


class Walk:
    """A circle at walking speed.

    Args:
        chance: Where it begins, and how wide it is.
    """

    def __init__(self, chance: random.Random) -> None:
        self._radius_m = chance.uniform(3.0, 12.0)
        self._start = chance.uniform(0.0, 2 * math.pi)

    def context(self, now: float) -> dict[str, Any]:
        """Return the `context` message of a moment, in seconds of any clock."""
        angle = self._start + now * _SPEED_M_S / self._radius_m
        across, along = math.cos(angle), math.sin(angle)
        half = angle / 2
        return {
            "type": "context",
            "head": {
                "position": [self._radius_m * across, _EYE_M, self._radius_m * along],
                "orientation": [0.0, math.sin(half), 0.0, math.cos(half)],
            },
            "gaze": [-across, 0.0, -along],
            "focus": _THINGS[int(angle) % len(_THINGS)],
            "place": "market square",
        }
