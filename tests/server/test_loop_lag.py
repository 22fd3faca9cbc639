"""What blocks the event loop is measured."""

import time

from tests.chaos.readings import reading
from tests.chaos.waiting import until
from vrbridge.metrics import Metrics
from vrbridge.server.loop_lag import measured_lag

_COUNT, _SUM = "vrbridge_loop_lag_seconds_count", "vrbridge_loop_lag_seconds_sum"


async def test_a_blocked_loop_shows_in_the_histogram() -> None:
    metrics = Metrics()
    async with measured_lag(metrics):
        await until(lambda: reading(metrics, _COUNT) >= 1)
        n_before = reading(metrics, _COUNT)
        time.sleep(0.6)  # noqa: ASYNC251 - blocking the loop is what is tested
        await until(lambda: reading(metrics, _COUNT) > n_before)
    # A measurement was due at most a quarter of a second after the block began.
    assert reading(metrics, _SUM) >= 0.3
