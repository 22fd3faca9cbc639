"""Results arrive in order, wait for a slow consumer, and end once."""

import asyncio

import pytest

from vrbridge.errors import DeadlineExceeded, GeneratorFailed
from vrbridge.scheduling.results import Result, Results


def part(number: int, n_bytes: int = 0) -> Result:
    return Result("part", {"number": number}, bytes(n_bytes))


async def numbers_of(results: Results) -> list[int]:
    return [result.header["number"] async for result in results]


async def is_blocked(task: asyncio.Task[None]) -> bool:
    # Two turns of the loop: one to start the task, one to run what it woke.
    await asyncio.sleep(0)
    await asyncio.sleep(0)
    return not task.done()


async def test_results_arrive_in_order_and_end() -> None:
    results = Results()
    for number in range(3):
        await results.put(part(number))
    results.end()
    assert await numbers_of(results) == [0, 1, 2]
    assert results.error is None


async def test_a_full_queue_holds_the_producer_until_one_is_taken() -> None:
    results = Results(max_results=2)
    await results.put(part(0))
    await results.put(part(1))
    put = asyncio.create_task(results.put(part(2)))
    assert await is_blocked(put)
    assert (await anext(results)).header == {"number": 0}
    await put
    results.end()
    assert await numbers_of(results) == [1, 2]


async def test_large_payloads_fill_the_queue_too() -> None:
    results = Results(max_bytes=10)
    await results.put(part(0, n_bytes=100))
    put = asyncio.create_task(results.put(part(1, n_bytes=1)))
    assert await is_blocked(put)
    await anext(results)
    await put


async def test_an_error_comes_after_what_already_waits_and_stays() -> None:
    results = Results()
    await results.put(part(0))
    results.end(GeneratorFailed("It crashed."))
    results.end(DeadlineExceeded("Too late."))
    await anext(results)
    for _ in range(2):
        with pytest.raises(GeneratorFailed, match="crashed"):
            await anext(results)


async def test_nothing_is_taken_in_after_the_end() -> None:
    results = Results()
    results.end()
    await results.put(part(0))
    assert await numbers_of(results) == []


async def test_closing_frees_a_producer_that_waits_and_drops_the_rest() -> None:
    results = Results(max_results=1)
    await results.put(part(0))
    put = asyncio.create_task(results.put(part(1)))
    assert await is_blocked(put)
    results.close()
    await put
    assert await numbers_of(results) == []


async def test_a_consumer_that_waits_is_woken_by_the_end() -> None:
    results = Results()
    consumer = asyncio.create_task(numbers_of(results))
    await asyncio.sleep(0)
    results.end()
    assert await consumer == []
