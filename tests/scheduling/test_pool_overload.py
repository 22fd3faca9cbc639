"""Real workers that are asked for five times what they can do."""

import asyncio
import time
from dataclasses import dataclass, field

from tests.scheduling.fakes import RecordedMetrics, make_pool
from vrbridge.errors import DeadlineExceeded, Overloaded
from vrbridge.scheduling.pool import WorkerPool

N_WORKERS = 2
NAP_S = 0.1
LOAD = 5
ASKED_S = 2.5
WITHIN_S = 1.0


@dataclass
class Outcomes:
    """What became of requests."""

    done: list[str] = field(default_factory=list)
    late: list[str] = field(default_factory=list)
    refused: list[str] = field(default_factory=list)

    async def ask(self, pool: WorkerPool, session: str, *, deadline: float | None) -> None:
        """Ask once."""
        nap = {"seconds": NAP_S}
        try:
            async with pool.scheduler.job(
                "nap", nap, session=session, tier=0, cost_s=NAP_S, deadline=deadline
            ) as results:
                assert [result.name async for result in results] == ["result"]
            self.done.append(session)
        except DeadlineExceeded:
            self.late.append(session)
        except Overloaded:
            self.refused.append(session)


async def work_undisturbed(pool: WorkerPool) -> float:
    """Return jobs a second when each worker always has one more waiting, and nobody is in a hurry."""
    outcomes, n_each = Outcomes(), 8
    began = time.monotonic()

    async def keep_asking(number: int) -> None:
        for _ in range(n_each):
            await outcomes.ask(pool, f"s{number}", deadline=None)

    await asyncio.gather(*(keep_asking(number) for number in range(2 * N_WORKERS)))
    return len(outcomes.done) / (time.monotonic() - began)


async def test_five_times_too_much_costs_nothing_and_leaves_nothing_behind() -> None:
    metrics = RecordedMetrics()
    async with make_pool(N_WORKERS, metrics=metrics) as pool:
        capacity_hz = await work_undisturbed(pool)
        metrics.ended.clear()
        outcomes = Outcomes()
        began = time.monotonic()
        n_asked = int(LOAD * ASKED_S * N_WORKERS / NAP_S)
        async with asyncio.TaskGroup() as tasks:
            for number in range(n_asked):
                due = began + number * ASKED_S / n_asked
                await asyncio.sleep(max(0.0, due - time.monotonic()))
                deadline = time.monotonic() + WITHIN_S
                tasks.create_task(outcomes.ask(pool, f"s{number % 10}", deadline=deadline))
            overloaded_s = time.monotonic() - began
            n_done = len(outcomes.done)
        # Every request ended once, most of them at once.
        assert len(outcomes.done) + len(outcomes.late) + len(outcomes.refused) == n_asked
        assert len(outcomes.refused) > n_asked / 2
        # What is begun is of use: hardly anything runs past its deadline.
        in_vain = metrics.ended.count(("nap", "deadline_exceeded"))
        assert in_vain <= 0.1 * len(metrics.ended)
        # The workers did about what they can; a busy machine makes both figures uneven.
        assert n_done / overloaded_s >= 0.75 * capacity_hz
        # A worker may still finish what was given up at its deadline; then everything is as before.
        async with asyncio.timeout(5.0):
            while pool.scheduler.n_running:  # noqa: ASYNC110 - a pool has no event for this
                await asyncio.sleep(0.01)
        assert pool.scheduler.n_waiting == 0
        assert pool.scheduler.estimate(session="late", tier=0, cost_s=NAP_S).position == 0
        await outcomes.ask(pool, "late", deadline=None)
        assert outcomes.done[-1] == "late"


async def test_a_flood_of_one_leaves_nineteen_their_share() -> None:
    async with make_pool(N_WORKERS, max_session_backlog_s=3.0) as pool:
        flood, modest = Outcomes(), Outcomes()
        async with asyncio.TaskGroup() as tasks:
            for _ in range(100):
                tasks.create_task(flood.ask(pool, "flood", deadline=None))
            while not flood.refused:  # noqa: ASYNC110 - one turn of the loop
                await asyncio.sleep(0)
            await asyncio.gather(
                *(modest.ask(pool, f"modest {number}", deadline=None) for number in range(19))
            )
            n_flood = len(flood.done)
        assert sorted(modest.done) == sorted(f"modest {number}" for number in range(19))
        # Nineteen jobs were done; meanwhile the flood had what ran, and about the turn of one.
        assert n_flood <= N_WORKERS + 4
        assert len(flood.refused) + len(flood.done) == 100
        assert 30 <= len(flood.done) <= 35
