"""A function is awaited for many things, a few at once."""

import asyncio

import pytest

from vrbridge.scheduling.spread import spread


async def test_results_come_in_the_order_of_the_items_whatever_ends_first() -> None:
    gates = [asyncio.Event() for _ in range(3)]

    async def number_of(index: int) -> int:
        await gates[index].wait()
        if index:
            gates[index - 1].set()
        return index * 10

    gates[2].set()
    assert await spread(number_of, range(3)) == [0, 10, 20]
    assert await spread(number_of, []) == []


async def test_no_more_than_the_bound_run_at_once() -> None:
    n_running = 0
    most = 0

    async def count(_: int) -> None:
        nonlocal n_running, most
        n_running += 1
        most = max(most, n_running)
        await asyncio.sleep(0)
        n_running -= 1

    await spread(count, range(20), at_once=3)
    assert most == 3


async def test_the_first_error_ends_the_rest_and_is_raised() -> None:
    ended: list[int] = []

    async def fail_at_one(index: int) -> None:
        if index == 1:
            raise ValueError("one")
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(index)

    with pytest.raises(ValueError, match="one"):
        await spread(fail_at_one, range(4))
    assert sorted(ended) == [0, 2, 3]


async def test_cancelling_ends_all() -> None:
    started = asyncio.Event()
    ended: list[int] = []

    async def wait(index: int) -> None:
        started.set()
        try:
            await asyncio.Event().wait()
        finally:
            ended.append(index)

    task = asyncio.create_task(spread(wait, range(3)))
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert sorted(ended) == [0, 1, 2]
