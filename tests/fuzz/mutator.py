"""Messages that are nearly right, the same ones for the same seed."""

import copy
import random
from collections.abc import Mapping, Sequence
from typing import Any, Final

import msgpack

MAX_INT: Final = 2**53 - 1
_HEADS: Final = [
    bytes([first]) + rest
    for first, rest in (
        *(
            (first, b"")
            for first in (0x00, 0x7F, 0x80, 0x8F, 0x90, 0x9F, 0xA0, 0xBF, 0xC0, 0xC1, 0xC2, 0xC3, 0xE0, 0xFF)
        ),
        *((first, b"\xff") for first in (0xC4, 0xC7, 0xCC, 0xD0, 0xD4, 0xD9)),
        *((first, b"\xff\xff") for first in (0xC5, 0xC8, 0xCD, 0xD1, 0xD5, 0xDA, 0xDC, 0xDE)),
        *((first, b"\xff" * 4) for first in (0xC6, 0xC9, 0xCA, 0xCE, 0xD2, 0xD6, 0xDB, 0xDD, 0xDF)),
        *((first, b"\xff" * 8) for first in (0xCB, 0xCF, 0xD3, 0xD7)),
        *((first, b"\x00" * 4) for first in (0xDB, 0xDD, 0xDF)),
    )
]
"""The beginning of a value of every type, with what it claims."""
_VALUES: Final[Sequence[Any]] = [
    None, True, False, 0, 1, 2, 7, 255, 65536, 2**32, MAX_INT, MAX_INT + 1, 2**63, 2**64 - 1,
    -1, -33, -(2**63), 0.0, 0.5, -0.0, 1e12, 1.1e12, 1e300, 5e-324, float("nan"), float("inf"), float("-inf"),
    "", "a", "x" * 256, "x" * 257, "type", "\0", "\u00e4\U0001f469", b"", b"\xff", bytes(300),
    [], [0], [0, 0, 0], [0, 0, 0, 1], [[[[]]]], {}, {"a": 1}, {1: 2}, {"type": "ping"}, [None] * 300,
    msgpack.ExtType(5, b"x"), msgpack.Timestamp(1, 0),
]  # fmt: skip


class Mutator:
    """Changes messages a little.

    Args:
        rng: Decides everything.
        messages: Right ones to begin with.
        words: Values that are put in often, because they mean something here.
    """

    def __init__(
        self, rng: random.Random, messages: Sequence[Mapping[str, Any]], words: Sequence[Any] = ()
    ) -> None:
        self._rng = rng
        self._packed = [bytes(msgpack.packb(message)) for message in messages]
        self._words = words

    def next(self) -> bytes:
        """Return the next message."""
        rng = self._rng
        if rng.random() < 0.5:
            return self._with_other_values(rng.choice(self._packed))
        data = bytearray(rng.choice(self._packed))
        for _ in range(1 + int(rng.expovariate(1.0))):
            self._change_bytes(data)
        return bytes(data)

    def _with_other_values(self, message: bytes) -> bytes:
        # Much faster than a deep copy.
        changed: Any = msgpack.unpackb(message)
        for _ in range(1 + int(self._rng.expovariate(1.5))):
            self._change_value(changed)
        return bytes(msgpack.packb(changed))

    def _change_value(self, message: Any) -> None:
        rng, inner = self._rng, message
        while True:
            keys: list[Any] = list(inner) if isinstance(inner, dict) else list(range(len(inner)))
            if not keys:
                return
            key = rng.choice(keys)
            if isinstance(inner[key], dict | list) and inner[key] and rng.random() < 0.8:
                inner = inner[key]
                continue
            break
        match rng.randrange(6):
            case 0:
                del inner[key]
            case 1 if isinstance(inner, dict):
                inner[rng.choice(("x", "id", "type", "asset", ""))] = self._value()
            case 2 if isinstance(inner, list) and len(inner) < 100:
                inner.extend(copy.deepcopy(inner))
            case 3 if isinstance(inner[key], int):
                inner[key] = max(-(2**63), min(2**64 - 1, inner[key] + rng.choice((-1, 1, 100, -100))))
            case 4 if isinstance(inner[key], str):
                inner[key] += rng.choice(("", " ", "\0", "x"))
            case _:
                inner[key] = self._value()

    def _value(self) -> Any:
        known = self._words and self._rng.random() < 0.5
        value = self._rng.choice(self._words if known else _VALUES)
        return copy.deepcopy(value) if isinstance(value, list | dict) else value

    def _change_bytes(self, data: bytearray) -> None:
        rng = self._rng
        place = rng.randrange(len(data) + 1)
        match rng.randrange(8):
            case 0 if place < len(data):
                data[place] ^= 1 << rng.randrange(8)
            case 1 if place < len(data):
                data[place] = rng.randrange(256)
            case 2:
                data[place:place] = rng.choice(_HEADS)
            case 3:
                head = rng.choice(_HEADS)
                data[place : place + len(head)] = head
            case 4:
                del data[place : place + rng.randint(1, 8)]
            case 5:
                end = rng.randrange(len(data) + 1)
                data[place:place] = data[min(place, end) : max(place, end)][:2000]
            case 6:
                other = rng.choice(self._packed)
                begin = rng.randrange(len(other))
                data[place:] = other[begin:]
            case _:
                data[place:place] = rng.choice((b"\x91", b"\x81\xa1a", b"\x90", b"\xc0")) * rng.choice(
                    (1, 33, 2000, 9000)
                )
