"""How late an event loop is, finely enough for a percentile of a second."""

import asyncio
import time
from collections.abc import Callable
from typing import Final

from vrbridge.bench.measures import Sample

LOOK_EVERY_S: Final = 0.01


class LagMeter:
    """Asks an event loop for a moment a hundred times a second, and notes how much later it came.

    Args:
        note: Called with when, on the clock of `time.monotonic`, and seconds.
    """

    def __init__(self, note: Callable[[Sample], None]) -> None:
        self._note = note

    async def run(self) -> None:
        """Measure until cancelled."""
        while True:
            due = time.monotonic() + LOOK_EVERY_S
            await asyncio.sleep(LOOK_EVERY_S)
            now = time.monotonic()
            self._note((now, max(0.0, now - due)))
