"""A headset that is taken off suspends its player's process; whatever can be resumed is."""

from functools import partial
from pathlib import Path

import pytest

from tests.chaos.short import play_short
from tests.chaos.suspended import suspended


@pytest.mark.parametrize("seconds", [5, 30, 150])
async def test_a_suspended_player_goes_on_or_learns_that_the_session_is_lost(
    tmp_path: Path, seconds: int
) -> None:
    await play_short(partial(suspended, for_s=seconds), tmp_path)
