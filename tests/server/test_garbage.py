"""How often Python looks for garbage."""

import gc
import math
from collections.abc import Iterator

import pytest

from vrbridge.server.garbage import look_seldom


@pytest.fixture(autouse=True)
def _usual_again() -> Iterator[None]:
    before = gc.get_threshold()
    yield
    gc.set_threshold(*before)
    gc.unfreeze()


def test_what_was_there_is_left_out_and_the_rest_is_looked_at_less_often() -> None:
    usual = gc.get_threshold()
    look_seldom()
    assert gc.get_freeze_count() > 0
    assert gc.get_threshold()[0] >= 10 * usual[0]
    # Bounded all the same: after so many new objects everything is looked through.
    assert math.prod(usual) < math.prod(gc.get_threshold()) <= 1_000_000


def test_garbage_that_can_only_be_found_by_looking_is_found_all_the_same() -> None:
    look_seldom()
    n_collections = gc.get_stats()[0]["collections"]
    kept: list[list[object]] = [[] for _ in range(2 * gc.get_threshold()[0])]
    assert gc.get_stats()[0]["collections"] > n_collections
    assert len(kept) > 0
