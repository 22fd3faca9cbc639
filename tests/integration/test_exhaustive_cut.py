"""A scene of sixty messages whose connection is dropped after a byte, in both directions.

Here after every third one; `make chaos` drops it after every single one.
"""

import asyncio
from pathlib import Path

import pytest
import uvloop

from tests.chaos import cuts
from tests.chaos.short import play_short
from tests.integration.cut_sweep import STREAM_BYTES, Plan, first_cuts, second_cuts, sweep
from tests.integration.cutting_relay import Way

_STEP = 3
_SHARD_BYTES = 1650


def _sweep(folder: Path, plans: list[Plan]) -> None:
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(sweep(folder, plans))


@pytest.mark.parametrize(
    ("way", "start"),
    [(way, start) for way, n_bytes in STREAM_BYTES.items() for start in range(0, n_bytes, _SHARD_BYTES)],
)
def test_a_cut_anywhere_is_not_noticed(tmp_path: Path, way: Way, start: int) -> None:
    _sweep(tmp_path, first_cuts(way, start, start + _SHARD_BYTES, step=_STEP))


@pytest.mark.parametrize("way", ["down", "up"])
def test_a_second_cut_anywhere_in_the_resume_is_not_noticed(tmp_path: Path, way: Way) -> None:
    _sweep(tmp_path, second_cuts(way, step=_STEP))


async def test_two_cuts_anywhere_are_not_noticed(tmp_path: Path) -> None:
    stage = await play_short(cuts.cut_twice, tmp_path)
    assert int(stage.figures["cuts"]) >= 20
