"""Jobs on a Ray cluster, in the order of this gateway's own backlog."""

import asyncio
import os
import socket
import sys
from collections.abc import Callable, Mapping
from types import TracebackType
from typing import Any, Final, Self

import msgspec

from vrbridge.errors import Overloaded, Unavailable
from vrbridge.scheduling.backoff import Backoff
from vrbridge.scheduling.batch import Batch
from vrbridge.scheduling.channel import Channel
from vrbridge.scheduling.frames import Capacity, Stop, pack
from vrbridge.scheduling.inbox import Inbox, InboxFull
from vrbridge.scheduling.pool_metrics import NoMetrics, PoolMetrics
from vrbridge.scheduling.process import ProcessFailed, SupervisedProcess
from vrbridge.scheduling.scheduler import Scheduler
from vrbridge.settings import LimitSettings, RaySettings

_OUTAGE_S: Final = 10.0
"""Jobs are kept waiting for so long while no replica can be reached, about twice what it takes to connect
anew; then they are refused."""
_RETRY_S: Final = 5.0
_MAX_START_FAILURES: Final = 2


class RayExecutor:
    """Runs jobs on the replicas of a Ray Serve application; all methods belong to the event loop.

    As many jobs are handed over at once as the cluster can take; the rest waits here, where urgency, fairness
    and the player's gaze decide what is next.

    Args:
        factory: `package.module:function`; called in each replica with `config`, returns call → handler.
        config: Plain data for the factory.
        fingerprint: Of all that decides what is made; gateways that agree in it, and in what replicas get,
            share them.
        settings: Which cluster, and how many replicas.
        hang_s: A job that yields nothing for so long is taken for hung; its replica is replaced.
        threads: Of a replica; 0: as many as it has cores.
        limits: How much may wait.
        metrics: Counters. None: nothing is counted.
        backoff: Delays between starts of the process that talks to the cluster.
    """

    def __init__(
        self,
        *,
        factory: str,
        config: Mapping[str, Any],
        fingerprint: str,
        settings: RaySettings,
        hang_s: float,
        limits: LimitSettings,
        threads: int = 0,
        metrics: PoolMetrics | None = None,
        backoff: Backoff | None = None,
    ) -> None:
        self._settings = settings
        self._metrics = metrics or NoMetrics()
        self.scheduler = Scheduler(self, limits, self._metrics)
        self._n_ready = 0
        self._n_lanes = 0
        self._was_ready = asyncio.Event()
        self._lanes: set[asyncio.Task[None]] = set()
        self._idle: dict[asyncio.Task[None], None] = {}
        self._handed: dict[int, Inbox] = {}
        self._outage: asyncio.TimerHandle | None = None
        self._is_out = False
        n_threads = threads or max(1, round(settings.cpus))
        cluster = {
            "address": settings.address,
            "application": settings.application,
            "factory": factory,
            "config": {**config, "threads": n_threads},
            "fingerprint": fingerprint,
            "hang_s": hang_s,
            "min_replicas": settings.min_replicas,
            "max_replicas": settings.max_replicas,
            "cpus": settings.cpus,
            "gpus": settings.gpus,
            "resources": settings.resources,
            "threads": n_threads,
        }
        module = "vrbridge.scheduling.ray_link"
        self._link = SupervisedProcess(
            [sys.executable, "-P", "-m", module, msgspec.json.encode(cluster).decode()],
            name="link to Ray",
            environment={"PYTHONPATH": os.pathsep.join(path for path in sys.path if path)},
            start_timeout_s=settings.start_timeout_s,
            serve=self._serve,
            on_down=self._down,
            backoff=backoff,
            stop_s=10.0,
        )

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.close()

    @property
    def is_ready(self) -> bool:
        """Whether at least one replica takes jobs."""
        return self._n_ready > 0

    @property
    def n_ready(self) -> int:
        """Replicas that take jobs."""
        return self._n_ready

    @property
    def n_workers(self) -> int:
        """Replicas that there should be at least."""
        return max(self._settings.min_replicas, self._n_ready)

    @property
    def link_pid(self) -> int | None:
        """Process id of what talks to the cluster, or None while it is away."""
        return self._link.pid

    async def start(self) -> None:
        """Join the cluster and return once a replica has warmed up.

        Raises:
            Unavailable: If there is none; the executor is closed then.
        """
        await self._link.start()
        try:
            async with asyncio.timeout(self._settings.start_timeout_s):
                await self._link.wait_ready(max_failures=_MAX_START_FAILURES)
                await self._was_ready.wait()
        except (ProcessFailed, TimeoutError) as error:
            await self.close()
            text = "The Ray cluster can't be used, or its replicas do not start; the server's log says why."
            raise Unavailable(text) from error
        except BaseException:
            await self.close()
            raise

    async def close(self) -> None:
        """Leave the cluster, whose replicas stay; jobs that wait or run end with Unavailable."""
        self.scheduler.close()
        if self._outage is not None:
            self._outage.cancel()
        await self._link.close()

    def check_available(self) -> None:
        """Raise Unavailable if jobs would wait for nothing."""
        if not self._was_ready.is_set() or self._is_out:
            raise _away()

    async def _serve(self, endpoint: socket.socket) -> None:
        """Hand jobs over until the link fails."""
        channel = Channel(endpoint)
        sending = asyncio.Lock()
        try:
            async with asyncio.TaskGroup() as tasks:
                while True:
                    message, payload = await channel.receive()
                    match message:
                        case Capacity():
                            self._note_capacity(message)
                            self._fit(lambda: tasks.create_task(self._lane(tasks, channel, sending)))
                        case _ if (inbox := self._handed.get(message.job)) is not None:
                            # Never waits: whoever takes nothing must not hold up others.
                            inbox.put(message, payload)
        finally:
            self._note_capacity(Capacity(0, 0))
            self._lanes.clear()
            self._idle.clear()

    def _fit(self, start: Callable[[], asyncio.Task[None]]) -> None:
        """Have as many lanes as jobs may be handed over; busy ones that are too many end after their job."""
        while len(self._lanes) < self._n_lanes:
            self._lanes.add(start())
        n_surplus = len(self._lanes) - self._n_lanes
        for task in list(self._idle)[: max(0, n_surplus)]:
            task.cancel()
            self._lanes.discard(task)

    async def _lane(self, tasks: asyncio.TaskGroup, channel: Channel, sending: asyncio.Lock) -> None:
        own = asyncio.current_task()
        assert own is not None, "a coroutine runs in a task"
        while len(self._lanes) <= self._n_lanes:
            self._idle[own] = None
            try:
                job = await self.scheduler.next_job()
            finally:
                self._idle.pop(own, None)
            batch = await self.scheduler.batch_of(job)
            await self.scheduler.carry_out(batch, self._converse(batch, tasks, channel, sending))
            self._link.settle()
        self._lanes.discard(own)

    async def _converse(
        self, batch: Batch, tasks: asyncio.TaskGroup, channel: Channel, sending: asyncio.Lock
    ) -> None:
        """Hand jobs over, and stay until all have ended."""

        async def send(frame: bytes) -> None:
            async with sending:
                await channel.send(frame)

        def stop(job: int) -> None:
            tasks.create_task(send(pack(Stop(job))), name=f"stop job {job}")

        inbox = Inbox()
        jobs = [job.number for job in batch.jobs]
        self._handed.update(dict.fromkeys(jobs, inbox))
        try:
            await send(batch.frame)
            batch.known_to(stop)
            while not batch.is_over:
                await batch.take(*await inbox.next())
        except InboxFull:
            for job in batch.jobs:
                job.end(Overloaded("Nobody takes what was made; ask again.", retry_after_s=_RETRY_S))
                job.stop()
        finally:
            for number in jobs:
                del self._handed[number]

    def _note_capacity(self, capacity: Capacity) -> None:
        self._n_ready, self._n_lanes = capacity.n_ready, capacity.n_lanes
        if self._n_ready:
            self._was_ready.set()
            self._is_out = False
            if self._outage is not None:
                self._outage.cancel()
                self._outage = None
        elif self._outage is None and not self._is_out:
            self._outage = asyncio.get_running_loop().call_later(_OUTAGE_S, self._declare_outage)

    def _declare_outage(self) -> None:
        self._outage = None
        self._is_out = True
        self.scheduler.give_up(_away())

    def _down(self) -> None:
        self._metrics.worker_restarted()


def _away() -> Unavailable:
    text = "The Ray cluster's generators are away, or were replaced by those of another server; try again."
    return Unavailable(text, retry_after_s=_RETRY_S)
