"""Everybody loses the server at once, and nothing is lost."""

from pathlib import Path

from tests.chaos import storms
from tests.chaos.short import play_short


async def test_everybody_resumes_when_the_listener_comes_back(tmp_path: Path) -> None:
    await play_short(storms.listener_lost, tmp_path)


async def test_everybody_comes_spread_out_to_a_server_that_takes_over(tmp_path: Path) -> None:
    await play_short(storms.server_replaced, tmp_path)
