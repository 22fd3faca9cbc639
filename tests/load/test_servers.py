"""The server under load."""

from pathlib import Path

import pytest

from vrbridge.bench.fake_server import FakeServer
from vrbridge.bench.servers import lag_counts, new_lags, scripted_server, wasted_now, wasted_s
from vrbridge.errors import Unavailable
from vrbridge.metrics import Metrics


def test_lags_are_read_from_the_metrics_of_the_product() -> None:
    metrics = Metrics()
    before = lag_counts(metrics.exposition().decode())
    for lag_s in (0.0004, 0.0004, 0.03, 99.0):
        metrics.loop_lag(lag_s)
    after = lag_counts(metrics.exposition().decode())
    assert set(before.values()) == {0.0}
    # The upper bounds of their buckets; beyond all of them, the largest.
    assert new_lags(before, after) == [0.001, 0.001, 0.05, max(bound for bound in after if bound < 1e9)]
    assert new_lags(after, after) == []


async def test_wasted_work_is_read_from_the_metrics_of_the_product() -> None:
    metrics = Metrics()
    assert wasted_s(metrics.exposition().decode()) == {}
    for kind, reason, seconds in [("mesh", "superseded", 1.0), ("texture", "superseded", 0.5)]:
        metrics.wasted(kind, reason, seconds)
    metrics.wasted("texture", "cancelled", 0.25)
    assert wasted_s(metrics.exposition().decode()) == {"superseded": 1.5, "cancelled": 0.25}
    assert await wasted_now("ws://127.0.0.1:9/ws") is None


async def test_a_server_that_does_not_start_is_told_of_with_its_last_words(tmp_path: Path) -> None:
    not_a_folder = tmp_path / "file"
    not_a_folder.write_bytes(b"")
    config = FakeServer(data=str(not_a_folder))
    with pytest.raises(Unavailable, match=r"The server did not start. \w*Error"):
        async with scripted_server(config, tmp_path / "server.log"):
            pass
