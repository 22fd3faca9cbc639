"""A gateway's side of a Ray cluster, with the handlers of `echo_work`."""

import asyncio
from collections.abc import Iterator, Mapping
from typing import Any, Protocol

import pytest

from tests.scheduling import ray_head
from tests.scheduling.fakes import FACTORY, RecordedMetrics
from vrbridge.scheduling.ray_executor import RayExecutor
from vrbridge.scheduling.results import Result
from vrbridge.scheduling.scheduler import Scheduler
from vrbridge.settings import LimitSettings, RaySettings

N_WORKERS = 2


class Executor(Protocol):
    """What runs jobs."""

    @property
    def scheduler(self) -> Scheduler: ...

    @property
    def n_ready(self) -> int: ...


@pytest.fixture(scope="module")
def cluster() -> Iterator[tuple[str, Mapping[str, str]]]:
    """Address and variables of a Ray cluster."""
    variables = ray_head.environment()
    with ray_head.head(variables) as address:
        yield address, variables


def ray_executor(
    address: str, metrics: RecordedMetrics | None = None, *, fingerprint: str = "echo", **settings: Any
) -> RayExecutor:
    ray = {"min_replicas": N_WORKERS, "max_replicas": N_WORKERS, "cpus": 0.5, "start_timeout_s": 120.0}
    return RayExecutor(
        factory=FACTORY,
        config={},
        fingerprint=fingerprint,
        settings=RaySettings(address=address, **(ray | settings)),
        hang_s=5.0,
        limits=LimitSettings(max_backlog_s=60.0, max_session_backlog_s=60.0),
        metrics=metrics,
    )


async def ready(executor: Executor, n_workers: int) -> None:
    # What is looked at belongs to other processes.
    async with asyncio.timeout(120):
        while executor.n_ready < n_workers:  # noqa: ASYNC110
            await asyncio.sleep(0.02)


async def run(executor: Executor, call: str, *, session: str = "s", **arguments: Any) -> list[Result]:
    async with executor.scheduler.job(call, arguments, session=session, tier=0, cost_s=0.1) as results:
        return [result async for result in results]
