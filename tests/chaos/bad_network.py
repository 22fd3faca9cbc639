"""The state machine of `tests/integration/test_bad_network.py`, with more sequences than the tests have."""

import asyncio
import os
import re
import subprocess
import sys
from pathlib import Path

from tests.chaos.stage import Stage

_TEST = "tests/integration/test_bad_network.py::test_a_bad_network_loses_nothing[0]"
_N_PARTS = 4
"""The test has so many, of which one runs here: a seed would give each the same sequences."""
_ROOT = Path(__file__).parents[2]


async def bad_network(stage: Stage) -> None:
    """Try any order of cuts, delays, losses and late arrivals on a client core and a whole server."""
    n_sequences = stage.pick(5000, short=20)
    said = await asyncio.to_thread(
        subprocess.run,
        [
            sys.executable,
            "-m",
            "pytest",
            "-q",
            "-p",
            "no:cacheprovider",
            f"--hypothesis-seed={stage.seed}",
            _TEST,
        ],
        cwd=_ROOT,
        env=os.environ | {"BAD_NETWORK_SEQUENCES": str(_N_PARTS * n_sequences)},
        stdout=subprocess.PIPE,
        stderr=subprocess.STDOUT,
        text=True,
        check=False,
    )
    assert re.search(r"\b1 passed\b", said.stdout), said.stdout[-6000:]
    stage.figures["sequences"] = n_sequences
