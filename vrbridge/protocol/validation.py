"""Where a value is wrong, and whether a map holds plain values only."""

import math
import re
from collections.abc import Mapping, Sequence

import msgspec

from vrbridge.protocol.messages import MAX_INT

MAX_DEPTH = 32

_AT = re.compile(r"^(?P<reason>.*?)(?: - at (?:`key` in )?`\$(?P<path>[^`]*)`)?$", re.DOTALL)
_MISSING = re.compile(r"missing required field `(?P<name>[^`]+)`")


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
    found = _AT.match(str(error))
    assert found is not None, "the pattern matches anything"
    path = (found["path"] or "").lstrip(".")
    missing = _MISSING.search(found["reason"])
    if missing is not None:
        path = f"{path}.{missing['name']}" if path else missing["name"]
    return found["reason"], path


def check_plain(value: object, path: str, depth: int = 1) -> None:
    """Make sure that a value holds only what every engine's MessagePack knows.

    Raises:
        NotPlain: If something is too deep, not finite, beyond 2^53−1 or no wire type, or a key is no string.
    """
    match value:
        case None | bool() | str() | bytes():
            return
        case int():
            if abs(value) > MAX_INT:
                raise NotPlain("Integers may be at most 2^53−1", path)
        case float():
            if not math.isfinite(value):
                raise NotPlain("Numbers must be finite", path)
        case Mapping():
            _check_depth(path, depth)
            for key, item in value.items():
                if not isinstance(key, str):
                    raise NotPlain("Keys must be strings", path)
                check_plain(item, f"{path}.{key}", depth + 1)
        case Sequence():
            _check_depth(path, depth)
            for number, item in enumerate(value):
                check_plain(item, f"{path}[{number}]", depth + 1)
        case _:
            raise NotPlain("MessagePack extension types are not used here", path)


def _check_depth(path: str, depth: int) -> None:
    if depth > MAX_DEPTH:
        raise NotPlain(f"Maps and arrays may nest {MAX_DEPTH} deep", path)
