"""What every executor does: jobs give back what they make, fail by themselves, and are stopped."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import AbstractAsyncContextManager
from pathlib import Path

import pytest

from tests.chaos.waiting import until
from tests.scheduling.fakes import RecordedMetrics, make_pool
from tests.scheduling.ray_gateway import N_WORKERS, Executor, cluster, ray_executor, ready, run
from vrbridge.errors import GeneratorFailed, InvalidParams, Overloaded, Unavailable

pytestmark = [pytest.mark.xdist_group("ray"), pytest.mark.timeout(300)]

__all__ = ["cluster"]


@pytest.fixture
def metrics() -> RecordedMetrics:
    return RecordedMetrics()


@pytest.fixture(params=["processes", "ray"])
async def executor(
    request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch, metrics: RecordedMetrics
) -> AsyncIterator[Executor]:
    """Two ready workers, each of which is given up after 5 s of silence."""
    made: AbstractAsyncContextManager[Executor]
    if request.param == "processes":
        made = make_pool(N_WORKERS, hang_s=5.0, metrics=metrics)
    else:
        address, variables = request.getfixturevalue("cluster")
        for name, value in variables.items():
            monkeypatch.setenv(name, value)
        made = ray_executor(address, metrics)
    async with made as executor:
        await ready(executor, N_WORKERS)
        yield executor


async def test_a_job_gives_back_what_the_worker_makes(executor: Executor, metrics: RecordedMetrics) -> None:
    (result,) = await run(executor, "echo", prompt="wall", data=b"\x00\x01", deep={"list": [1, 2.5, None]})
    assert result.name == "result"
    assert result.header == {"prompt": "wall", "deep": {"list": [1, 2.5, None]}}
    assert bytes(result.payload) == b"\x00\x01"
    await until(lambda: metrics.ended)
    assert metrics.ended == [("echo", "done")]


async def test_large_results_arrive_whole_and_in_order(executor: Executor, tmp_path: Path) -> None:
    (result,) = await run(executor, "big", n_bytes=8 << 20)
    assert bytes(result.payload) == bytes(range(256)) * (8 << 12)
    parts = await run(executor, "many", n=40, n_bytes=100_000, log=str(tmp_path / "log"))
    assert [part.header["number"] for part in parts] == list(range(40))
    assert {len(part.payload) for part in parts} == {100_000}


async def test_many_jobs_at_once_are_all_done(executor: Executor) -> None:
    jobs = [run(executor, "echo", session=f"s{n % 5}", number=n) for n in range(40)]
    numbers = [results[0].header["number"] for results in await asyncio.gather(*jobs)]
    assert numbers == list(range(40))


async def test_errors_of_a_handler_keep_code_field_and_time(executor: Executor) -> None:
    with pytest.raises(InvalidParams) as invalid:
        await run(executor, "refuse", error="invalid_params")
    assert invalid.value.field == "params.size"
    with pytest.raises(Overloaded) as overloaded:
        await run(executor, "refuse", error="overloaded")
    assert overloaded.value.retry_after_s == 2.5
    with pytest.raises(Unavailable, match="sculpture"):
        await run(executor, "sculpture")


async def test_a_fault_fails_one_job_without_quoting_the_player(executor: Executor) -> None:
    with pytest.raises(GeneratorFailed) as failed:
        await run(executor, "fail", prompt="my secret")
    assert "secret" not in failed.value.message
    assert len(await run(executor, "echo")) == 1


async def test_a_crash_fails_its_job_and_others_go_on(executor: Executor) -> None:
    with pytest.raises(GeneratorFailed) as failed:
        await run(executor, "crash")
    assert failed.value.retryable
    assert len(await run(executor, "echo")) == 1
    await ready(executor, N_WORKERS)


async def test_a_job_that_hangs_fails_and_its_worker_is_replaced(executor: Executor) -> None:
    with pytest.raises(GeneratorFailed) as failed:
        await run(executor, "hang")
    assert failed.value.retryable
    await ready(executor, N_WORKERS)
    outputs = await asyncio.gather(*(run(executor, "nap", seconds=0.2) for _ in range(N_WORKERS)))
    assert len(outputs) == N_WORKERS


async def test_a_job_that_is_left_stops_between_two_steps(executor: Executor) -> None:
    for _ in range(3 * N_WORKERS):
        # Without an end of its own: were it not stopped, all workers would soon be busy for good.
        async with executor.scheduler.job("stepping", {}, session="s", tier=0, cost_s=0.1) as results:
            assert (await anext(results)).name == "begun"
    assert len(await run(executor, "echo")) == 1


async def test_jobs_of_a_batch_get_their_own_results_and_failures(
    executor: Executor, metrics: RecordedMetrics
) -> None:
    await run(executor, "choir", name="first")
    # Both workers are busy while these come.
    busy = [asyncio.create_task(run(executor, "nap", seconds=0.5)) for _ in range(N_WORKERS)]
    await asyncio.sleep(0)
    asked = [asyncio.create_task(run(executor, "choir", name=name, session=name)) for name in "abcd"]
    asked.append(asyncio.create_task(run(executor, "choir", name="e", session="e", fails=True)))
    outcomes = await asyncio.gather(*asked, return_exceptions=True)
    await asyncio.gather(*busy)
    assert isinstance(outcomes[4], InvalidParams)
    sung = [outcome[0].header for outcome in outcomes[:4] if not isinstance(outcome, BaseException)]
    assert [header["name"] for header in sung] == list("abcd")
    assert max(header["n_voices"] for header in sung) == 3
    assert ("choir", 3) in metrics.batches


async def test_what_runs_when_it_closes_ends_as_unavailable(executor: Executor) -> None:
    began = asyncio.Event()

    async def stay() -> None:
        async with executor.scheduler.job("stepping", {}, session="s", tier=0, cost_s=0.1) as results:
            async for _ in results:
                began.set()

    staying = asyncio.create_task(stay())
    await began.wait()
    executor.scheduler.close()
    with pytest.raises(Unavailable):
        await staying
