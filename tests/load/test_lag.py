"""How late an event loop is."""

import asyncio
import time

from vrbridge.bench.lag import Lag, LagMeter


async def test_a_loop_that_was_blocked_was_late() -> None:
    lags: asyncio.Queue[Lag] = asyncio.Queue()
    measuring = asyncio.create_task(LagMeter(lags.put_nowait).run())
    async with asyncio.timeout(60):
        before = await lags.get()
        blocked = time.monotonic()
        time.sleep(0.08)  # noqa: ASYNC251 - what is measured
        after = await lags.get()
    measuring.cancel()
    assert before.late_s >= 0
    # It was due a hundredth of a second after the beginning of the block, or earlier.
    assert after.late_s >= 0.06
    assert after.at >= blocked + 0.08
    # Who sleeps does not wait for a core.
    assert after.own_s is not None
    assert 0 < after.own_s <= after.late_s
