"""A loop that stood still does not blame its clients."""

from pathlib import Path

from tests.chaos import blocked
from tests.chaos.short import play_short


async def test_half_a_second_shows_as_lag_and_nobody_is_dropped(tmp_path: Path) -> None:
    await play_short(blocked.blocked_briefly, tmp_path)


async def test_longer_than_the_stall_limit_aborts_nobody_who_reads(tmp_path: Path) -> None:
    await play_short(blocked.blocked_beyond_the_stall_limit, tmp_path)
