"""What a scheduler does, whoever carries its jobs out."""

import asyncio
from contextlib import suppress

import pytest

from tests.scheduling.fakes import RecordedMetrics
from vrbridge.errors import DeadlineExceeded, GeneratorFailed, Overloaded, Unavailable
from vrbridge.scheduling.batch import Batch
from vrbridge.scheduling.frames import Ended, Failure, Output, Run, to_worker
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


async def ended(
    batch: Batch, *, seconds: float = 1.0, failure: Failure | None = None, batch_size: int = 1
) -> None:
    """Say what a lane says of jobs that it has carried out."""
    for job in batch.jobs:
        await batch.take(Output(job.number, "result", {"name": name_of(job)}, 0), b"")
        await batch.take(Ended(job.number, seconds, failure, batch_size=batch_size), b"")


async def next_batch(scheduler: Scheduler) -> Batch:
    return await scheduler.batch_of(await scheduler.next_job())


async def test_a_job_ends_as_its_lane_says() -> None:
    metrics = RecordedMetrics()
    scheduler = make(metrics=metrics)
    asked = asyncio.create_task(ask(scheduler))
    batch = await next_batch(scheduler)
    assert (scheduler.n_waiting, scheduler.n_running) == (0, 0)
    await scheduler.carry_out(batch, ended(batch))
    assert [result.header for result in await asked] == [{"name": "wall"}]
    assert metrics.ended == [("texture", "done")]
    failing = asyncio.create_task(ask(scheduler))
    batch = await next_batch(scheduler)
    await scheduler.carry_out(batch, ended(batch, failure=Failure("overloaded", "Too much.", None, 2.0)))
    with pytest.raises(Overloaded):
        await failing
    assert metrics.ended[1:] == [("texture", "overloaded")]


async def test_a_lane_that_breaks_fails_its_job_alone() -> None:
    async def broken() -> None:
        raise ConnectionError

    scheduler = make()
    first, second = (asyncio.create_task(ask(scheduler, name)) for name in ("a", "b"))
    batch = await next_batch(scheduler)
    with pytest.raises(ConnectionError):
        await scheduler.carry_out(batch, broken())
    with pytest.raises(GeneratorFailed):
        await first
    batch = await next_batch(scheduler)
    await scheduler.carry_out(batch, ended(batch))
    assert len(await second) == 1


async def test_what_a_job_took_is_what_the_next_is_expected_to_take() -> None:
    metrics = RecordedMetrics()
    scheduler = make(metrics=metrics)
    asked = asyncio.create_task(ask(scheduler))
    batch = await next_batch(scheduler)
    await scheduler.carry_out(batch, ended(batch, seconds=3.0))
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
    batch = await next_batch(scheduler)
    scheduler.give_up(Unavailable("Gone."))
    await scheduler.carry_out(batch, ended(batch))
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [list, Unavailable, Unavailable]


async def test_a_closed_scheduler_ends_what_waits_and_runs_and_takes_no_more() -> None:
    async def for_ever() -> None:
        await asyncio.Event().wait()

    scheduler = make()
    asked = [asyncio.create_task(ask(scheduler, name)) for name in "ab"]
    batch = await next_batch(scheduler)
    lane = asyncio.create_task(scheduler.carry_out(batch, for_ever()))
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
    told: list[int] = []

    async def until_told(batch: Batch) -> None:
        stopped = asyncio.Event()

        def stop(job: int) -> None:
            told.append(job)
            stopped.set()

        batch.known_to(stop)
        await stopped.wait()
        await batch.take(Ended(batch.jobs[0].number, 0.1, is_stopped=True), b"")

    scheduler = make()
    deadline = asyncio.get_running_loop().time() + 1.2
    asked = asyncio.create_task(ask(scheduler, deadline=deadline))
    batch = await next_batch(scheduler)
    await scheduler.carry_out(batch, until_told(batch))
    with pytest.raises(DeadlineExceeded):
        await asked
    assert told == [batch.jobs[0].number]


async def test_jobs_that_are_worth_a_pass_leave_together_and_each_gets_its_own() -> None:
    metrics = RecordedMetrics()
    scheduler = make(metrics=metrics)
    first = asyncio.create_task(ask(scheduler, "a"))
    batch = await next_batch(scheduler)
    # Nothing is known of how many are worth a pass before one has run.
    await scheduler.carry_out(batch, ended(batch, seconds=0.01, batch_size=4))
    await first
    asked = [asyncio.create_task(ask(scheduler, name)) for name in "bcdef"]
    await asyncio.sleep(0)
    batch = await next_batch(scheduler)
    assert [name_of(job) for job in batch.jobs] == ["b", "c", "d", "e"]
    await scheduler.carry_out(batch, ended(batch, seconds=0.01, batch_size=4))
    rest = await next_batch(scheduler)
    await scheduler.carry_out(rest, ended(rest))
    results = await asyncio.gather(*asked)
    assert [result.header["name"] for (result,) in results] == list("bcdef")
    assert metrics.batches == [("texture", 1), ("texture", 4), ("texture", 1)]
    assert metrics.ended == [("texture", "done")] * 6


async def test_jobs_of_another_kind_or_size_stay_behind() -> None:
    scheduler = make()
    first = asyncio.create_task(ask(scheduler, "a"))
    batch = await next_batch(scheduler)
    await scheduler.carry_out(batch, ended(batch, seconds=0.01, batch_size=8))
    await first

    async def other(call: str, size: str) -> None:
        async with scheduler.job(
            call, {"name": call}, session=call, tier=0, cost_s=1.0, size=size
        ) as results:
            async for _ in results:
                pass

    asked = [asyncio.create_task(ask(scheduler, "b")), asyncio.create_task(ask(scheduler, "c"))]
    others = [asyncio.create_task(other("mesh", "")), asyncio.create_task(other("texture", "huge"))]
    await asyncio.sleep(0)
    sizes = []
    for _ in range(3):
        batch = await next_batch(scheduler)
        sizes.append(sorted(name_of(job) for job in batch.jobs))
        await scheduler.carry_out(batch, ended(batch))
    assert sorted(sizes) == [["b", "c"], ["mesh"], ["texture"]]
    await asyncio.gather(*asked, *others)


async def test_a_lane_that_breaks_fails_only_those_of_a_batch_that_have_not_ended() -> None:
    scheduler = make()
    first = asyncio.create_task(ask(scheduler, "a"))
    batch = await next_batch(scheduler)
    await scheduler.carry_out(batch, ended(batch, seconds=0.01, batch_size=2))
    await first

    async def half(batch: Batch) -> None:
        await batch.take(Ended(batch.jobs[0].number, 1.0), b"")
        raise ConnectionError

    asked = [asyncio.create_task(ask(scheduler, name)) for name in "bc"]
    await asyncio.sleep(0)
    batch = await next_batch(scheduler)
    with pytest.raises(ConnectionError):
        await scheduler.carry_out(batch, half(batch))
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    assert [type(outcome) for outcome in outcomes] == [list, GeneratorFailed]
    assert scheduler.n_running == 0


async def test_nothing_comes_along_while_another_lane_is_idle() -> None:
    scheduler = make(Lanes(2))
    first = asyncio.create_task(ask(scheduler, "a"))
    batch = await next_batch(scheduler)
    await scheduler.carry_out(batch, ended(batch, seconds=0.01, batch_size=8))
    await first
    lanes = [asyncio.create_task(next_batch(scheduler)) for _ in range(2)]
    await asyncio.sleep(0)
    asked = [asyncio.create_task(ask(scheduler, name)) for name in "bcdef"]
    batches = await asyncio.gather(*lanes)
    names = [[name_of(job) for job in batch.jobs] for batch in batches]
    # The first leaves some to the other, which takes its share of what is left.
    assert [len(some) for some in names] == [1, 3]
    for batch in batches:
        await scheduler.carry_out(batch, ended(batch, seconds=0.01, batch_size=8))
    while scheduler.n_waiting:
        batch = await next_batch(scheduler)
        await scheduler.carry_out(batch, ended(batch, seconds=0.01, batch_size=8))
    await asyncio.gather(*asked)


async def test_what_takes_long_is_carried_out_alone() -> None:
    scheduler = make()
    first = asyncio.create_task(ask(scheduler, "a"))
    batch = await next_batch(scheduler)
    await scheduler.carry_out(batch, ended(batch, seconds=0.3, batch_size=8))
    await first
    asked = [asyncio.create_task(ask(scheduler, name)) for name in "bc"]
    await asyncio.sleep(0)
    for _ in "bc":
        batch = await next_batch(scheduler)
        assert len(batch.jobs) == 1
        await scheduler.carry_out(batch, ended(batch, seconds=0.3))
    await asyncio.gather(*asked)
