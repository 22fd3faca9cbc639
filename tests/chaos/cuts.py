"""The connection of a recorded scene is dropped after every single byte, and twice at random ones."""

from collections.abc import Sequence

from tests.chaos.stage import Stage
from tests.integration.cut_sweep import RESUME_BYTES, STREAM_BYTES, Plan, first_cuts, second_cuts, sweep
from tests.integration.cutting_relay import Cut, Way

_SHARD = 500
_WAYS: tuple[Way, Way] = ("down", "up")
_LATER_BYTES = {way: 2 * n_bytes for way, n_bytes in RESUME_BYTES.items()}


async def cut_after_every_byte(stage: Stage) -> None:
    """In both directions, and once more in the resume that follows a cut half-way."""
    step = stage.pick(1, short=97)
    for way in _WAYS:
        await _sweep(stage, f"cuts_{way}", first_cuts(way, step=step))
        await _sweep(stage, f"cuts_in_resume_{way}", second_cuts(way, step=step))


async def cut_twice(stage: Stage) -> None:
    """Both connections of a session end somewhere, in any direction."""
    plans = {
        tuple(_anywhere(stage, n_bytes) for n_bytes in (STREAM_BYTES, _LATER_BYTES))
        for _ in range(stage.pick(1000, short=20))
    }
    await _sweep(stage, "cuts", sorted(plans, key=repr))


async def _sweep(stage: Stage, figure: str, plans: Sequence[Plan]) -> None:
    # A server each, since sessions wait for their players for a while.
    n_cut = [await sweep(stage.folder, plans[i : i + _SHARD]) for i in range(0, len(plans), _SHARD)]
    stage.figures[figure] = sum(n_cut)


def _anywhere(stage: Stage, n_bytes: dict[Way, int]) -> Cut:
    way = stage.random.choice(_WAYS)
    return Cut(way, stage.random.randrange(n_bytes[way]))
