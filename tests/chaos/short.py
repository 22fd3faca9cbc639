"""Scenarios at the size of a test."""

from pathlib import Path

from tests.chaos.leaks import without_leaks
from tests.chaos.stage import Play, Stage

_SEED = 20


async def play_short(play: Play, folder: Path) -> Stage:
    """Play a scenario scaled down, see that it leaves nothing behind, and return its stage."""
    stage = Stage(folder, _SEED, is_short=True)
    async with without_leaks():
        await play(stage)
    return stage
