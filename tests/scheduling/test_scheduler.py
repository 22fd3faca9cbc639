"""What a scheduler does, whoever carries its jobs out."""

import asyncio
from contextlib import suppress

import pytest

from tests.scheduling.fakes import RecordedMetrics
from vrbridge.errors import DeadlineExceeded, GeneratorFailed, Overloaded, Unavailable
from vrbridge.scheduling.frames import Ended, Failure, Run, to_worker
from vrbridge.scheduling.job import Job
from vrbridge.scheduling.results import Result
from vrbridge.scheduling.scheduler import Scheduler
from vrbridge.settings import LimitSettings


class Lanes:
    """So many lanes, or none for a reason."""

    def __init__(self, n_ready: int = 1, reason: Unavailable | None = None) -> None:
        self.n_ready = n_ready
        self.reason = reason

    def check_available(self) -> None:
        if self.reason is not None:
            raise self.reason


def make(lanes: Lanes | None = None, metrics: RecordedMetrics | None = None) -> Scheduler:
    limits = LimitSettings(max_backlog_s=10.0, max_session_backlog_s=100.0)
    return Scheduler(lanes or Lanes(), limits, metrics)


async def ask(scheduler: Scheduler, name: str = "wall", *, deadline: float | None = None) -> list[Result]:
    async with scheduler.job(
        "texture", {"name": name}, session=name, tier=0, cost_s=1.0, deadline=deadline
    ) as results:
        return [result async for result in results]


def name_of(job: Job) -> str:
    run = to_worker.decode(job.frame[4:])
    assert isinstance(run, Run)
    name: str = run.arguments["name"]
    return name


async def ended(job: Job, *, seconds: float = 1.0, failure: Failure | None = None) -> Ended:
    await job.results.put(Result("result", {"name": name_of(job)}, b""))
    return Ended(job.number, seconds, failure)


async def test_a_job_ends_as_its_lane_says() -> None:
    metrics = RecordedMetrics()
    scheduler = make(metrics=metrics)
    asked = asyncio.create_task(ask(scheduler))
    job = await scheduler.next_job()
    assert (scheduler.n_waiting, scheduler.n_running) == (0, 0)
    await scheduler.carry_out(job, ended(job))
    assert [result.header for result in await asked] == [{"name": "wall"}]
    assert metrics.ended == [("texture", "done")]
    failing = asyncio.create_task(ask(scheduler))
    job = await scheduler.next_job()
    await scheduler.carry_out(job, ended(job, failure=Failure("overloaded", "Too much.", None, 2.0)))
    with pytest.raises(Overloaded):
        await failing
    assert metrics.ended[1:] == [("texture", "overloaded")]


async def test_a_lane_that_breaks_fails_its_job_alone() -> None:
    async def broken() -> Ended:
        raise ConnectionError

    scheduler = make()
    first, second = (asyncio.create_task(ask(scheduler, name)) for name in ("a", "b"))
    job = await scheduler.next_job()
    with pytest.raises(ConnectionError):
        await scheduler.carry_out(job, broken())
    with pytest.raises(GeneratorFailed):
        await first
    job = await scheduler.next_job()
    await scheduler.carry_out(job, ended(job))
    assert len(await second) == 1


async def test_what_a_job_took_is_what_the_next_is_expected_to_take() -> None:
    metrics = RecordedMetrics()
    scheduler = make(metrics=metrics)
    asked = asyncio.create_task(ask(scheduler))
    job = await scheduler.next_job()
    await scheduler.carry_out(job, ended(job, seconds=3.0))
    await asked
    estimate = scheduler.estimate(session="s", tier=0, cost_s=1.0, call="texture")
    assert estimate.eta_s == pytest.approx(3.0)


async def test_nothing_waits_for_lanes_that_do_not_come() -> None:
    lanes = Lanes(0, Unavailable("Gone.", retry_after_s=9.0))
    scheduler = make(lanes)
    assert not scheduler.is_ready
    with pytest.raises(Unavailable, match="Gone"):
        await ask(scheduler)
    with pytest.raises(Unavailable, match="Gone"):
        scheduler.estimate(session="s", tier=0, cost_s=1.0)


async def test_all_that_waits_can_be_given_up() -> None:
    scheduler = make()
    asked = [asyncio.create_task(ask(scheduler, name)) for name in "abc"]
    job = await scheduler.next_job()
    scheduler.give_up(Unavailable("Gone."))
    await scheduler.carry_out(job, ended(job))
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [list, Unavailable, Unavailable]


async def test_a_closed_scheduler_ends_what_waits_and_runs_and_takes_no_more() -> None:
    async def for_ever() -> Ended:
        await asyncio.Event().wait()
        raise AssertionError

    scheduler = make()
    asked = [asyncio.create_task(ask(scheduler, name)) for name in "ab"]
    job = await scheduler.next_job()
    lane = asyncio.create_task(scheduler.carry_out(job, for_ever()))
    await asyncio.sleep(0)
    assert scheduler.n_running == 1
    scheduler.close()
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [Unavailable, Unavailable]
    with pytest.raises(Unavailable):
        await ask(scheduler)
    lane.cancel()
    with suppress(asyncio.CancelledError):
        await lane


async def test_a_running_job_is_stopped_at_its_deadline() -> None:
    told: list[str] = []

    async def until_told(job: Job) -> Ended:
        stopped = asyncio.Event()

        def stop() -> None:
            told.append("stop")
            stopped.set()

        job.known_to(stop)
        await stopped.wait()
        return Ended(job.number, 0.1, is_stopped=True)

    scheduler = make()
    deadline = asyncio.get_running_loop().time() + 1.2
    asked = asyncio.create_task(ask(scheduler, deadline=deadline))
    job = await scheduler.next_job()
    await scheduler.carry_out(job, until_told(job))
    with pytest.raises(DeadlineExceeded):
        await asked
    assert told == ["stop"]
