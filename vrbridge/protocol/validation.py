"""Where a value is wrong, and whether a map holds plain values only."""

import math
from collections.abc import Iterable

import msgspec

from vrbridge.protocol.messages import MAX_INT

MAX_DEPTH = 32
MAX_VALUES = 10_000
"""In one map. They are looked at one by one, and that may not keep the event loop from a frame."""

_MAX_WORD_CHARACTERS = 40
_MAX_REASON_CHARACTERS = 160
_MAX_PATH_CHARACTERS = 400
_MISSING = "missing required field `"


class NotPlain(ValueError):
    """A value that the wire does not know.

    Args:
        reason: What is wrong with it.
        path: Where it is, such as `state.pets[2]`.
    """

    def __init__(self, reason: str, path: str) -> None:
        super().__init__(reason)
        self.reason = reason
        self.path = path


def path_of(error: msgspec.ValidationError) -> tuple[str, str]:
    """Return the reason and the field's path of a validation error.

    A missing field counts as the place of its own absence: `("Object missing …", "head.position")`.
    """
    reason, _, place = str(error).rpartition(" - at ")
    if not reason:
        reason, place = place, ""
    # "`$.head.position`", or "`key` in `$.params`".
    path = place.rpartition("`$")[2].rstrip("`").lstrip(".")
    missing = reason.partition(_MISSING)[2].rstrip("`")
    if missing:
        path = f"{path}.{missing}" if path else missing
    return (
        shown(reason, max_characters=_MAX_REASON_CHARACTERS),
        shown(path, max_characters=_MAX_PATH_CHARACTERS),
    )


def shown(words: str, *, max_characters: int = _MAX_WORD_CHARACTERS) -> str:
    """Return as much of a client's own words as an answer repeats: answers are kept until acknowledged."""
    return words if len(words) <= max_characters else f"{words[:max_characters]}…"


def check_plain(value: object, path: str) -> None:
    """Make sure that a value holds only what every engine's MessagePack knows.

    Raises:
        NotPlain: If something is too deep, not finite, beyond 2^53−1 or no wire type, a key is no string, or
            there are too many values.
    """
    try:
        _visit(value, depth=1, left=MAX_VALUES)
    except NotPlain as error:
        error.path = shown(path + error.path, max_characters=_MAX_PATH_CHARACTERS)
        raise


def _visit(value: object, depth: int, left: int) -> int:
    """Look at a value and all inside it; return how many more there may be. The error's path starts here."""
    if left == 0:
        raise NotPlain(f"A map may hold {MAX_VALUES} values, those inside others included", "")
    left -= 1
    match value:
        case None | bool() | str() | bytes():
            pass
        case int():
            if abs(value) > MAX_INT:
                raise NotPlain("Integers may be at most 2^53−1", "")
        case float():
            if not math.isfinite(value):
                raise NotPlain("Numbers must be finite", "")
        case dict() | list() if depth > MAX_DEPTH:
            raise NotPlain(f"Maps and arrays may nest {MAX_DEPTH} deep", "")
        case dict():
            if not all(isinstance(key, str) for key in value):
                raise NotPlain("Keys must be strings", "")
            left = _visit_all(value.items(), ".{}", depth, left)
        case list():
            left = _visit_all(enumerate(value), "[{}]", depth, left)
        case _:
            raise NotPlain("MessagePack extension types are not used here", "")
    return left


def _visit_all(items: Iterable[tuple[object, object]], place: str, depth: int, left: int) -> int:
    for name, item in items:
        try:
            left = _visit(item, depth + 1, left)
        except NotPlain as error:
            # Paths are put together on the way out: most values are right and need none.
            error.path = place.format(shown(str(name))) + error.path
            raise
    return left
