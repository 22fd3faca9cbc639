"""What the player looks at, as a weight for each request's results."""

import math
from collections.abc import Mapping
from typing import Any

from vrbridge.protocol.messages import Context, Quaternion, Vector

_FOCUS = 2.0
"""Weight of what the player points out by name: more than anything that is merely in view."""
_HEAD_LOCKED = 1.5
"""Weight of what hangs before the player's eyes wherever they turn."""


def weight(anchor: Mapping[str, Any] | None, context: Context | None) -> float:
    """Return how much the player looks at a place: 0 not at all, 1 straight at it, more for the focus.

    Args:
        anchor: As the client sent it, `object`, `position` or `head`; anything else weighs nothing.
        context: The latest one.
    """
    if anchor is None or context is None:
        return 0.0
    if "head" in anchor:
        return _HEAD_LOCKED
    name = anchor.get("object")
    if name is not None and name == context.focus:
        return _FOCUS
    position = _position(anchor, context)
    return 0.0 if position is None else _in_view(position, context)


def _position(anchor: Mapping[str, Any], context: Context) -> Vector | None:
    given = anchor.get("position")
    if isinstance(given, list | tuple) and len(given) == 3 and all(isinstance(c, int | float) for c in given):
        return float(given[0]), float(given[1]), float(given[2])
    name = anchor.get("object")
    if name is None:
        return None
    return next((item.position for item in context.nearby or () if item.id == name), None)


def _in_view(position: Vector, context: Context) -> float:
    head = context.head.position
    offset = tuple(p - h for p, h in zip(position, head, strict=True))
    distance_m = math.hypot(*offset)
    if distance_m == 0.0:
        return 1.0
    gaze = context.gaze if context.gaze is not None else _forward(context.head.orientation)
    length = math.hypot(*gaze)
    if length == 0.0:
        return 0.0
    cosine = sum(o * g for o, g in zip(offset, gaze, strict=True)) / (distance_m * length)
    return max(0.0, cosine)


def _forward(orientation: Quaternion) -> Vector:
    """Return −Z turned by a quaternion x, y, z, w."""
    x, y, z, w = orientation
    return -2 * (x * z + w * y), -2 * (y * z - w * x), 2 * (x * x + y * y) - 1
