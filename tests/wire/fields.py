"""What every field of a client's messages may hold, and all the ways in which it can be wrong."""

import copy
import math
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import msgpack

MAX_INT: Final = 2**53 - 1
HUGE: Final = {"2^63": 2**63, "2^64-1": 2**64 - 1, "-2^63": -(2**63)}
NOT_FINITE: Final = {"nan": math.nan, "infinity": math.inf, "-infinity": -math.inf}
ALIEN: Final = {"ext": msgpack.ExtType(5, b"x"), "timestamp": msgpack.Timestamp(0, 0)}
SAMPLES: Final[Mapping[str, Any]] = {
    "nil": None,
    "bool": True,
    "int": 7,
    "float": 0.5,
    "str": "x",
    "bin": b"x",
    "array": [1],
    "map": {"x": 1},
} | ALIEN
"""One value of every type that MessagePack has."""


@dataclass(frozen=True)
class Field:
    """What a field may hold.

    Args:
        path: Where it is, such as `resume.assets[0].offset`.
        takes: Names in `SAMPLES`, in one string; a float may come as an int.
        is_required: Whether it may not be missing.
        bounds: Smallest and largest number.
        lengths: Shortest and longest string, array or map.
        words: All that a string may be. Empty: anything.
        shown: How an answer names it. Empty: by its path.
    """

    path: str
    takes: str
    is_required: bool = False
    bounds: tuple[float, float] = (0, MAX_INT)
    lengths: tuple[int, int] | None = None
    words: tuple[str, ...] = ()
    shown: str = ""

    @property
    def types(self) -> frozenset[str]:
        """The types that it takes."""
        types = frozenset(self.takes.split())
        return types | {"int"} if "float" in types else types


@dataclass(frozen=True)
class Wrong:
    """A message with one wrong field.

    Args:
        name: `type.path.what`.
        message: It.
        field: The one that is wrong, as an answer names it.
        value: What is there instead; None also where it is missing.
    """

    name: str
    message: dict[str, Any]
    field: str
    value: Any


def count(path: str, *, is_required: bool = False, bounds: tuple[float, float] = (0, MAX_INT)) -> Field:
    """Return an integer."""
    return Field(path, "int", is_required, bounds)


def number(path: str, *, takes: str = "float", bounds: tuple[float, float] = (-1e12, 1e12)) -> Field:
    """Return a finite number."""
    return Field(path, takes, bounds=bounds)


def word(
    path: str, *, longest: int = 256, shortest: int = 0, takes: str = "str", is_required: bool = False
) -> Field:
    """Return a string."""
    return Field(path, takes, is_required, lengths=(shortest, longest))


BASES: Final[Mapping[str, dict[str, Any]]] = {
    "hello": {
        "type": "hello",
        "version": 1,
        "token": "t",
        "client": {"name": "n", "version": "v", "engine": "e", "device": "d"},
        "receive": {
            "chunk_bytes": 16384,
            "window_bytes": 262144,
            "texture_formats": ["rgba8"],
            "mesh_formats": ["glb"],
            "max_texture_px": 2048,
            "max_faces": 20000,
        },
        "resume": {
            "session": "s",
            "secret": "k",
            "received": 3,
            "assets": [{"asset": 1, "offset": 2}],
        },
    },
    "request": {
        "type": "request",
        "id": 7,
        "kind": "nothing of the kind",
        "params": {"x": 1},
        "priority": "normal",
        "deadline_s": 5.0,
        "slot": "wall",
        "anchor": {"head": [0.0, 0.0, -1.0]},
    },
    "cancel": {"type": "cancel", "id": 7},
    "context": {
        "type": "context",
        "head": {"position": [0.0, 1.6, 0.0], "orientation": [0.0, 0.0, 0.0, 1.0]},
        "hands": {"left": {"position": [0.0, 1.0, 0.0]}},
        "gaze": [0.0, 0.0, -1.0],
        "focus": "gate",
        "place": "square",
        "nearby": [{"id": 1, "name": "gate", "position": [0.0, 0.0, -4.0]}],
        "state": {"x": 1},
    },
    "credit": {"type": "credit", "limit": 1},
    "ack": {"type": "ack", "received": 0},
    "skip": {"type": "skip", "asset": 1},
    "heard": {"type": "heard", "id": 7, "characters": 1},
    "forget": {"type": "forget", "scope": "session"},
    "ping": {"type": "ping", "t": 1.0},
}
"""One right message of each type, with every field."""

FIELDS: Final[Mapping[str, list[Field]]] = {
    "hello": [
        word("token", longest=4096, takes="str nil"),
        Field("client", "map"),
        word("client.name"),
        word("client.version"),
        word("client.engine"),
        word("client.device"),
        Field("receive", "map"),
        count("receive.chunk_bytes", bounds=(256, 65536)),
        count("receive.window_bytes", bounds=(0, 1 << 30)),
        Field("receive.texture_formats", "array", lengths=(0, 32)),
        word("receive.texture_formats[0]"),
        Field("receive.mesh_formats", "array", lengths=(0, 32)),
        word("receive.mesh_formats[0]"),
        count("receive.max_texture_px", bounds=(1, 65536)),
        count("receive.max_faces", bounds=(1, MAX_INT)),
        Field("resume", "map nil"),
        word("resume.session", is_required=True),
        word("resume.secret", is_required=True),
        count("resume.received", is_required=True),
        Field("resume.assets", "array", lengths=(0, 4096)),
        Field("resume.assets[0]", "map"),
        count("resume.assets[0].asset", is_required=True),
        count("resume.assets[0].offset", is_required=True),
    ],
    "request": [
        count("id", is_required=True),
        word("kind", is_required=True),
        Field("params", "map", is_required=True),
        Field("priority", "str", words=("interactive", "normal", "background")),
        number("deadline_s", takes="float nil", bounds=(5e-324, 86400)),
        word("slot", takes="str nil"),
        Field("anchor", "map nil"),
    ],
    "cancel": [count("id", is_required=True)],
    "context": [
        Field("head", "map", is_required=True),
        Field("head.position", "array", is_required=True, lengths=(3, 3)),
        number("head.position[0]"),
        Field("head.orientation", "array", lengths=(4, 4)),
        number("head.orientation[3]"),
        Field("hands", "map array nil", lengths=(0, 8)),
        Field("hands.left", "map nil", shown="hands[...]"),
        Field("hands.left.position", "array", is_required=True, lengths=(3, 3), shown="hands[...].position"),
        Field("gaze", "array nil", lengths=(3, 3)),
        number("gaze[2]"),
        Field("focus", "str int nil", bounds=(-MAX_INT, MAX_INT), lengths=(0, 256)),
        word("place", takes="str nil"),
        Field("nearby", "array nil", lengths=(0, 256)),
        Field("nearby[0]", "map"),
        Field("nearby[0].id", "str int", is_required=True, bounds=(-MAX_INT, MAX_INT), lengths=(0, 256)),
        word("nearby[0].name"),
        Field("nearby[0].position", "array nil", lengths=(3, 3)),
        number("nearby[0].position[1]"),
        Field("state", "map nil"),
    ],
    "credit": [count("limit", is_required=True)],
    "ack": [count("received", is_required=True)],
    "skip": [count("asset", is_required=True)],
    "heard": [count("id", is_required=True), count("characters", is_required=True)],
    "forget": [Field("scope", "str", is_required=True, words=("session", "player"))],
    "ping": [Field("t", "float", is_required=True, bounds=(-1e12, 1e12))],
}


def wrong_messages(
    type: str, base: dict[str, Any], fields: list[Field], *, under: str = ""
) -> Iterator[Wrong]:
    """Yield the message with each of its fields wrong in every way.

    Args:
        type: Begins the names.
        base: A right message.
        fields: What its fields may hold.
        under: The field that `fields` are inside of.
    """
    for field in fields:
        path = f"{under}.{field.path}" if under else field.path
        shown = field.shown or path
        if field.is_required:
            yield Wrong(f"{type}.{path}.missing", _changed(base, path), shown, None)
        for what, value in _wrong_values(field):
            yield Wrong(f"{type}.{path}.{what}", _changed(base, path, [value]), shown, value)


def _wrong_values(field: Field) -> Iterator[tuple[str, Any]]:
    for name, sample in SAMPLES.items():
        if name not in field.types:
            yield name, sample
    if "int" in field.types:
        yield from _wrong_numbers(field)
    if field.lengths is not None:
        yield from _wrong_lengths(field, *field.lengths)
    if field.words:
        yield from {"empty": "", "unknown": "purple", "capital": field.words[0].upper()}.items()


def _wrong_numbers(field: Field) -> Iterator[tuple[str, Any]]:
    low, high = field.bounds
    yield from HUGE.items()
    if "float" in field.types:
        yield from NOT_FINITE.items()
        yield from {
            "too_low": math.nextafter(low, -math.inf),
            "too_high": math.nextafter(high, math.inf),
        }.items()
        yield "1.8e308", 1.7976931348623157e308
    else:
        yield from {"too_low": int(low) - 1, "too_high": int(high) + 1}.items()


def _wrong_lengths(field: Field, shortest: int, longest: int) -> Iterator[tuple[str, Any]]:
    for name in sorted(field.types & {"str", "array", "map"}):
        yield f"{name}_too_long", _of_length(name, longest + 1)
        if shortest > 0:
            yield f"{name}_too_short", _of_length(name, shortest - 1)


def _of_length(type: str, length: int) -> Any:
    if type == "map":
        return {f"k{number}": None for number in range(length)}
    return "x" * length if type == "str" else [1] * length


def _changed(base: dict[str, Any], path: str, values: list[Any] | None = None) -> dict[str, Any]:
    """Return a copy with another value at a path, or with none."""
    message = copy.deepcopy(base)
    *around, last = [
        int(step) if step.isdigit() else step for step in path.replace("[", ".").replace("]", "").split(".")
    ]
    inner: Any = message
    for step in around:
        inner = inner[step]
    if values:
        inner[last] = values[0]
    else:
        del inner[last]
    return message
