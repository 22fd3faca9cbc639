"""Long messages are counted before they are read."""

from typing import Any

import msgpack
import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.protocol.strategies import plain_values
from vrbridge.protocol.census import MAX_VALUES, TooMuch, take_census

LONG = b"\xc5\x40\x00" + bytes(0x4000)
"""One value, and so many bytes that the message is looked at."""


def packed(value: Any) -> bytes:
    return bytes(msgpack.packb(value))


def n_values(value: Any) -> int:
    inner = value.values() if isinstance(value, dict) else value if isinstance(value, list) else ()
    return 1 + sum(map(n_values, inner))


def array(n_items: int, items: bytes) -> bytes:
    return b"\xdd" + n_items.to_bytes(4, "big") + items


@given(plain_values, st.integers(-1, 1))
def test_the_count_is_that_of_another_codec(value: Any, n_beyond: int) -> None:
    n_others = MAX_VALUES + n_beyond - n_values(value) - 2
    data = array(n_others + 2, LONG + packed(value) + b"\x01" * n_others)
    assert n_values(msgpack.unpackb(data)) == MAX_VALUES + n_beyond
    if n_beyond <= 0:
        take_census(data)
    else:
        with pytest.raises(TooMuch, match="hold 16384 values"):
            take_census(data)


@pytest.mark.parametrize(
    "value",
    [
        b"\x00",
        b"\xff",
        b"\xc0",
        b"\xc2",
        b"\xca" + bytes(4),
        b"\xcb" + bytes(8),
        b"\xcc\x90",
        b"\xcd\x90\x90",
        b"\xce\x90\x90\x90\x90",
        b"\xcf" + b"\x90" * 8,
        b"\xd0\x90",
        b"\xd1\x90\x90",
        b"\xd2\x90\x90\x90\x90",
        b"\xd3" + b"\x90" * 8,
        b"\xd4\x05\x90",
        b"\xd5\x05\x90\x90",
        b"\xd6\x05" + b"\x90" * 4,
        b"\xd7\x05" + b"\x90" * 8,
        b"\xd8\x05" + b"\x90" * 16,
        b"\xc7\x02\x05\x90\x90",
        b"\xc8\x00\x02\x05\x90\x90",
        b"\xc9\x00\x00\x00\x02\x05\x90\x90",
        b"\xa0",
        b"\xbf" + b"x" * 31,
        b"\xd9\x02xx",
        b"\xda\x00\x02xx",
        b"\xdb\x00\x00\x00\x02xx",
        b"\xc4\x02\x90\x90",
        b"\xc5\x00\x02\x90\x90",
        b"\xc6\x00\x00\x00\x02\x90\x90",
        b"\x90",
        b"\x80",
        b"\xdc\x00\x00",
        b"\xdd\x00\x00\x00\x00",
        b"\xde\x00\x00",
        b"\xdf\x00\x00\x00\x00",
    ],
    ids=lambda value: value[:1].hex(),
)
def test_every_kind_of_value_counts_as_one(value: bytes) -> None:
    """What follows the value is found: the bytes inside it would count as arrays."""
    most = MAX_VALUES - 2
    take_census(array(most + 1, value + b"\x01" * most))
    with pytest.raises(TooMuch):
        take_census(array(most + 2, value + b"\x01" * (most + 1)))


def test_a_map_counts_its_entries() -> None:
    entries = b"\xa1k\x01" * (MAX_VALUES - 1)
    take_census(b"\xdf" + (MAX_VALUES - 1).to_bytes(4, "big") + entries)
    with pytest.raises(TooMuch):
        take_census(b"\xdf" + MAX_VALUES.to_bytes(4, "big") + entries + b"\xa1k\x01")


@pytest.mark.parametrize("depth", [1000, 16_300])
def test_depth_alone_is_no_matter_here(depth: int) -> None:
    take_census(b"\x91" * depth + LONG)


@pytest.mark.parametrize(
    "key", [b"\x01", b"\xc0", b"\xcf" + bytes(8), b"\xcb" + bytes(8), b"\xc4\x01k", b"\x90"]
)
def test_keys_of_long_messages_are_strings(key: bytes) -> None:
    take_census(b"\x82\xa1a" + LONG + b"\xa1b\x81\xa1c\x01")
    for data in (b"\x82\xa1a" + LONG + key + b"\x01", b"\x82\xa1a" + LONG + b"\xa1b\x81" + key + b"\x01"):
        with pytest.raises(TooMuch, match="Keys must be strings"):
            take_census(data)


def test_a_message_with_few_bytes_has_few_values() -> None:
    take_census(b"\x90" * MAX_VALUES)
