"""Jobs on a thread of this process: what the other executors are compared with, and no more."""

import asyncio
from collections.abc import Mapping, Set
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from types import TracebackType
from typing import Any, Self

from vrbridge.scheduling.batch import Batch
from vrbridge.scheduling.execution import Handler, carried_out_together
from vrbridge.scheduling.frames import PREFIX, FromWorker, Run, from_worker, to_worker
from vrbridge.scheduling.scheduler import Scheduler
from vrbridge.settings import LimitSettings


class InProcess:
    """Runs one job at a time beside the event loop, which it slows.

    Args:
        factory: `package.module:function`; called with `config`, returns call → handler.
        config: Plain data for the factory.
        limits: How much may wait.
    """

    def __init__(self, *, factory: str, config: Mapping[str, Any], limits: LimitSettings) -> None:
        self._factory = factory
        self._config = dict(config)
        self._thread = ThreadPoolExecutor(1, thread_name_prefix="work")
        self._handlers: Mapping[str, Handler] = {}
        self._lane: asyncio.Task[None] | None = None
        self.scheduler = Scheduler(self, limits)

    async def __aenter__(self) -> Self:
        module, _, function = self._factory.partition(":")
        create = getattr(import_module(module), function)
        loop = asyncio.get_running_loop()
        self._handlers = await loop.run_in_executor(self._thread, create, self._config)
        self._lane = asyncio.create_task(self._work(), name="lane")
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.scheduler.close()
        assert self._lane is not None
        self._lane.cancel()
        await asyncio.wait([self._lane])
        self._thread.shutdown(wait=False)

    @property
    def n_ready(self) -> int:
        """One thread."""
        return 1

    def check_available(self) -> None:
        """Nothing to wait for: it is always there."""

    async def _work(self) -> None:
        while True:
            batch = await self.scheduler.batch_of(await self.scheduler.next_job())
            await self.scheduler.carry_out(batch, self._converse(batch))

    async def _converse(self, batch: Batch) -> None:
        loop = asyncio.get_running_loop()
        stopped: set[int] = set()
        batch.known_to(stopped.add)
        await loop.run_in_executor(self._thread, self._carry_out, batch, stopped, loop)

    def _carry_out(self, batch: Batch, stopped: Set[int], loop: asyncio.AbstractEventLoop) -> None:
        runs = [to_worker.decode(job.frame[PREFIX.size :]) for job in batch.jobs]
        wanted = [run for run in runs if isinstance(run, Run)]
        pieces = carried_out_together(wanted, self._handlers, is_stopped=stopped.__contains__)
        for frame, payload in pieces:
            message: FromWorker = from_worker.decode(frame[PREFIX.size :])
            asyncio.run_coroutine_threadsafe(batch.take(message, payload), loop).result()
