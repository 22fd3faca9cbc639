"""Parts of a file, as RFC 9110 has them."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrbridge.server.byte_range import byte_range


@pytest.mark.parametrize(
    ("value", "expected"),
    [
        ("bytes=0-499", range(500)),
        ("bytes=500-999", range(500, 1000)),
        ("bytes=-500", range(9500, 10_000)),
        ("bytes=9500-", range(9500, 10_000)),
        ("bytes=0-0", range(1)),
        ("bytes=-1", range(9999, 10_000)),
        ("bytes=9999-20000", range(9999, 10_000)),
        ("bytes=-20000", range(10_000)),
        ("BYTES=0-1 ", range(2)),
    ],
)
def test_one_range_is_understood(value: str, expected: range) -> None:
    assert byte_range(value, 10_000) == expected


@pytest.mark.parametrize(
    "value",
    [
        None,
        "",
        "bytes",
        "bytes=",
        "bytes=-",
        "bytes=a-b",
        "bytes=5-2",
        "bytes=0-1,5-6",
        "bytes= 0-1",
        "lines=0-1",
        "bytes=1-2-3",
        "bytes=-1-2",
        "bytes=٠-١",
        "bytes=" + "9" * 400 + "-",
    ],
)
def test_what_is_no_single_range_asks_for_everything(value: str | None) -> None:
    assert byte_range(value, 10_000) is None


@pytest.mark.parametrize("value", ["bytes=10000-", "bytes=10000-10001", "bytes=-0"])
def test_what_the_file_does_not_have_is_empty(value: str) -> None:
    found = byte_range(value, 10_000)
    assert found is not None
    assert len(found) == 0


@given(st.integers(1, 10**6), st.integers(0, 10**7), st.integers(0, 10**7))
def test_a_range_never_leaves_the_file(n_bytes: int, first: int, length: int) -> None:
    found = byte_range(f"bytes={first}-{first + length}", n_bytes)
    assert found is not None
    body = bytes(n_bytes)
    assert len(body[found.start : found.stop]) == len(found)
    assert bool(found) == (first < n_bytes)
