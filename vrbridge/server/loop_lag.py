"""How late the event loop comes to what is due: the first sign of something that blocks it."""

import asyncio
import contextlib
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from vrbridge.metrics import Metrics

_EVERY_S = 0.25


@asynccontextmanager
async def measured_lag(metrics: Metrics) -> AsyncIterator[None]:
    """Note how late the event loop is, as long as the context lasts."""

    async def measure() -> None:
        loop = asyncio.get_running_loop()
        while True:
            due = loop.time() + _EVERY_S
            await asyncio.sleep(_EVERY_S)
            metrics.loop_lag(max(0.0, loop.time() - due))

    task = asyncio.create_task(measure(), name="loop lag")
    try:
        yield
    finally:
        task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await task
