"""Blocking functions run off the loop, in order, within a bound."""

import asyncio
import threading

import pytest

from vrbridge.errors import Unavailable
from vrbridge.scheduling.threads import Threads


def fail() -> None:
    raise KeyError("nothing")


async def test_a_call_returns_what_the_function_returns_from_another_thread() -> None:
    async with Threads(name="disk") as threads:
        assert await threads.run(max, 3, 7) == 7
        name = await threads.run(lambda: threading.current_thread().name)
    assert name.startswith("disk")


async def test_a_call_raises_what_the_function_raises() -> None:
    async with Threads() as threads:
        with pytest.raises(KeyError, match="nothing"):
            await threads.run(fail)


async def test_one_thread_keeps_the_order_of_the_calls() -> None:
    seen: list[int] = []
    async with Threads() as threads:
        await asyncio.gather(*(threads.run(seen.append, number) for number in range(50)))
    assert seen == list(range(50))


async def test_one_call_too_many_is_refused_and_room_comes_back() -> None:
    gate = threading.Event()
    async with Threads(max_waiting=1) as threads:
        calls = [asyncio.create_task(threads.run(gate.wait)) for _ in range(2)]
        await asyncio.sleep(0)
        with pytest.raises(Unavailable) as caught:
            await threads.run(gate.wait)
        assert caught.value.retry_after_s == 1.0
        gate.set()
        assert await asyncio.gather(*calls) == [True, True]
        assert await threads.run(gate.wait)


async def test_a_cancelled_call_that_has_not_begun_never_runs() -> None:
    gate = threading.Event()
    seen: list[str] = []
    async with Threads() as threads:
        first = asyncio.create_task(threads.run(gate.wait))
        second = asyncio.create_task(threads.run(seen.append, "second"))
        await asyncio.sleep(0)
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        gate.set()
        await first
        await threads.run(seen.append, "third")
    assert seen == ["third"]


async def test_closing_lets_what_was_asked_for_finish_and_refuses_the_rest() -> None:
    seen: list[int] = []
    threads = Threads()
    calls = [asyncio.create_task(threads.run(seen.append, number)) for number in range(5)]
    await asyncio.sleep(0)
    await threads.close()
    await asyncio.gather(*calls)
    assert seen == [0, 1, 2, 3, 4]
    with pytest.raises(Unavailable):
        await threads.run(seen.append, 5)
