"""How late an event loop is."""

import asyncio
import time

from vrbridge.bench.lag import LagMeter
from vrbridge.bench.measures import Sample


async def test_a_loop_that_was_blocked_was_late() -> None:
    lags: asyncio.Queue[Sample] = asyncio.Queue()
    measuring = asyncio.create_task(LagMeter(lags.put_nowait).run())
    async with asyncio.timeout(60):
        _, first_s = await lags.get()
        blocked = time.monotonic()
        time.sleep(0.08)  # noqa: ASYNC251 - what is measured
        at, second_s = await lags.get()
    measuring.cancel()
    assert first_s >= 0
    # It was due within the block, at its beginning at the latest a hundredth of a second after it.
    assert second_s >= 0.06
    assert at >= blocked + 0.08
