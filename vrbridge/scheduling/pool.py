"""Worker processes that share one backlog."""

import asyncio
import socket
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from functools import partial
from types import TracebackType
from typing import Any, Self

from vrbridge.errors import Cancelled, DeadlineExceeded, GeneratorFailed, Unavailable
from vrbridge.scheduling.backlog import Backlog
from vrbridge.scheduling.backoff import Backoff
from vrbridge.scheduling.channel import Channel
from vrbridge.scheduling.costs import Costs
from vrbridge.scheduling.fair_queue import unweighted
from vrbridge.scheduling.frames import Ended, Run, error_of, pack
from vrbridge.scheduling.job import Job
from vrbridge.scheduling.pool_metrics import NoMetrics, PoolMetrics
from vrbridge.scheduling.process import ProcessFailed, SupervisedProcess
from vrbridge.scheduling.results import Result, Results
from vrbridge.scheduling.waiting import Waiting
from vrbridge.scheduling.worker_command import threads_of_worker, worker_command, worker_environment
from vrbridge.settings import LimitSettings, WorkerSettings

_LONG_DELAY_S = 3.0
"""With no worker before so long, jobs are refused instead of kept waiting."""
_MAX_START_FAILURES = 3


class WorkerPool:
    """Runs jobs in identical worker processes; all methods belong to the event loop.

    Args:
        factory: `package.module:function`; called in each worker with `config`, returns call → handler.
        config: Plain data for the factory; `threads` and `max_memory_mb` are added from the settings.
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
        self._backlog: Backlog[Job] = Backlog(
            max_wait_s=limits.max_backlog_s, max_session_seconds=limits.max_session_backlog_s
        )
        self._costs = Costs()
        self._arrival = asyncio.Event()
        self._running: set[Job] = set()
        self._n_jobs = 0
        self._was_ready = False
        self._is_closed = False
        n_threads = settings.threads or threads_of_worker(settings.count)
        known = {"threads": n_threads, "max_memory_mb": settings.max_memory_mb}
        command = worker_command(factory, {**config, **known})
        self._processes = [
            SupervisedProcess(
                command,
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
    def n_waiting(self) -> int:
        """Jobs that no worker has begun."""
        return len(self._backlog)

    @property
    def n_running(self) -> int:
        """Jobs that a worker has begun and not ended."""
        return len(self._running)

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
        self._is_closed = True
        for job in [*self._running, *self._backlog.clear()]:
            job.end(Unavailable("The server is stopping."))
        await asyncio.gather(*(process.close() for process in self._processes))

    def estimate(
        self,
        *,
        session: str,
        tier: int,
        cost_s: float,
        call: str | None = None,
        size: str = "",
        deadline: float | None = None,
        weight: Callable[[], float] = unweighted,
    ) -> Waiting:
        """Return when a job that came now would be done.

        Args:
            session: Whose work it is.
            tier: 0 is the most urgent of what players ask for.
            cost_s: What its kind reckons, in seconds of one worker.
            call: Name of its handler, which makes the estimate sharper.
            size: What decides its cost besides, in a few words, which makes it sharper still.
            deadline: On the clock of `time.monotonic`. None: none.
            weight: Returns which of the session's own goes first; the heaviest does.

        Raises:
            Overloaded: If too much work waits, be it for the deadline only; `retry_after_s` says when to come
                back.
            Unavailable: If no worker runs and none is about to.
        """
        self._check_available()
        return self._backlog.estimate(
            session,
            tier=tier,
            cost_s=self._costs.expected_s(cost_s, call=call, size=size),
            now=time.monotonic(),
            # How long a start takes depends on the models, so that any number would be a guess.
            n_workers=self.n_ready,
            deadline=deadline,
            weight=weight,
        )

    @asynccontextmanager
    async def job(
        self,
        call: str,
        arguments: Mapping[str, Any],
        *,
        session: str,
        tier: int,
        cost_s: float,
        size: str = "",
        deadline: float | None = None,
        weight: Callable[[], float] = unweighted,
        failure: Callable[[], str | None] = lambda: None,
    ) -> AsyncIterator[AsyncIterator[Result]]:
        """Run a job and stream what it makes; leaving the context cancels what is left of it.

        The stream raises what ended the job: the handler's own RequestError, GeneratorFailed after a crash or
        a hang, DeadlineExceeded, or Unavailable when the server stops.

        Args:
            call: Name of the handler.
            arguments: Plain data for it.
            session: Whose work it is; sessions get equal shares.
            tier: 0 is the most urgent.
            cost_s: What its kind reckons, in seconds of one worker.
            size: What decides the cost besides the call, in a few words.
            deadline: On the clock of `time.monotonic`. None: none.
            weight: Returns which of the session's own goes first; the heaviest does. Asked at each
                of its turns.
            failure: Returns the code of the error that the request behind it has ended with; None: it goes
                on, or was done. Tells whether the work was wasted.

        Raises:
            Overloaded: As `estimate` does.
            Unavailable: If no worker runs and none is about to.
        """
        self._check_available()
        number, self._n_jobs = self._n_jobs, self._n_jobs + 1
        job = Job(
            number=number,
            call=call,
            frame=pack(Run(number, call, dict(arguments))),
            session=session,
            tier=tier,
            size=size,
            estimate_s=cost_s,
            expected_s=self._costs.expected_s(cost_s, call=call, size=size),
            results=Results(),
            weight=weight,
            failure=failure,
        )
        self._admit(job, deadline)
        try:
            yield job.results
        finally:
            self._leave(job)

    def _admit(self, job: Job, deadline: float | None) -> None:
        job.ticket = self._backlog.add(
            job,
            session=job.session,
            tier=job.tier,
            cost_s=job.expected_s,
            now=time.monotonic(),
            n_workers=self.n_ready,
            deadline=deadline,
            weight=job.weight,
        )
        if deadline is not None:
            delay_s = max(0.0, deadline - time.monotonic())
            job.timer = asyncio.get_running_loop().call_later(delay_s, self._expire, job)
        self._arrival.set()
        self._note_backlog()

    def _leave(self, job: Job) -> None:
        if self._backlog.remove(job.ticket):
            self._note_backlog()
        job.end(Cancelled("The request was cancelled."))
        job.results.close()
        job.stop()

    def _expire(self, job: Job) -> None:
        self._backlog.remove(job.ticket)
        job.end(DeadlineExceeded("The request could not be done before its deadline."))
        job.stop()
        self._note_backlog()

    async def _serve(self, number: int, endpoint: socket.socket) -> None:
        """Carry out jobs on one worker until it fails."""
        channel = Channel(endpoint)
        while True:
            await self._carry_out(await self._next_job(), channel)
            # It did its work: should it end now, that is not the start of a row of failures.
            self._processes[number].settle()

    async def _next_job(self) -> Job:
        while True:
            now = time.monotonic()
            for late in self._backlog.expire(now=now):
                self._expire(late)
            job = self._backlog.take(now=now)
            if job is not None:
                self._note_backlog()
                return job
            self._arrival.clear()
            await self._arrival.wait()

    async def _carry_out(self, job: Job, channel: Channel) -> None:
        job.began = time.monotonic()
        self._running.add(job)
        self._metrics.job_started(job.call)
        is_done = False
        try:
            is_done = self._conclude(job, await self._converse(job, channel))
        except TimeoutError as error:
            job.end(GeneratorFailed("The generator hung and was restarted; try again."))
            raise ProcessFailed(f"It said nothing for {self._settings.hang_s:g} s.") from error
        finally:
            # Also when the worker has ended, which cancels this; an end that is known already stays.
            job.end(GeneratorFailed("The generator crashed; try again."))
            self._running.discard(job)
            elapsed_s = time.monotonic() - job.began
            # All the time that others could not have the worker, whatever it did.
            self._backlog.finish(job.ticket, seconds=elapsed_s)
            ended_by = job.results.error
            outcome = "done" if is_done or ended_by is None else ended_by.code
            self._metrics.job_ended(job.call, outcome, elapsed_s)
            if (reason := job.wasted_by) is not None:
                self._metrics.wasted(job.call, reason, elapsed_s)

    async def _converse(self, job: Job, channel: Channel) -> Ended:
        """Start a job on a worker and pass its outputs on; return how it ended."""
        async with asyncio.timeout(self._settings.hang_s):
            await channel.send(job.frame)
        job.known_to(channel)
        try:
            while True:
                async with asyncio.timeout(self._settings.hang_s):
                    message, payload = await channel.receive()
                if isinstance(message, Ended):
                    return message
                await job.results.put(Result(message.name, message.header, payload))
        finally:
            job.channel = None

    def _conclude(self, job: Job, end: Ended) -> bool:
        """Take the end of a job into account; return whether it ran to its end."""
        if end.failure is not None:
            job.end(error_of(end.failure))
            return False
        if end.is_stopped:
            return False
        self._costs.learn(job.call, size=job.size, estimate_s=job.estimate_s, actual_s=end.seconds)
        expected_s = self._costs.expected_s(job.estimate_s, call=job.call, size=job.size)
        self._metrics.learned(job.call, job.size, expected_s)
        job.end(None)
        return True

    def _ready(self, _: dict[str, Any]) -> None:
        self._was_ready = True

    def _down(self) -> None:
        self._metrics.worker_restarted()
        try:
            self._check_available()
        except Unavailable as error:
            for job in self._backlog.clear():
                job.end(error)
            self._note_backlog()

    def _check_available(self) -> None:
        """Raise Unavailable if jobs would wait for nothing."""
        if self._is_closed:
            raise Unavailable("The server is stopping.")
        if self.is_ready:
            return
        delay_s = min((process.delay_left_s for process in self._processes), default=0.0)
        if not self._was_ready or delay_s > _LONG_DELAY_S:
            raise Unavailable(
                "The generators are being restarted; try again in a moment.",
                retry_after_s=max(1.0, delay_s),
            )

    def _note_backlog(self) -> None:
        self._metrics.backlog(len(self._backlog), self._backlog.seconds)
