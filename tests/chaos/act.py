"""One scenario in a process of its own: `python -m tests.chaos.act NAME SEED MINUTES` prints its figures."""

import asyncio
import json
import sys
import tempfile
from pathlib import Path

import uvloop

from tests.chaos.catalogue import SCENARIOS, Scenario
from tests.chaos.leaks import MAX_GROWTH_MB, resident_mb, without_leaks
from tests.chaos.stage import Stage


async def _act(scenario: Scenario, stage: Stage) -> None:
    async with stage.site():
        pass  # what an event loop opens once, and keeps, is no leak
    before_mb = resident_mb()
    async with without_leaks():
        await scenario.play(stage)
    grown_mb = resident_mb() - before_mb
    stage.figures["grown_mb"] = grown_mb
    assert grown_mb <= MAX_GROWTH_MB, f"{grown_mb:.0f} MB more than before"


def main(name: str, seed: int, minutes: float) -> None:
    """Play a scenario; a failure is a traceback."""
    scenario = next(one for one in SCENARIOS if one.name == name)
    with tempfile.TemporaryDirectory() as folder:
        stage = Stage(Path(folder), seed, minutes=minutes)
        # The product's event loop.
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            runner.run(_act(scenario, stage))
    print(json.dumps(stage.figures))


if __name__ == "__main__":
    main(sys.argv[1], int(sys.argv[2]), float(sys.argv[3]))
