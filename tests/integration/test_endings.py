"""A server that is stopped or killed under load loses nothing that it promised to keep."""

from pathlib import Path

import pytest

from tests.chaos import endings
from tests.chaos.short import play_short

pytestmark = [pytest.mark.models, pytest.mark.xdist_group("server"), pytest.mark.timeout(400)]


async def test_sigterm_under_load_delivers_what_runs_and_says_goodbye(tmp_path: Path) -> None:
    await play_short(endings.stopped_under_load, tmp_path)


async def test_sigkill_under_load_leaves_no_orphan_and_no_damage(tmp_path: Path) -> None:
    await play_short(endings.killed_under_load, tmp_path)
