"""Worker processes that share one backlog."""

import asyncio
import socket
from collections.abc import Callable, Mapping
from functools import partial
from types import TracebackType
from typing import Any, Self

from vrbridge.errors import GeneratorFailed, Unavailable
from vrbridge.scheduling.backoff import Backoff
from vrbridge.scheduling.batch import Batch
from vrbridge.scheduling.channel import Channel
from vrbridge.scheduling.frames import Stop
from vrbridge.scheduling.pool_metrics import NoMetrics, PoolMetrics
from vrbridge.scheduling.process import ProcessFailed, SupervisedProcess
from vrbridge.scheduling.scheduler import Scheduler
from vrbridge.scheduling.worker_command import threads_of_worker, worker_command, worker_environment
from vrbridge.settings import LimitSettings, WorkerSettings

_LONG_DELAY_S = 3.0
"""With no worker before so long, jobs are refused instead of kept waiting."""
_MAX_START_FAILURES = 3


class WorkerPool:
    """Runs jobs in identical worker processes; all methods belong to the event loop.

    Args:
        factory: `package.module:function`; called in each worker with `config`, returns call → handler.
        config: Plain data for the factory; `threads` and `max_memory_mb` are added from the settings, and the
            worker's `number` of `n_workers`.
        settings: How many workers, and when one is taken for hung.
        limits: How much may wait.
        metrics: Counters. None: nothing is counted.
        backoff: Makes the delays between the starts of one worker.
    """

    def __init__(
        self,
        *,
        factory: str,
        config: Mapping[str, Any],
        settings: WorkerSettings,
        limits: LimitSettings,
        metrics: PoolMetrics | None = None,
        backoff: Callable[[], Backoff] = Backoff,
    ) -> None:
        self._settings = settings
        self._metrics = metrics or NoMetrics()
        self.scheduler = Scheduler(self, limits, self._metrics)
        self._was_ready = False
        n_threads = settings.threads or threads_of_worker(settings.count)
        known = {"threads": n_threads, "max_memory_mb": settings.max_memory_mb, "n_workers": settings.count}
        self._processes = [
            SupervisedProcess(
                worker_command(factory, {**config, **known, "number": number}),
                name=f"worker {number}",
                environment=worker_environment(n_threads),
                start_timeout_s=settings.start_timeout_s,
                serve=partial(self._serve, number),
                on_ready=self._ready,
                on_down=self._down,
                backoff=backoff(),
            )
            for number in range(settings.count)
        ]

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def is_ready(self) -> bool:
        """Whether at least one worker takes jobs."""
        return self.n_ready > 0

    @property
    def n_ready(self) -> int:
        """Workers that take jobs."""
        return sum(process.is_ready for process in self._processes)

    @property
    def n_workers(self) -> int:
        """Workers that there should be."""
        return len(self._processes)

    @property
    def pids(self) -> tuple[int, ...]:
        """Process ids of the workers that take jobs."""
        return tuple(p.pid for p in self._processes if p.is_ready and p.pid is not None)

    async def start(self) -> None:
        """Start the workers and return once all have warmed up.

        Raises:
            Unavailable: If one does not start; the pool is closed then.
        """
        for process in self._processes:
            await process.start()
        try:
            async with asyncio.timeout(self._settings.start_timeout_s):
                for process in self._processes:
                    await process.wait_ready(max_failures=_MAX_START_FAILURES)
        except (ProcessFailed, TimeoutError) as error:
            await self.close()
            raise Unavailable("The generators do not start; the server's log says why.") from error
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """End the workers; jobs that wait or run end with Unavailable."""
        self.scheduler.close()
        await asyncio.gather(*(process.close() for process in self._processes))

    async def _serve(self, number: int, endpoint: socket.socket) -> None:
        """Carry out jobs on one worker until it fails."""
        channel = Channel(endpoint)
        while True:
            batch = await self.scheduler.batch_of(await self.scheduler.next_job())
            await self.scheduler.carry_out(batch, self._converse(batch, channel))
            # It did its work: should it end now, that is not the start of a row of failures.
            self._processes[number].settle()

    async def _converse(self, batch: Batch, channel: Channel) -> None:
        """Start jobs on a worker, and pass on what it says of them."""
        try:
            async with asyncio.timeout(self._settings.hang_s):
                await channel.send(batch.frame)
            batch.known_to(lambda job: channel.send_now(Stop(job)))
            while not batch.is_over:
                async with asyncio.timeout(self._settings.hang_s):
                    message, payload = await channel.receive()
                await batch.take(message, payload)
        except TimeoutError as error:
            for job in batch.jobs:
                job.end(GeneratorFailed("The generator hung and was restarted; try again."))
            raise ProcessFailed(f"It said nothing for {self._settings.hang_s:g} s.") from error

    def _ready(self, _: dict[str, Any]) -> None:
        self._was_ready = True

    def _down(self) -> None:
        self._metrics.worker_restarted()
        try:
            self.check_available()
        except Unavailable as error:
            self.scheduler.give_up(error)

    def check_available(self) -> None:
        """Raise Unavailable if jobs would wait for nothing."""
        if self.is_ready:
            return
        delay_s = min((process.delay_left_s for process in self._processes), default=0.0)
        if not self._was_ready or delay_s > _LONG_DELAY_S:
            raise Unavailable(
                "The generators are being restarted; try again in a moment.",
                retry_after_s=max(1.0, delay_s),
            )
