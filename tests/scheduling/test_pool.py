"""Jobs in real worker processes: what they make, how they fail, and what the others notice of it."""

import asyncio
import os
import signal
import sys
import time
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack
from pathlib import Path
from typing import Any

import pytest

from tests.scheduling.fakes import RecordedMetrics, make_pool
from vrbridge.errors import (
    DeadlineExceeded,
    GeneratorFailed,
    InvalidParams,
    Overloaded,
    Unavailable,
)
from vrbridge.jobs.generated import Workers
from vrbridge.scheduling.backoff import Backoff
from vrbridge.scheduling.pool import WorkerPool
from vrbridge.scheduling.results import MAX_RESULTS, Result
from vrbridge.scheduling.waiting import Waiting


@pytest.fixture
def metrics() -> RecordedMetrics:
    return RecordedMetrics()


@pytest.fixture
async def pool(metrics: RecordedMetrics) -> AsyncIterator[WorkerPool]:
    """One quick worker."""
    async with make_pool(metrics=metrics) as pool:
        yield pool


class Gate:
    """Holds jobs of the call `gated` until it is opened, and remembers which went on."""

    def __init__(self, folder: Path) -> None:
        self._gate = folder / "gate"
        self._log = folder / "log"

    def arguments(self, name: str = "job", n_steps: int = 1) -> dict[str, Any]:
        return {"gate": str(self._gate), "log": str(self._log), "name": name, "n_steps": n_steps}

    def open(self) -> None:
        self._gate.touch()

    @property
    def passed(self) -> list[str]:
        return self._log.read_text().split() if self._log.exists() else []


@pytest.fixture
def gate(tmp_path: Path) -> Gate:
    return Gate(tmp_path)


async def run(
    pool: WorkerPool,
    call: str,
    *,
    session: str = "s",
    tier: int = 0,
    cost_s: float = 0.1,
    deadline: float | None = None,
    **arguments: Any,
) -> list[Result]:
    async with pool.scheduler.job(
        call, arguments, session=session, tier=tier, cost_s=cost_s, deadline=deadline
    ) as results:
        return [result async for result in results]


async def hold(
    stack: AsyncExitStack,
    pool: WorkerPool,
    gate: Gate,
    *,
    cost_s: float = 0.1,
    deadline: float | None = None,
) -> AsyncIterator[Result]:
    """Begin a gated job and return its stream once a worker is in it."""
    job = pool.scheduler.job(
        "gated", gate.arguments("held"), session="holder", tier=0, cost_s=cost_s, deadline=deadline
    )
    results = await stack.enter_async_context(job)
    assert (await anext(results)).name == "begun"
    return results


async def test_a_job_gives_back_what_the_worker_makes(pool: WorkerPool, metrics: RecordedMetrics) -> None:
    (result,) = await run(pool, "echo", prompt="wall", data=b"\x00\x01", deep={"list": [1, 2.5, None, True]})
    assert result.name == "result"
    assert result.header == {"prompt": "wall", "deep": {"list": [1, 2.5, None, True]}}
    assert bytes(result.payload) == b"\x00\x01"
    assert metrics.started == ["echo"]
    assert metrics.ended == [("echo", "done")]
    assert metrics.waiting == [(1, 0.1), (0, 0.0)]


async def test_the_pool_is_what_the_kinds_expect(pool: WorkerPool) -> None:
    workers: Workers = pool.scheduler
    assert workers.is_ready
    assert workers.estimate(session="s", cost_s=0.5, tier=1) == Waiting(0, 0.5)


async def test_the_factory_gets_its_configuration_the_threads_and_its_number() -> None:
    async with make_pool(colour="red", numbers=(1, 2)) as pool:
        (result,) = await run(pool, "about")
        assert result.header["config"] == {
            "colour": "red",
            "numbers": [1, 2],
            "threads": 1,
            "max_memory_mb": 0,
            "number": 0,
            "n_workers": 1,
        }
        assert result.header["omp"] == "1"
        assert pool.pids == (result.header["pid"],)
        assert pool.n_ready == 1


async def test_a_large_payload_arrives_whole_and_is_not_writable(pool: WorkerPool) -> None:
    n_bytes = 32 << 20
    (result,) = await run(pool, "big", n_bytes=n_bytes)
    assert len(result.payload) == n_bytes
    assert isinstance(result.payload, memoryview)
    assert result.payload.readonly
    assert result.payload == bytes(range(256)) * (n_bytes // 256)


async def test_what_user_code_prints_does_not_reach_the_stream(pool: WorkerPool) -> None:
    first, second = await run(pool, "noise", number=7)
    assert (first.name, bytes(first.payload)) == ("first", b"1")
    assert (second.name, second.header, bytes(second.payload)) == ("second", {"number": 7}, b"2")
    assert [result.name for result in await run(pool, "echo")] == ["result"]


async def test_a_request_error_crosses_with_its_facts(pool: WorkerPool, metrics: RecordedMetrics) -> None:
    with pytest.raises(InvalidParams, match="must be small") as refused:
        await run(pool, "refuse", error="invalid_params")
    assert refused.value.field == "params.size"
    with pytest.raises(Overloaded) as overloaded:
        await run(pool, "refuse", error="overloaded")
    assert overloaded.value.retry_after_s == 2.5
    assert metrics.ended == [("refuse", "invalid_params"), ("refuse", "overloaded")]


async def test_an_unforeseen_error_fails_one_job_and_quotes_no_player(
    pool: WorkerPool, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level("INFO")
    pids = pool.pids
    with pytest.raises(GeneratorFailed, match="ValueError") as caught:
        await run(pool, "fail", prompt="my secret")
    assert "secret" not in caught.value.message
    assert len(await run(pool, "echo")) == 1
    await pool.close()
    assert pids
    assert "fail" in caplog.text
    assert "ValueError at" in caplog.text
    assert "secret" not in caplog.text


async def test_outputs_that_cannot_cross_fail_one_job(pool: WorkerPool) -> None:
    pids = pool.pids
    with pytest.raises(GeneratorFailed):
        await run(pool, "unpackable")
    assert len(await run(pool, "echo")) == 1
    assert pool.pids == pids


async def test_arguments_that_cannot_cross_are_the_callers_fault(pool: WorkerPool) -> None:
    with pytest.raises(TypeError):
        await run(pool, "echo", value=object())
    assert pool.scheduler.n_waiting == 0


async def test_an_unknown_call_is_unavailable(pool: WorkerPool) -> None:
    with pytest.raises(Unavailable, match="sculpture"):
        await run(pool, "sculpture")


async def test_a_job_over_the_memory_bound_fails_and_the_worker_lives() -> None:
    async with make_pool(max_memory_mb=64) as pool:
        pids = pool.pids
        with pytest.raises(GeneratorFailed, match="memory"):
            await run(pool, "big", n_bytes=512 << 20)
        assert len(await run(pool, "big", n_bytes=1 << 20)) == 1
        assert pool.pids == pids


async def test_a_tensor_over_the_memory_bound_is_told_of_as_such() -> None:
    # Loading torch inside the job takes some of the bound, and on a busy machine some seconds.
    async with make_pool(max_memory_mb=4096, hang_s=60.0) as pool:
        pids = pool.pids
        assert len(await run(pool, "tensor", n_bytes=1 << 20)) == 1
        with pytest.raises(GeneratorFailed, match="memory"):
            await run(pool, "tensor", n_bytes=8 << 30)
        assert len(await run(pool, "tensor", n_bytes=1 << 20)) == 1
        assert pool.pids == pids


async def test_a_worker_that_the_kernel_ends_for_its_memory_is_replaced(
    pool: WorkerPool, metrics: RecordedMetrics
) -> None:
    (pid,) = pool.pids
    with pytest.raises(GeneratorFailed, match="crashed") as failed:
        await run(pool, "swell")
    assert failed.value.retryable
    (result,) = await run(pool, "about")
    assert result.header["pid"] != pid
    assert metrics.n_restarts == 1


async def test_a_worker_that_is_stopped_in_the_middle_of_a_job_is_replaced(
    metrics: RecordedMetrics, gate: Gate
) -> None:
    async with make_pool(hang_s=0.5, metrics=metrics) as pool, AsyncExitStack() as stack:
        held = await hold(stack, pool, gate)
        (pid,) = pool.pids
        os.kill(pid, signal.SIGSTOP)
        with pytest.raises(GeneratorFailed, match="hung"):
            await anext(held)
        (result,) = await run(pool, "about")
        assert result.header["pid"] != pid
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


async def test_a_crash_fails_its_job_only_and_the_next_one_runs(metrics: RecordedMetrics, gate: Gate) -> None:
    async with make_pool(2, metrics=metrics) as pool, AsyncExitStack() as stack:
        held = await hold(stack, pool, gate)
        crashing = asyncio.create_task(run(pool, "crash"))
        queued = asyncio.create_task(run(pool, "echo", number=1))
        with pytest.raises(GeneratorFailed, match="crashed") as caught:
            await crashing
        assert caught.value.retryable
        assert [result.header for result in await queued] == [{"number": 1}]
        gate.open()
        assert [result.name async for result in held] == ["step"]
        assert metrics.n_restarts == 1
        assert ("crash", "generator_failed") in metrics.ended


async def test_a_worker_killed_in_the_middle_of_a_job_is_replaced(pool: WorkerPool, gate: Gate) -> None:
    async with AsyncExitStack() as stack:
        held = await hold(stack, pool, gate)
        (pid,) = pool.pids
        os.kill(pid, signal.SIGKILL)
        with pytest.raises(GeneratorFailed):
            await anext(held)
    (result,) = await run(pool, "about")
    assert result.header["pid"] != pid
    assert gate.passed == []


async def test_a_worker_killed_while_idle_is_replaced(pool: WorkerPool) -> None:
    (pid,) = pool.pids
    os.kill(pid, signal.SIGKILL)
    # The pool may give the dead worker a job before it has noticed; then the job says that a retry helps.
    try:
        (result,) = await run(pool, "about")
    except GeneratorFailed:
        (result,) = await run(pool, "about")
    assert result.header["pid"] != pid


async def test_a_hung_job_fails_and_its_worker_is_replaced(metrics: RecordedMetrics) -> None:
    async with make_pool(hang_s=0.5, metrics=metrics) as pool:
        (pid,) = pool.pids
        with pytest.raises(GeneratorFailed, match="hung"):
            await run(pool, "hang")
        (result,) = await run(pool, "about")
        assert result.header["pid"] != pid
        assert metrics.n_restarts == 1


async def test_a_slow_consumer_slows_the_worker_and_is_not_taken_for_a_hang(tmp_path: Path) -> None:
    log = tmp_path / "log"
    async with (
        make_pool(hang_s=0.5) as pool,
        pool.scheduler.job(
            "many",
            {"n": 400, "n_bytes": 1 << 16, "log": str(log)},
            session="s",
            tier=0,
            cost_s=0.1,
        ) as results,
    ):
        assert (await anext(results)).header == {"number": 0}
        # Longer than `hang_s`, in which nobody takes anything.
        await asyncio.sleep(0.7)
        n_taken = len(log.read_text().split())
        # What the queue holds, one in hand, and what the socket's buffers take.
        assert MAX_RESULTS <= n_taken < 40
        rest = [result.header["number"] async for result in results]
    assert rest == list(range(1, 400))


async def test_leaving_a_queued_job_means_that_it_never_runs(pool: WorkerPool, gate: Gate) -> None:
    async with AsyncExitStack() as stack:
        held = await hold(stack, pool, gate)
        queued = asyncio.create_task(run(pool, "gated", **gate.arguments("queued")))
        while pool.scheduler.n_waiting == 0:  # noqa: ASYNC110 - one turn of the loop
            await asyncio.sleep(0)
        queued.cancel()
        with pytest.raises(asyncio.CancelledError):
            await queued
        assert pool.scheduler.n_waiting == 0
        gate.open()
        assert [result.name async for result in held] == ["step"]
    assert await run(pool, "echo")
    assert gate.passed == ["held"]


async def test_leaving_a_running_job_stops_it_between_two_outputs_and_keeps_the_worker(
    pool: WorkerPool, gate: Gate, metrics: RecordedMetrics
) -> None:
    pids = pool.pids
    async with pool.scheduler.job(
        "gated", gate.arguments("step", n_steps=100_000), session="s", tier=0, cost_s=1.0
    ) as results:
        await anext(results)
        gate.open()
        await anext(results)
    assert len(await run(pool, "echo")) == 1
    assert pool.pids == pids
    assert 1 <= len(gate.passed) < 100_000
    assert metrics.ended == [("gated", "cancelled"), ("echo", "done")]


async def test_a_job_that_says_nothing_for_long_is_stopped_between_two_steps(
    pool: WorkerPool, metrics: RecordedMetrics
) -> None:
    pids = pool.pids
    async with pool.scheduler.job("stepping", {}, session="s", tier=0, cost_s=1.0) as results:
        await anext(results)
    assert len(await run(pool, "echo")) == 1
    assert pool.pids == pids
    assert metrics.ended == [("stepping", "cancelled"), ("echo", "done")]


@pytest.mark.parametrize("failure", ["superseded", "cancelled", None])
async def test_work_is_wasted_if_its_request_has_failed_and_not_if_somebody_had_enough(
    pool: WorkerPool, gate: Gate, metrics: RecordedMetrics, failure: str | None
) -> None:
    async with pool.scheduler.job(
        "gated",
        gate.arguments("step", n_steps=100_000),
        session="s",
        tier=0,
        cost_s=1.0,
        failure=lambda: failure,
    ) as results:
        await anext(results)
        gate.open()
        await anext(results)
    await run(pool, "echo")
    assert metrics.waste == ([("gated", failure)] if failure else [])


async def test_work_that_failed_or_came_too_late_is_wasted(
    pool: WorkerPool, gate: Gate, metrics: RecordedMetrics
) -> None:
    with pytest.raises(GeneratorFailed):
        await run(pool, "fail", prompt="wall")
    async with AsyncExitStack() as stack:
        held = await hold(stack, pool, gate, deadline=time.monotonic() + 0.2)
        with pytest.raises(DeadlineExceeded):
            await anext(held)
        gate.open()
    await run(pool, "echo")
    assert metrics.waste == [("fail", "generator_failed"), ("gated", "deadline_exceeded")]


async def test_a_job_whose_deadline_passes_in_the_queue_never_runs(pool: WorkerPool, gate: Gate) -> None:
    async with AsyncExitStack() as stack:
        held = await hold(stack, pool, gate, cost_s=0.0)
        deadline = time.monotonic() + 0.2
        with pytest.raises(DeadlineExceeded):
            await run(pool, "gated", cost_s=0.01, deadline=deadline, **gate.arguments("late"))
        assert pool.scheduler.n_waiting == 0
        gate.open()
        assert [result.name async for result in held] == ["step"]
    assert await run(pool, "echo", deadline=time.monotonic() + 30)
    assert gate.passed == ["held"]


async def test_a_job_whose_deadline_has_passed_already_never_runs(
    pool: WorkerPool, metrics: RecordedMetrics
) -> None:
    with pytest.raises(DeadlineExceeded):
        await run(pool, "echo", deadline=time.monotonic() - 1)
    assert metrics.started == []


async def test_a_running_job_ends_at_its_deadline_and_its_worker_goes_on(
    pool: WorkerPool, gate: Gate, metrics: RecordedMetrics
) -> None:
    pids = pool.pids
    async with AsyncExitStack() as stack:
        held = await hold(stack, pool, gate, deadline=time.monotonic() + 0.1)
        with pytest.raises(DeadlineExceeded):
            await anext(held)
    gate.open()
    assert await run(pool, "echo")
    assert pool.pids == pids
    assert metrics.ended == [("gated", "deadline_exceeded"), ("echo", "done")]


async def test_a_full_backlog_refuses_both_estimate_and_job(gate: Gate) -> None:
    async with make_pool(max_backlog_s=2.0) as pool, AsyncExitStack() as stack:
        await hold(stack, pool, gate, cost_s=0.0)
        waiting = asyncio.create_task(run(pool, "echo", cost_s=4.5))
        while pool.scheduler.n_waiting == 0:  # noqa: ASYNC110 - one turn of the loop
            await asyncio.sleep(0)
        with pytest.raises(Overloaded) as caught:
            pool.scheduler.estimate(session="s", cost_s=0.4, tier=0)
        assert caught.value.retry_after_s == pytest.approx(2.5, abs=0.01)
        with pytest.raises(Overloaded):
            await run(pool, "echo", cost_s=0.4)
        # What is more urgent waits only for what runs.
        assert pool.scheduler.estimate(session="s", cost_s=0.4, tier=-1).position == 1
        gate.open()
        assert len(await waiting) == 1


async def test_one_sessions_flood_is_refused_and_the_others_are_let_in(gate: Gate) -> None:
    async with make_pool(max_backlog_s=4.0, max_session_backlog_s=3.0) as pool, AsyncExitStack() as stack:
        await hold(stack, pool, gate)
        flood = [asyncio.create_task(run(pool, "echo", session="flood", cost_s=0.5)) for _ in range(6)]
        while pool.scheduler.n_waiting < len(flood):  # noqa: ASYNC110 - one turn of the loop
            await asyncio.sleep(0)
        with pytest.raises(Overloaded) as caught:
            await run(pool, "echo", session="flood", cost_s=0.5)
        assert caught.value.retry_after_s is not None
        modest = [
            asyncio.create_task(run(pool, "echo", session=f"modest {n}", cost_s=0.5, n=n)) for n in range(6)
        ]
        while pool.scheduler.n_waiting < 12:  # noqa: ASYNC110 - one turn of the loop
            await asyncio.sleep(0)
        gate.open()
        assert [results[0].header["n"] for results in await asyncio.gather(*modest)] == list(range(6))
        await asyncio.gather(*flood)


async def test_work_that_would_end_after_its_deadline_is_refused_and_never_begun(
    pool: WorkerPool, gate: Gate
) -> None:
    async with AsyncExitStack() as stack:
        held = await hold(stack, pool, gate, cost_s=60.0)
        soon = time.monotonic() + 5.0
        with pytest.raises(Overloaded, match="deadline") as caught:
            pool.scheduler.estimate(session="s", cost_s=1.0, tier=0, deadline=soon)
        assert caught.value.retry_after_s == pytest.approx(56.0, abs=1.0)
        with pytest.raises(Overloaded):
            await run(pool, "gated", cost_s=1.0, deadline=soon, **gate.arguments("in vain"))
        gate.open()
        assert [result.name async for result in held] == ["step"]
    assert await run(pool, "echo")
    assert gate.passed == ["held"]


async def test_an_estimate_counts_what_runs_and_what_waits(gate: Gate) -> None:
    async with make_pool(2) as pool, AsyncExitStack() as stack:
        assert pool.scheduler.estimate(session="s", cost_s=3.0, tier=0) == Waiting(0, 3.0)
        await hold(stack, pool, gate, cost_s=0.0)
        assert pool.scheduler.estimate(session="s", cost_s=3.0, tier=0) == Waiting(0, 3.0)
        await hold(stack, pool, gate, cost_s=0.0)
        await stack.enter_async_context(pool.scheduler.job("echo", {}, session="s", tier=1, cost_s=4.0))
        urgent, normal = (pool.scheduler.estimate(session="s", cost_s=3.0, tier=tier) for tier in (0, 1))
        assert urgent.position == 1
        assert urgent.eta_s == pytest.approx(3.0, abs=0.01)
        assert normal.position == 2
        assert normal.eta_s == pytest.approx(5.0, abs=0.01)
        gate.open()


async def test_each_size_has_an_estimate_of_its_own(pool: WorkerPool, metrics: RecordedMetrics) -> None:
    for seconds in (0.0, 0.3):
        async with pool.scheduler.job(
            "nap", {"seconds": seconds}, session="s", tier=0, cost_s=0.1, size=str(seconds)
        ) as results:
            assert [result.name async for result in results] == ["result"]
    expected_s = [metrics.expected_s["nap", size] for size in ("0.0", "0.3")]
    assert expected_s == [
        pool.scheduler.estimate(session="s", cost_s=0.1, tier=0, call="nap", size=size).eta_s
        for size in ("0.0", "0.3")
    ]
    # The second began with what the first had shown of the machine, which counts as one job.
    assert expected_s[0] < 0.1
    assert expected_s[1] >= 0.3 / 2


async def test_estimates_follow_what_jobs_really_take(pool: WorkerPool) -> None:
    for _ in range(3):
        await run(pool, "echo", cost_s=10.0)
    learned = pool.scheduler.estimate(session="s", cost_s=10.0, tier=0, call="echo").eta_s
    assert learned is not None
    assert learned < 0.5


async def test_sessions_take_turns_and_urgent_jobs_overtake(pool: WorkerPool, gate: Gate) -> None:
    async with AsyncExitStack() as stack:
        await hold(stack, pool, gate)
        jobs = []
        for name, session, tier in [
            ("a1", "a", 1), ("a2", "a", 1), ("a3", "a", 1), ("b1", "b", 1), ("urgent", "a", 0),
        ]:  # fmt: skip
            jobs.append(run(pool, "gated", session=session, tier=tier, **gate.arguments(name)))
        tasks = [asyncio.create_task(job) for job in jobs]
        while pool.scheduler.n_waiting < len(jobs):  # noqa: ASYNC110 - one turn of the loop
            await asyncio.sleep(0)
        gate.open()
        await asyncio.gather(*tasks)
    assert gate.passed == ["held", "urgent", "a1", "b1", "a2", "a3"]


async def test_two_workers_run_two_jobs_at_once(gate: Gate) -> None:
    async with make_pool(2) as pool, AsyncExitStack() as stack:
        first = await hold(stack, pool, gate)
        second = await hold(stack, pool, gate)
        assert pool.scheduler.n_running == 2
        gate.open()
        for results in (first, second):
            assert [result.name async for result in results] == ["step"]


async def test_every_one_of_many_jobs_gets_its_own_answer() -> None:
    async with make_pool(2) as pool:
        answers = await asyncio.gather(
            *(run(pool, "echo", session=str(n % 7), tier=n % 3, cost_s=0.01, n=n) for n in range(200))
        )
        assert [results[0].header["n"] for results in answers] == list(range(200))
        assert (pool.scheduler.n_waiting, pool.scheduler.n_running) == (0, 0)


async def test_before_the_first_start_nothing_is_available() -> None:
    pool = make_pool()
    assert not pool.is_ready
    with pytest.raises(Unavailable):
        pool.scheduler.estimate(session="s", cost_s=1.0, tier=0)
    with pytest.raises(Unavailable):
        await run(pool, "echo")
    await pool.close()


async def test_workers_that_cannot_start_are_reported(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level("INFO")
    pool = make_pool(fail_start=True)
    with pytest.raises(Unavailable, match="do not start"):
        await pool.start()
    assert pool.pids == ()
    assert "RuntimeError: no start" in caplog.text


async def test_a_worker_that_did_its_work_between_two_crashes_comes_back_soon() -> None:
    backoff = Backoff(first_s=0.02)
    async with make_pool(backoff=backoff) as pool:
        for _ in range(2):
            with pytest.raises(GeneratorFailed):
                await run(pool, "crash")
        assert backoff.n_failures > 0
        await run(pool, "echo")
        assert backoff.n_failures == 0


async def test_after_a_short_failure_jobs_wait_for_the_next_worker(pool: WorkerPool) -> None:
    with pytest.raises(GeneratorFailed):
        await run(pool, "crash")
    assert pool.scheduler.estimate(session="s", cost_s=1.0, tier=0) in (Waiting(1, None), Waiting(0, 1.0))
    assert len(await run(pool, "echo")) == 1


async def test_when_no_worker_comes_back_soon_waiting_jobs_are_told() -> None:
    async with make_pool(backoff=Backoff(first_s=20.0)) as pool:
        crashing = asyncio.create_task(run(pool, "crash"))
        waiting = asyncio.create_task(run(pool, "echo"))
        with pytest.raises(GeneratorFailed):
            await crashing
        with pytest.raises(Unavailable) as caught:
            await waiting
        assert caught.value.retry_after_s is not None
        assert caught.value.retry_after_s > 3.0
        with pytest.raises(Unavailable):
            pool.scheduler.estimate(session="s", cost_s=1.0, tier=0)


async def test_closing_ends_every_job_and_leaves_no_process(gate: Gate) -> None:
    pool = make_pool()
    await pool.start()
    (pid,) = pool.pids
    async with AsyncExitStack() as stack:
        held = await hold(stack, pool, gate)
        queued = asyncio.create_task(run(pool, "echo"))
        while pool.scheduler.n_waiting == 0:  # noqa: ASYNC110 - one turn of the loop
            await asyncio.sleep(0)
        await pool.close()
        with pytest.raises(Unavailable):
            await anext(held)
        with pytest.raises(Unavailable):
            await queued
    with pytest.raises(Unavailable):
        await run(pool, "echo")
    with pytest.raises(ProcessLookupError):
        os.kill(pid, 0)


async def test_the_pool_runs_on_uvloop_too(tmp_path: Path) -> None:
    if sys.platform == "win32":
        pytest.skip("uvloop does not exist here")
    import uvloop

    async def conversation() -> tuple[int, int]:
        async with make_pool() as pool:
            (result,) = await run(pool, "big", n_bytes=4 << 20)
            with pytest.raises(GeneratorFailed):
                await run(pool, "crash")
            return len(result.payload), len(await run(pool, "echo"))

    def on_uvloop() -> tuple[int, int]:
        with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
            return runner.run(conversation())

    assert await asyncio.to_thread(on_uvloop) == (4 << 20, 1)
