"""What the player looks at, as a weight for each request's work and results."""

import math
from collections.abc import Mapping
from typing import Any, Final

from vrbridge.protocol.messages import Context, Quaternion, Vector

UNKNOWN: Final = 0.0
"""Weight of what belongs nowhere, or nobody knows where: after what lies ahead, before what lies behind."""
_FOCUS: Final = 2.0
"""Of what the player points out by name: more than anything that is merely in view."""
_HEAD_LOCKED: Final = 1.5
"""Of what hangs before the player's eyes wherever they turn."""
_N_BANDS: Final = 36
"""From straight ahead to straight behind, five degrees each: in one of them the nearer goes first. Finer ones
would follow the eye's own trembling."""


class Sight:
    """What the player sees.

    Args:
        context: The latest one. None: nothing is known.
    """

    def __init__(self, context: Context | None) -> None:
        self._focus = None if context is None else context.focus
        self._places = {} if context is None else {item.id: item.position for item in context.nearby or ()}
        self._head = None if context is None else context.head.position
        self._gaze = None if context is None else _direction(context)

    def weight(self, anchor: Mapping[str, Any] | None) -> float:
        """Return how much the player looks at a place.

        Args:
            anchor: As the client sent it: `object`, `position` or `head`.

        Returns:
            1 straight ahead and near, `UNKNOWN` to the side, −1 straight behind and far, above 1 for what is
            looked at by name or hangs before the eyes.
        """
        if anchor is None or self._head is None:
            return UNKNOWN
        if "head" in anchor:
            return _HEAD_LOCKED
        name = anchor.get("object")
        if name is not None and name == self._focus:
            return _FOCUS
        position = _vector(anchor.get("position")) or self._place(name)
        return UNKNOWN if position is None else self._weight_at(position, self._head)

    def _place(self, name: object) -> Vector | None:
        return self._places.get(name) if isinstance(name, str | int) else None

    def _weight_at(self, position: Vector, head: Vector) -> float:
        x, y, z = position[0] - head[0], position[1] - head[1], position[2] - head[2]
        distance_m = math.hypot(x, y, z)
        if distance_m == 0.0:
            return 1.0
        if self._gaze is None or not math.isfinite(distance_m):
            return UNKNOWN
        gaze = self._gaze
        cosine = x / distance_m * gaze[0] + y / distance_m * gaze[1] + z / distance_m * gaze[2]
        angle = math.acos(max(-1.0, min(1.0, cosine)))
        band = min(_N_BANDS - 1, int(angle / math.pi * _N_BANDS))
        farness = 1 - 1 / (1 + distance_m)  # 0 here, 1 endlessly far: never the next band
        return 1 - 2 * (band + farness) / _N_BANDS


def _vector(given: object) -> Vector | None:
    if isinstance(given, list | tuple) and len(given) == 3 and all(isinstance(c, int | float) for c in given):
        return float(given[0]), float(given[1]), float(given[2])
    return None


def _direction(context: Context) -> Vector | None:
    """Return where the eyes look, or else the head, at length 1; None: no direction at all."""
    x, y, z = context.gaze if context.gaze is not None else _forward(context.head.orientation)
    length = math.hypot(x, y, z)
    if length == 0.0 or not math.isfinite(length):
        return None
    return x / length, y / length, z / length


def _forward(orientation: Quaternion) -> Vector:
    """Return −Z turned by a quaternion x, y, z, w."""
    x, y, z, w = orientation
    return -2 * (x * z + w * y), -2 * (y * z - w * x), 2 * (x * x + y * y) - 1
