"""How many values a long message holds, found out before they are made.

A message of a mebibyte can hold a million empty arrays, and a million objects keep the event loop for a fifth
of a second. Counting them takes nothing where they are few, and ends where they are too many.
"""

from typing import Final

MAX_VALUES: Final = 16_384
"""In one message, those inside others and of unknown fields included; a key and its value count as one."""

_STRINGS: Final = frozenset((*range(0xA0, 0xC0), 0xD9, 0xDA, 0xDB))
# First byte → bytes up to the next value, where the first byte tells it.
_SIZES: Final = (
    dict.fromkeys((*range(0x80), *range(0xE0, 0x100), 0xC0, 0xC2, 0xC3), 1)  # small ints, nil, bool
    | {0xA0 + n_bytes: 1 + n_bytes for n_bytes in range(32)}  # short str
    | {0xCA: 5, 0xCB: 9}  # float
    | {0xCC: 2, 0xCD: 3, 0xCE: 5, 0xCF: 9, 0xD0: 2, 0xD1: 3, 0xD2: 5, 0xD3: 9}  # int
    | {0xD4: 3, 0xD5: 4, 0xD6: 6, 0xD7: 10, 0xD8: 18}  # ext
    | {0x80: 1, 0x90: 1}  # empty map and array
)
# First byte of str, bin, ext → bytes of the length that follows, and bytes between that and the data.
_LENGTHS: Final = (
    {0xD9: (1, 0), 0xDA: (2, 0), 0xDB: (4, 0)}
    | {0xC4: (1, 0), 0xC5: (2, 0), 0xC6: (4, 0)}
    | {0xC7: (1, 1), 0xC8: (2, 1), 0xC9: (4, 1)}
)
# First byte of arrays and maps → bytes of the length that follows.
_COUNTS: Final = {0xDC: 2, 0xDD: 4, 0xDE: 2, 0xDF: 4}
_MAPS: Final = frozenset((*range(0x80, 0x90), 0xDE, 0xDF))


class TooMuch(ValueError):
    """A message that would take too long to read."""


def take_census(data: bytes) -> None:
    """Make sure that reading a message does not keep the event loop for more than a frame.

    Args:
        data: One whole MessagePack value.

    Raises:
        TooMuch: If it holds too many values, or a long one has keys that are no strings: others can be
            chosen so that a map of them takes for ever to build.
    """
    # Every value takes a byte, so that most messages need no look.
    if len(data) > MAX_VALUES:
        _count(data)


def _count(data: bytes) -> None:
    place, n_values = 0, 1
    # Of each container around the place: items left, and whether they are keys and values in turn.
    around: list[tuple[int, bool]] = []
    left, is_map = 1, False
    while True:
        while left == 0:
            if not around:
                return
            left, is_map = around.pop()
        first = data[place]
        if is_map and not left & 1 and first not in _STRINGS:
            raise TooMuch("Keys must be strings")
        left -= 1
        size = _SIZES.get(first)
        if size is not None:
            place += size
        elif first in _LENGTHS:
            n_length, n_between = _LENGTHS[first]
            n_bytes, place = _length(data, place + 1, n_length)
            place += n_between + n_bytes
        else:
            n_length = _COUNTS.get(first, 0)
            n_items, place = _length(data, place + 1, n_length) if n_length else (first & 0x0F, place + 1)
            n_values += n_items
            if n_values > MAX_VALUES:
                raise TooMuch(f"A message may hold {MAX_VALUES} values")
            around.append((left, is_map))
            is_map = first in _MAPS
            left = 2 * n_items if is_map else n_items


def _length(data: bytes, place: int, n_bytes: int) -> tuple[int, int]:
    """Return a number of so many bytes, and the place after it."""
    end = place + n_bytes
    return int.from_bytes(data[place:end], "big"), end
