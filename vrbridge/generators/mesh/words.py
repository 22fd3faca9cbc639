"""What a prompt says about a prop: adjectives, numbers, materials, colours."""

import re
from dataclasses import dataclass

from vrbridge.generators.mesh.surfaces import COLORS, SUBSTANCE_OF

_HEIGHTS = {
    "tall": 1.3, "high": 1.25, "towering": 1.5, "short": 0.75, "low": 0.75, "squat": 0.72, "stubby": 0.7,
    "slender": 1.1, "thin": 1.05,
}  # fmt: skip
_WIDTHS = {
    "wide": 1.3, "broad": 1.25, "long": 1.4, "narrow": 0.75, "slender": 0.75, "thin": 0.75, "fat": 1.25,
    "thick": 1.2, "double": 1.5, "chunky": 1.2, "stout": 1.2, "slim": 0.78,
}  # fmt: skip
_SIZES = {
    "tiny": 0.45, "miniature": 0.3, "small": 0.7, "little": 0.7, "mini": 0.5, "big": 1.3, "large": 1.35,
    "huge": 1.8, "giant": 2.0, "gigantic": 2.4, "massive": 1.7, "enormous": 2.0, "great": 1.25,
}  # fmt: skip
_NUMBERS = {
    "one": 1, "two": 2, "three": 3, "four": 4, "five": 5, "six": 6, "seven": 7, "eight": 8, "nine": 9,
    "ten": 10, "twelve": 12, "single": 1, "tripod": 3,
}  # fmt: skip
_MAX_COUNT = 24


@dataclass(frozen=True, slots=True)
class Description:
    """The words of a prompt, sorted.

    Args:
        words: In order, lower case.
        height: Factor.
        width: Factor.
        size: Factor on everything.
        count: The first number, or None.
        substances: Keys of `SUBSTANCES` said of the thing itself, in order.
        colors: Keys of `COLORS` said of the thing itself, in order.
        accent_substances: The same, said of a part of it: after `with`.
        accent_colors: The same, said of a part of it.
    """

    words: tuple[str, ...]
    height: float
    width: float
    size: float
    count: int | None
    substances: tuple[str, ...]
    colors: tuple[str, ...]
    accent_substances: tuple[str, ...]
    accent_colors: tuple[str, ...]


def describe(prompt: str) -> Description:
    """Return what a prompt says; words that are not known mean nothing here."""
    words = tuple(re.findall(r"[a-z]+|\d+", prompt.lower()))
    height = width = size = 1.0
    for word in dict.fromkeys(words):
        height *= _HEIGHTS.get(word, 1.0)
        width *= _WIDTHS.get(word, 1.0)
        size *= _SIZES.get(word, 1.0)
    split = words.index("with") if "with" in words else len(words)
    counts = [_count(word) for word in words if word.isdigit() or word in _NUMBERS]
    return Description(
        words=words,
        height=min(max(height, 0.6), 1.7),
        width=min(max(width, 0.6), 1.7),
        size=min(max(size, 0.25), 3.0),
        count=counts[0] if counts else None,
        substances=_substances(words[:split]),
        colors=_colors(words[:split]),
        accent_substances=_substances(words[split:]),
        accent_colors=_colors(words[split:]),
    )


def _substances(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(SUBSTANCE_OF[word] for word in words if word in SUBSTANCE_OF))


def _colors(words: tuple[str, ...]) -> tuple[str, ...]:
    return tuple(dict.fromkeys(word for word in words if word in COLORS))


def _count(word: str) -> int:
    # Digits of any length come from players; int() of thousands of them would be slow.
    return _NUMBERS[word] if word in _NUMBERS else min(int(word[:3]), _MAX_COUNT)
