"""What the player sees, in words that a character can say."""

import math
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

_STEP_M = 0.75
_BESIDE_M = 0.6
_FAR_STEPS = 20
_HIGH_M = 1.2
_MAX_SIGHTS = 6
_MAX_NAME = 60
_MAX_STATES = 8
# A thing this near to the line of sight counts as looked at.
_GAZE_RAD = math.radians(12)
_NUMBERS = (
    "no",
    "one",
    "two",
    "three",
    "four",
    "five",
    "six",
    "seven",
    "eight",
    "nine",
    "ten",
    "eleven",
    "twelve",
)
_CONTROL = re.compile(r"[\x00-\x1f\x7f<>\[\]{}|]+")
_ARTICLES = ("the ", "a ", "an ", "my ", "your ", "our ", "his ", "her ")


@dataclass(frozen=True, slots=True)
class Sight:
    """Something near the player.

    Args:
        name: What it is called.
        distance_m: From the player's head, along the ground; infinite where the scene does not say.
        bearing_rad: 0 is ahead, positive to the right, −π to π.
        height_m: Above the player's eyes.
    """

    name: str
    distance_m: float
    bearing_rad: float
    height_m: float

    def where(self, *, to_player: bool) -> str:
        """Return where it is, such as `two steps ahead, to the left`.

        Args:
            to_player: As said to the player: `two steps ahead of you, to your left`.
        """
        you, your = (" of you", "your") if to_player else ("", "the")
        if math.isinf(self.distance_m):
            return "near you" if to_player else "near the player"
        if self.distance_m < _BESIDE_M:
            return "right beside you" if to_player else "right beside the player"
        steps = max(1, round(self.distance_m / _STEP_M))
        side = f"{your} right" if self.bearing_rad > 0 else f"{your} left"
        degrees = abs(math.degrees(self.bearing_rad))
        if degrees < 25:
            direction = f"ahead{you}"
        elif degrees < 65:
            direction = f"ahead{you}, to {side}"
        elif degrees < 120:
            direction = f"to {side}"
        elif degrees < 155:
            direction = f"behind{' you' if to_player else ''}, to {side}"
        else:
            direction = "behind you" if to_player else "behind"
        high = ", up high" if self.height_m > _HIGH_M else ""
        return f"{_steps(steps)} {direction}{high}"


@dataclass(frozen=True, slots=True)
class Surroundings:
    """What a character can refer to.

    Args:
        place: Where the player is, or None.
        focus: What the player looks at, or None.
        near: Nearest first.
        state: Further facts by name.
    """

    place: str | None = None
    focus: Sight | None = None
    near: tuple[Sight, ...] = ()
    state: tuple[tuple[str, str], ...] = ()


def surroundings_of(context: Mapping[str, Any] | None) -> Surroundings:
    """Return what a `context` message says, bounded and free of anything that could pass for a prompt."""
    if not context:
        return Surroundings()
    head = context.get("head") or {}
    position = head.get("position") or (0.0, 0.0, 0.0)
    forward = _rotate(head.get("orientation") or (0.0, 0.0, 0.0, 1.0), (0.0, 0.0, -1.0))
    sights: list[tuple[str, Sight, float]] = []
    gaze = context.get("gaze")
    for thing in context.get("nearby") or ():
        # An id in words is better than no name.
        name = cleaned(str(thing["name"] or thing["id"]))
        place = thing.get("position")
        if name and place is None:
            sights.append((str(thing["id"]), Sight(name, math.inf, 0.0, 0.0), math.inf))
        elif name:
            sight = _sight(name, position, forward, place)
            sights.append((str(thing["id"]), sight, _off_gaze(gaze, position, place)))
    sights.sort(key=lambda entry: entry[1].distance_m)
    return Surroundings(
        place=cleaned(str(context.get("place") or "")) or None,
        focus=_focus(context.get("focus"), sights),
        near=tuple(sight for _, sight, _ in sights[:_MAX_SIGHTS]),
        state=_state(context.get("state") or {}),
    )


def with_article(name: str) -> str:
    """Return `the anvil` for `anvil`; names with an article, and proper names, stay."""
    return name if name[:1].isupper() or name.lower().startswith(_ARTICLES) else f"the {name}"


def listed(things: Sequence[str]) -> str:
    """Return `a, b and c`."""
    return " and ".join(filter(None, [", ".join(things[:-1]), *things[-1:]]))


def cleaned(text: str) -> str:
    """Return one bounded line without characters that structure prompts."""
    return " ".join(_CONTROL.sub(" ", text).split())[:_MAX_NAME].strip()


def _focus(focus: object, sights: Sequence[tuple[str, Sight, float]]) -> Sight | None:
    if focus is not None:
        return next((sight for id, sight, _ in sights if id == str(focus)), None)
    looked_at = min(sights, key=lambda entry: entry[2], default=None)
    return looked_at[1] if looked_at is not None and looked_at[2] <= _GAZE_RAD else None


def _state(state: Mapping[str, Any]) -> tuple[tuple[str, str], ...]:
    facts = []
    for key, value in state.items():
        if isinstance(value, str | int | float) and (name := cleaned(str(key).replace("_", " "))):
            text = ("yes" if value else "no") if isinstance(value, bool) else cleaned(str(value))
            facts.append((name, text))
    return tuple(facts[:_MAX_STATES])


def _sight(
    name: str, head: Sequence[float], forward: tuple[float, float, float], position: Sequence[float]
) -> Sight:
    x, y, z = (position[axis] - head[axis] for axis in range(3))
    bearing = math.atan2(x, -z) - math.atan2(forward[0], -forward[2])
    bearing = math.remainder(bearing, math.tau)
    return Sight(name, math.hypot(x, z), bearing, y)


def _off_gaze(gaze: Sequence[float] | None, head: Sequence[float], position: Sequence[float]) -> float:
    """Return the angle between the line of sight and a thing, π if nothing is known."""
    if gaze is None:
        return math.pi
    offset = [position[axis] - head[axis] for axis in range(3)]
    length = math.hypot(*offset) * math.hypot(*gaze)
    if length == 0:
        return math.pi
    cosine = sum(a * b for a, b in zip(gaze, offset, strict=True)) / length
    return math.acos(min(1.0, max(-1.0, cosine)))


def _rotate(quaternion: Sequence[float], vector: tuple[float, float, float]) -> tuple[float, float, float]:
    """Return a vector turned by a unit quaternion x, y, z, w."""
    x, y, z, w = quaternion
    vx, vy, vz = vector
    tx, ty, tz = 2 * (y * vz - z * vy), 2 * (z * vx - x * vz), 2 * (x * vy - y * vx)
    return (
        vx + w * tx + y * tz - z * ty,
        vy + w * ty + z * tx - x * tz,
        vz + w * tz + x * ty - y * tx,
    )


def _steps(n: int) -> str:
    if n > _FAR_STEPS:
        return "far off,"
    word = _NUMBERS[n] if n < len(_NUMBERS) else str(n)
    return f"{word} step" if n == 1 else f"{word} steps"
