"""What jobs wait for: admission, order, what they cost, and how each ends; executors carry them out."""

import asyncio
import math
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from typing import Any, Protocol

from vrbridge.errors import Cancelled, DeadlineExceeded, GeneratorFailed, RequestError, Unavailable
from vrbridge.scheduling.arrival_pace import ArrivalPace
from vrbridge.scheduling.backlog import Backlog
from vrbridge.scheduling.batch import Batch
from vrbridge.scheduling.batcher import MAX_WINDOW_S, Batcher
from vrbridge.scheduling.costs import Costs
from vrbridge.scheduling.fair_queue import unweighted
from vrbridge.scheduling.frames import Ended, Run, error_of, pack
from vrbridge.scheduling.job import Job
from vrbridge.scheduling.pool_metrics import NoMetrics, PoolMetrics
from vrbridge.scheduling.results import Results
from vrbridge.scheduling.waiting import Waiting
from vrbridge.settings import LimitSettings

_MAX_BATCH_S = 0.25
"""Of all jobs of a pass one after the other: what comes meanwhile, such as a word, waits for all of them."""
_MAX_KEYS = 512
"""Kinds and sizes of jobs of which it is remembered how many are worth a pass."""


class Lanes(Protocol):
    """Where jobs run: as many at once as there are lanes."""

    @property
    def n_ready(self) -> int:
        """Lanes that take jobs."""
        ...

    def check_available(self) -> None:
        """Raise Unavailable if no lane takes jobs and none is about to."""
        ...


class Scheduler:
    """Admits jobs, puts them in order, and hands them to whoever carries them out.

    All methods belong to the event loop. An executor has one task for each of its lanes, which takes jobs by
    `next_job` and `batch_of`, and runs them within `carry_out`.

    Args:
        lanes: Where jobs run.
        limits: How much may wait.
        metrics: Counters. None: nothing is counted.
    """

    def __init__(self, lanes: Lanes, limits: LimitSettings, metrics: PoolMetrics | None = None) -> None:
        self._lanes = lanes
        self._metrics = metrics or NoMetrics()
        self._backlog: Backlog[Job] = Backlog(
            max_wait_s=limits.max_backlog_s, max_session_seconds=limits.max_session_backlog_s
        )
        self._costs = Costs()
        self._arrival = asyncio.Event()
        self._running: set[Job] = set()
        self._pace = ArrivalPace()
        self._batch_sizes: dict[tuple[str, str], int] = {}
        self._n_idle = 0
        self._n_jobs = 0
        self._is_closed = False

    @property
    def is_ready(self) -> bool:
        """Whether at least one lane takes jobs."""
        return self._lanes.n_ready > 0

    @property
    def n_waiting(self) -> int:
        """Jobs that no lane has begun."""
        return len(self._backlog)

    @property
    def n_running(self) -> int:
        """Jobs that a lane has begun and not ended."""
        return len(self._running)

    def close(self) -> None:
        """End what waits or runs with Unavailable, and take no more."""
        self._is_closed = True
        for job in [*self._running, *self._backlog.clear()]:
            job.end(_closing())

    def give_up(self, error: RequestError) -> None:
        """End all that waits with an error."""
        for job in self._backlog.clear():
            job.end(error)
        self._note_backlog()

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
            Unavailable: If no lane runs and none is about to.
        """
        self._check_available()
        return self._backlog.estimate(
            session,
            tier=tier,
            cost_s=self._costs.expected_s(cost_s, call=call, size=size),
            now=time.monotonic(),
            # How long a start takes depends on the models, so that any number would be a guess.
            n_workers=self._lanes.n_ready,
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
    ) -> AsyncIterator[Results]:
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
            Unavailable: If no lane runs and none is about to.
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
            deadline=deadline,
            weight=weight,
            failure=failure,
        )
        self._admit(job)
        try:
            yield job.results
        finally:
            self._leave(job)

    async def next_job(self) -> Job:
        """Return the next job for a lane, once there is one; cancelling it loses nothing."""
        self._n_idle += 1
        try:
            while True:
                now = time.monotonic()
                for late in self._backlog.expire(now=now):
                    self._expire(late)
                job = self._backlog.take(now=now)
                if job is not None:
                    self._note_backlog()
                    return job
                await self._await_arrival()
        finally:
            self._n_idle -= 1

    async def batch_of(self, first: Job) -> Batch:
        """Return a job with those that are worth a pass with it; cancelling it fails them.

        Args:
            first: From `next_job`.
        """
        jobs = [first]
        try:
            await self._collect(first, jobs)
        except BaseException:
            self._settle(jobs, seconds=0.0)
            raise
        return Batch(jobs, self._conclude)

    async def carry_out(self, batch: Batch, running: Awaitable[None]) -> None:
        """See jobs to their ends.

        Args:
            batch: From `batch_of`.
            running: Passes what a lane says on to the batch until all have ended. If that raises, those that
                are left have crashed, unless they were ended with another error before.
        """
        began = time.monotonic()
        for job in batch.jobs:
            job.began = began
            self._running.add(job)
            self._metrics.job_started(job.call)
        self._metrics.batch_started(batch.jobs[0].call, len(batch.jobs))
        try:
            await running
        finally:
            # All the time that others could not have the lane, whatever it did.
            self._settle(batch.jobs, seconds=time.monotonic() - began)

    async def _collect(self, first: Job, jobs: list[Job]) -> None:
        """Add jobs that are worth a pass with one that was taken; waits for more only while that pays."""
        batcher: Batcher[Job] = Batcher(window_s=MAX_WINDOW_S, pace=self._pace)
        size = self._batch_sizes.get(first.key, 1)
        key = first.key if size > 1 else None
        batcher.add(first, key=key, max_size=size, now=time.monotonic(), latest=first.latest)
        while True:
            now = time.monotonic()
            n_more = min(batcher.room, self._n_along(first, n_taken=len(jobs)))
            for job in self._backlog.take_along(first.ticket, max_jobs=n_more, now=now):
                jobs.append(job)
                batcher.add(job, key=key, max_size=size, now=now, latest=job.latest)
            # Other work must not wait for company, and another lane would take who comes.
            if batcher.take(now=now, at_once=len(self._backlog) > 0 or self._n_idle > 0):
                if len(jobs) > 1:
                    self._note_backlog()
                return
            due = batcher.due_at()
            assert due is not None, "it holds the first"
            with suppress(TimeoutError):
                async with asyncio.timeout_at(due):
                    await self._await_arrival()

    def _n_along(self, first: Job, *, n_taken: int) -> int:
        """Return how many more jobs one lane may have, with those that it has."""
        if self._n_idle > 0:
            return 0
        n_at_once = int(_MAX_BATCH_S / max(first.expected_s, 1e-3))
        fair_share = math.ceil(len(self._backlog) / max(1, self._lanes.n_ready))
        return min(n_at_once - n_taken, fair_share)

    async def _await_arrival(self) -> None:
        self._arrival.clear()
        await self._arrival.wait()

    def _settle(self, jobs: Sequence[Job], *, seconds: float) -> None:
        """Free the lane of some jobs; an end that is known already stays."""
        error = _closing() if self._is_closed else GeneratorFailed("The generator crashed; try again.")
        for job in jobs:
            job.end(error)
            job.forgotten()
            self._running.discard(job)
        self._backlog.finish_together([job.ticket for job in jobs], seconds=seconds)
        self._learn(jobs)
        for job in jobs:
            ended_by = job.results.error
            outcome = "done" if job.seconds is not None or ended_by is None else ended_by.code
            self._metrics.job_ended(job.call, outcome, seconds / len(jobs))
            if (reason := job.wasted_by) is not None:
                self._metrics.wasted(job.call, reason, seconds / len(jobs))

    def _learn(self, jobs: Sequence[Job]) -> None:
        """Take into account what jobs took, in equal shares of what they took together."""
        took = [(job, job.seconds) for job in jobs if job.seconds is not None]
        for job, _ in took:
            actual_s = sum(seconds for _, seconds in took) / len(took)
            self._costs.learn(job.call, size=job.size, estimate_s=job.estimate_s, actual_s=actual_s)
            expected_s = self._costs.expected_s(job.estimate_s, call=job.call, size=job.size)
            self._metrics.learned(job.call, job.size, expected_s)

    def _admit(self, job: Job) -> None:
        job.ticket = self._backlog.add(
            job,
            session=job.session,
            tier=job.tier,
            cost_s=job.expected_s,
            now=time.monotonic(),
            n_workers=self._lanes.n_ready,
            deadline=job.deadline,
            weight=job.weight,
            key=job.key,
        )
        self._pace.note(job.key, now=time.monotonic())
        if job.deadline is not None:
            delay_s = max(0.0, job.deadline - time.monotonic())
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

    def _conclude(self, job: Job, end: Ended) -> None:
        """Take the end of a job into account."""
        if end.failure is not None:
            job.end(error_of(end.failure))
            return
        if end.is_stopped:
            return
        job.seconds = end.seconds
        self._batch_sizes[job.key] = end.batch_size
        while len(self._batch_sizes) > _MAX_KEYS:
            self._batch_sizes.pop(next(iter(self._batch_sizes)))
        job.end(None)

    def _check_available(self) -> None:
        if self._is_closed:
            raise _closing()
        self._lanes.check_available()

    def _note_backlog(self) -> None:
        self._metrics.backlog(len(self._backlog), self._backlog.seconds)


def _closing() -> Unavailable:
    return Unavailable("The server is stopping.")
