"""Paths of wrong values, and what a plain value is."""

from datetime import UTC, datetime
from typing import Any

import msgspec
import pytest
from hypothesis import given

from tests.protocol.strategies import plain_maps
from vrbridge.protocol.messages import Context, Forget, Hello, Request
from vrbridge.protocol.validation import MAX_DEPTH, MAX_VALUES, NotPlain, check_plain, path_of, shown


def nested(levels: int) -> Any:
    value: Any = 1
    for _ in range(levels):
        value = [value]
    return value


@given(plain_maps)
def test_plain_maps_pass(value: dict[str, Any]) -> None:
    check_plain(value, "params")


@pytest.mark.parametrize(
    ("value", "path"),
    [
        (float("nan"), "state"),
        ({"a": float("-inf")}, "state.a"),
        ({"a": [0, {"b": 2**53}]}, "state.a[1].b"),
        ({"a": -(2**53)}, "state.a"),
        ({"a": {1: 2}}, "state.a"),
        ({"a": {b"k": 2}}, "state.a"),
        ({"a": datetime(2000, 1, 1, tzinfo=UTC)}, "state.a"),
        ({"a": msgspec.msgpack.Ext(5, b"")}, "state.a"),
    ],
)
def test_anything_else_is_named_by_its_path(value: Any, path: str) -> None:
    with pytest.raises(NotPlain) as caught:
        check_plain(value, "state")
    assert caught.value.path == path


def test_the_largest_integers_are_plain() -> None:
    check_plain([2**53 - 1, 1 - 2**53, True, None, b"", ""], "state")


def test_there_is_an_end_to_how_much_one_map_says() -> None:
    check_plain({"a": [[1, 2]] * ((MAX_VALUES - 2) // 3)}, "state")
    with pytest.raises(NotPlain, match="may hold 10000 values") as caught:
        check_plain({"a": [[1, 2]] * (MAX_VALUES // 3 + 1)}, "state")
    assert caught.value.path.startswith("state.a[")


def test_a_path_and_a_reason_repeat_little_of_what_was_said() -> None:
    assert shown("x" * 40) == "x" * 40
    assert shown("x" * 41) == "x" * 40 + "…"
    with pytest.raises(NotPlain) as plain:
        check_plain({"k" * 1000: {"l" * 1000: float("nan")}}, "state")
    assert plain.value.path == f"state.{'k' * 40}….{'l' * 40}…"
    deep: Any = 2**60
    for _ in range(30):
        deep = {"k" * 1000: deep}
    with pytest.raises(NotPlain) as plain:
        check_plain(deep, "state")
    assert len(plain.value.path) == 401
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert({"type": "forget", "scope": "s" * 1000}, Forget)
    reason, path = path_of(caught.value)
    assert (len(reason), path) == (161, "scope")


def test_nesting_ends_somewhere() -> None:
    check_plain(nested(MAX_DEPTH), "state")
    with pytest.raises(NotPlain, match=f"nest {MAX_DEPTH} deep"):
        check_plain(nested(MAX_DEPTH + 1), "state")


@pytest.mark.parametrize(
    ("struct", "value", "reason", "path"),
    [
        (Hello, {"type": "hello"}, "missing required field", "version"),
        (Hello, {"type": "hello", "version": "1"}, "Expected `int`, got `str`", "version"),
        (Context, {"type": "context", "head": {}}, "missing required field", "head.position"),
        (
            Context,
            {"type": "context", "head": {"position": [0, 0, "z"]}},
            "Expected `float`, got `str`",
            "head.position[2]",
        ),
        (Request, {"type": "request", "id": 1, "kind": "k", "params": {1: 2}}, "Expected `str`", "params"),
        (Request, [], "Expected `object`, got `array`", ""),
    ],
)
def test_a_validation_error_says_where(struct: Any, value: Any, reason: str, path: str) -> None:
    with pytest.raises(msgspec.ValidationError) as caught:
        msgspec.convert(value, struct)
    seen = path_of(caught.value)
    assert seen[1] == path
    assert reason in seen[0]
    assert "$" not in seen[0]
