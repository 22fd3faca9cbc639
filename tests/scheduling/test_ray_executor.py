"""What only a cluster does: it is lost and comes back, grows, and is shared by gateways."""

import asyncio
import os
import signal
from collections.abc import Mapping

import pytest

from tests.scheduling import ray_head
from tests.scheduling.fakes import RecordedMetrics
from tests.scheduling.ray_gateway import N_WORKERS, cluster, ray_executor, ready, run
from vrbridge.errors import GeneratorFailed, RequestError, Unavailable
from vrbridge.scheduling.ray_executor import RayExecutor

pytestmark = [pytest.mark.xdist_group("ray"), pytest.mark.timeout(400)]

__all__ = ["cluster"]

Cluster = tuple[str, Mapping[str, str]]


@pytest.fixture(autouse=True)
def _belongs_to_the_cluster(cluster: Cluster, monkeypatch: pytest.MonkeyPatch) -> None:
    for name, value in cluster[1].items():
        monkeypatch.setenv(name, value)


async def pids(executor: RayExecutor, n_replicas: int) -> set[int]:
    """Return the process ids of the replicas."""
    found: set[int] = set()
    async with asyncio.timeout(120):
        while len(found) < n_replicas:
            (result,) = await run(executor, "about")
            found.add(result.header["pid"])
    return found


async def test_gateways_of_the_same_settings_share_replicas_which_outlive_them(cluster: Cluster) -> None:
    async with ray_executor(cluster[0]) as first:
        await ready(first, N_WORKERS)
        replicas = await pids(first, N_WORKERS)
        async with ray_executor(cluster[0]) as second:
            await ready(second, N_WORKERS)
            assert await pids(second, N_WORKERS) == replicas
    async with ray_executor(cluster[0]) as third:
        await ready(third, N_WORKERS)
        assert await pids(third, N_WORKERS) == replicas


async def test_a_gateway_whose_generators_were_replaced_is_told_so(cluster: Cluster) -> None:
    async with ray_executor(cluster[0], fingerprint="old", application="replaced") as old:
        assert len(await run(old, "echo")) == 1
        async with ray_executor(cluster[0], fingerprint="new", application="replaced") as new:
            assert len(await run(new, "echo")) == 1
            # Not at once: who was replaced a moment ago does not know it yet.
            ends = [await _end_of_a_job(old) for _ in range(30)]
            assert isinstance(ends[-1], Unavailable)
            assert "replaced" in ends[-1].message
            assert len(await run(new, "echo")) == 1


async def test_the_cluster_grows_with_what_waits(cluster: Cluster) -> None:
    async with ray_executor(
        cluster[0], application="growing", fingerprint="growing", min_replicas=1, max_replicas=2
    ) as executor:
        await ready(executor, 1)
        # More than one replica can take, for as long as it takes Ray to start another.
        waiting = [asyncio.create_task(_busy(executor)) for _ in range(4)]
        await ready(executor, 2)
        for task in waiting:
            task.cancel()
        await asyncio.wait(waiting)
        assert len(await run(executor, "echo")) == 1


async def _busy(executor: RayExecutor) -> None:
    async with executor.scheduler.job("stepping", {}, session="s", tier=0, cost_s=0.1) as results:
        async for _ in results:
            pass


async def test_a_link_that_dies_fails_what_ran_and_comes_back(cluster: Cluster) -> None:
    metrics = RecordedMetrics()
    async with ray_executor(cluster[0], metrics) as executor:
        await ready(executor, N_WORKERS)
        busy = asyncio.create_task(_busy(executor))
        async with asyncio.timeout(60):
            while not executor.scheduler.n_running:  # noqa: ASYNC110 - begun by another process
                await asyncio.sleep(0.02)
        assert executor.link_pid is not None
        os.kill(executor.link_pid, signal.SIGKILL)
        with pytest.raises(GeneratorFailed) as failed:
            await busy
        assert failed.value.retryable
        # It may take a while to come back; until then whoever asks is told to try again.
        while await _end_of_a_job(executor) is not None:  # noqa: ASYNC110 - another process
            await asyncio.sleep(0.1)
        assert metrics.n_restarts == 1


async def test_a_cluster_that_is_lost_refuses_and_one_that_comes_back_serves(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    variables = ray_head.environment()
    for name, value in variables.items():
        monkeypatch.setenv(name, value)
    with ray_head.head(variables) as address:
        executor = ray_executor(address, application="lost", fingerprint="lost")
        await executor.start()
    try:
        ends = [await _end_of_a_job(executor) for _ in range(200)]
        assert isinstance(ends[-1], Unavailable)
        assert ends[-1].retry_after_s is not None
        with ray_head.head(variables, port=int(address.rpartition(":")[2])):
            await ready(executor, N_WORKERS)
            assert await _end_of_a_job(executor) is None
            await executor.close()
    finally:
        await executor.close()


async def _end_of_a_job(executor: RayExecutor) -> RequestError | None:
    """Return what ended a job: nothing hangs, and whatever it is, it can be tried again."""
    try:
        async with asyncio.timeout(120):
            await run(executor, "echo")
    except RequestError as error:
        assert error.retryable  # noqa: PT017 - one of many
        return error
    return None
