"""Materials all around a player."""

import math
from typing import Any

N_PLACES = 64
HEAD = [0.0, 1.6, 0.0]
IN_VIEW = {61, 62, 63, 0, 1, 2}
"""Places that a player who looks ahead sees best."""
BEHIND_VIEW = {29, 30, 31, 32, 33, 34}
"""The same after they have turned round."""


def place(number: int) -> dict[str, Any]:
    """Return the anchor of a place; 0 is the first one to the right of straight ahead."""
    angle = (number + 0.5) / N_PLACES * math.tau
    return {"position": [3 * math.sin(angle), 1.6, -3 * math.cos(angle)]}


def context(*, is_turned: bool) -> dict[str, Any]:
    """Return what a player says who looks ahead, or has turned round."""
    orientation = [0.0, 1.0, 0.0, 0.0] if is_turned else [0.0, 0.0, 0.0, 1.0]
    return {"head": {"position": HEAD, "orientation": orientation}}
