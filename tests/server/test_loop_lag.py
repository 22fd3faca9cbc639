"""What blocks the event loop is measured."""

import time

from tests.chaos.waiting import until
from vrbridge.metrics import Metrics
from vrbridge.server.loop_lag import measured_lag


def _measured(metrics: Metrics, suffix: str) -> float:
    name = f"vrbridge_loop_lag_seconds_{suffix} "
    lines = metrics.exposition().decode().splitlines()
    return next(float(line.removeprefix(name)) for line in lines if line.startswith(name))


async def test_a_blocked_loop_shows_in_the_histogram() -> None:
    metrics = Metrics()
    async with measured_lag(metrics):
        await until(lambda: _measured(metrics, "count") >= 1)
        n_before = _measured(metrics, "count")
        time.sleep(0.6)  # noqa: ASYNC251 - blocking the loop is what is tested
        await until(lambda: _measured(metrics, "count") > n_before)
    # A measurement was due at most a quarter of a second after the block began.
    assert _measured(metrics, "sum") >= 0.3
