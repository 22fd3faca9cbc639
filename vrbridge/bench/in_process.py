"""Jobs on a thread of this process: what the other executors are compared with, and no more."""

import asyncio
from collections.abc import Mapping
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module
from types import TracebackType
from typing import Any, Self

from vrbridge.scheduling.execution import Handler, carried_out
from vrbridge.scheduling.frames import PREFIX, Ended, FromWorker, Output, Run, from_worker, to_worker
from vrbridge.scheduling.job import Job
from vrbridge.scheduling.results import Result
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
            job = await self.scheduler.next_job()
            await self.scheduler.carry_out(job, self._converse(job))

    async def _converse(self, job: Job) -> Ended:
        loop = asyncio.get_running_loop()
        return await loop.run_in_executor(self._thread, self._carry_out, job, loop)

    def _carry_out(self, job: Job, loop: asyncio.AbstractEventLoop) -> Ended:
        run = to_worker.decode(job.frame[PREFIX.size :])
        assert isinstance(run, Run)
        for frame, payload in carried_out(run, self._handlers, is_stopped=lambda _: job.is_stopped):
            message: FromWorker = from_worker.decode(frame[PREFIX.size :])
            if isinstance(message, Output):
                result = Result(message.name, message.header, payload)
                asyncio.run_coroutine_threadsafe(job.results.put(result), loop).result()
            elif isinstance(message, Ended):
                return message
        raise AssertionError("a job says how it ended")
