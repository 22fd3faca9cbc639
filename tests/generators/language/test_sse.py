"""Events come out whole, however the bytes arrive."""

from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrbridge.generators.language.sse import EventLines

STREAM = ': ping\r\n\r\ndata: {"a": 1}\r\n\r\nevent: x\ndata:ünï\n\ndata: [DONE]\n\n'.encode()


@given(st.sets(st.integers(0, len(STREAM))))
def test_any_cuts_give_the_same_events(cuts: set[int]) -> None:
    lines = EventLines()
    events = []
    edges = [0, *sorted(cuts), len(STREAM)]
    for start, end in pairwise(edges):
        events += lines.feed(STREAM[start:end])
    assert events == [b'{"a": 1}', "ünï".encode(), b"[DONE]"]
    assert lines.finish() == []


def test_a_last_line_without_an_end_is_given_at_the_end() -> None:
    lines = EventLines()
    assert lines.feed(b"data: [DONE]") == []
    assert lines.finish() == [b"[DONE]"]


def test_a_line_without_end_is_refused() -> None:
    lines = EventLines()
    lines.feed(b"x" * (1 << 20))
    with pytest.raises(ValueError, match="too long"):
        lines.feed(b"x")
