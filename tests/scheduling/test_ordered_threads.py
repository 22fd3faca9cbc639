"""Calls of one key are made one by one, in order; those of others go ahead; and nobody waits without end."""

import asyncio
import itertools
import threading
from collections.abc import Callable
from functools import partial

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrbridge.errors import Unavailable
from vrbridge.scheduling.ordered_threads import OrderedThreads

_PATIENCE_S = 60


def fail() -> None:
    raise KeyError("nothing")


async def asked(threads: OrderedThreads, key: str, function: Callable[[], object]) -> asyncio.Task[object]:
    """Return a call that has been handed in."""
    task = asyncio.create_task(threads.run(key, function))
    await asyncio.sleep(0)
    return task


async def test_a_call_returns_what_the_function_returns_from_another_thread() -> None:
    async with OrderedThreads(2, name="memory") as threads:
        assert await threads.run("ann", max, 3, 7) == 7
        name = await threads.run_patiently("ann", lambda: threading.current_thread().name)
    assert name.startswith("memory")


async def test_a_call_raises_what_the_function_raises_and_the_next_one_is_made() -> None:
    async with OrderedThreads(2) as threads:
        first = await asked(threads, "ann", fail)
        second = await asked(threads, "ann", lambda: 2)
        with pytest.raises(KeyError, match="nothing"):
            await first
        assert await second == 2


@given(st.lists(st.sampled_from("abc"), max_size=60), st.integers(1, 4))
def test_calls_of_a_key_are_never_made_at_once_and_keep_their_order(keys: list[str], n_threads: int) -> None:
    seen: dict[str, list[int]] = {key: [] for key in keys}
    inside: set[str] = set()

    def note(key: str, number: int) -> None:
        assert key not in inside
        inside.add(key)
        seen[key].append(number)
        inside.remove(key)

    async def call_all() -> None:
        async with OrderedThreads(n_threads) as threads:
            await asyncio.gather(*(threads.run(key, note, key, number) for number, key in enumerate(keys)))

    asyncio.run(call_all())
    assert seen == {key: [number for number, other in enumerate(keys) if other == key] for key in keys}


async def test_a_key_that_is_held_up_holds_no_other_up() -> None:
    gate = threading.Event()
    async with OrderedThreads(2) as threads:
        slow = [await asked(threads, "ann", gate.wait) for _ in range(5)]
        assert await threads.run("bob", max, 1, 2) == 2
        assert not any(task.done() for task in slow)
        gate.set()
        assert await asyncio.gather(*slow) == [True] * 5


async def test_calls_of_different_keys_are_made_at_once() -> None:
    inside = threading.Barrier(3)
    async with OrderedThreads(3) as threads:
        await asyncio.gather(*(threads.run(key, inside.wait, _PATIENCE_S) for key in "abc"))


async def test_a_call_that_waits_too_long_is_given_up_and_never_made() -> None:
    gate = threading.Event()
    seen: list[str] = []
    async with OrderedThreads(1, max_wait_s=0.05) as threads:
        blocking = asyncio.create_task(threads.run_patiently("ann", gate.wait))
        await asyncio.sleep(0)
        with pytest.raises(Unavailable) as caught:
            await threads.run("bob", seen.append, "late")
        assert caught.value.retry_after_s == 1.0
        gate.set()
        assert await blocking
    assert seen == []


async def test_a_function_that_takes_too_long_is_waited_for_no_longer_but_by_the_next_of_its_key() -> None:
    gate = threading.Event()
    seen: list[str] = []

    def slow() -> None:
        gate.wait()
        seen.append("slow")

    async with OrderedThreads(2, max_wait_s=0.05) as threads:
        with pytest.raises(Unavailable):
            await threads.run("ann", slow)
        after = asyncio.create_task(threads.run_patiently("ann", seen.append, "after"))
        await asyncio.sleep(0)
        assert seen == []
        gate.set()
        await after
    assert seen == ["slow", "after"]


async def test_a_function_may_run_into_a_timeout_of_its_own() -> None:
    def late() -> None:
        raise TimeoutError("its own")

    async with OrderedThreads(1, max_wait_s=_PATIENCE_S) as threads:
        with pytest.raises(TimeoutError, match="its own"):
            await threads.run("ann", late)


async def test_one_call_too_many_is_refused_and_room_comes_back() -> None:
    gate = threading.Event()
    async with OrderedThreads(1, max_waiting=1) as threads:
        calls = [await asked(threads, key, gate.wait) for key in ("ann", "bob")]
        with pytest.raises(Unavailable):
            await threads.run("ann", gate.wait)
        gate.set()
        assert await asyncio.gather(*calls) == [True, True]
        assert await threads.run_patiently("ann", gate.wait)


async def test_whoever_asks_for_much_takes_turns_with_the_others() -> None:
    gate = threading.Event()
    seen: list[str] = []
    async with OrderedThreads(1) as threads:
        first = await asked(threads, "ann", gate.wait)
        rest = [await asked(threads, key, partial(seen.append, key)) for key in ["ann"] * 4 + ["bob"] * 2]
        gate.set()
        await asyncio.gather(first, *rest)
    assert seen == ["bob", "ann", "bob", "ann", "ann", "ann"]


async def test_one_key_can_not_take_the_room_of_all() -> None:
    gate = threading.Event()
    async with OrderedThreads(1, max_of_key=2) as threads:
        calls = [await asked(threads, "ann", gate.wait) for _ in range(2)]
        with pytest.raises(Unavailable, match="try again") as caught:
            await threads.run("ann", gate.wait)
        assert caught.value.retry_after_s == 1.0
        calls.append(await asked(threads, "bob", gate.wait))
        gate.set()
        assert await asyncio.gather(*calls) == [True] * 3
        assert await threads.run("ann", gate.wait)


async def test_a_cancelled_call_that_has_not_begun_never_runs() -> None:
    gate = threading.Event()
    seen: list[str] = []
    async with OrderedThreads(1) as threads:
        first = await asked(threads, "ann", gate.wait)
        second = await asked(threads, "ann", lambda: seen.append("second"))
        second.cancel()
        with pytest.raises(asyncio.CancelledError):
            await second
        gate.set()
        await first
        await threads.run("ann", seen.append, "third")
    assert seen == ["third"]


async def test_closing_while_a_call_runs_makes_those_behind_it() -> None:
    gate, began = threading.Event(), threading.Event()
    seen: list[int] = []

    def slow() -> None:
        began.set()
        gate.wait()

    threads = OrderedThreads(1, max_waiting=1 << 20)
    calls = [await asked(threads, "ann", slow)]
    calls += [await asked(threads, "ann", partial(seen.append, number)) for number in range(3)]
    await asyncio.to_thread(began.wait)
    closing = asyncio.create_task(threads.close())
    for number in itertools.count():
        # Refused at once as soon as the threads are being closed.
        if (late := await asked(threads, f"late {number}", bool)).done():
            break
        calls.append(late)
    with pytest.raises(Unavailable, match="stopping"):
        await late
    gate.set()
    await asyncio.gather(closing, *calls)
    assert seen == [0, 1, 2]


async def test_closing_lets_what_was_asked_for_finish_and_refuses_the_rest() -> None:
    seen: list[int] = []
    threads = OrderedThreads(2)
    calls = [asyncio.create_task(threads.run("ab"[number % 2], seen.append, number)) for number in range(6)]
    await asyncio.sleep(0)
    await threads.close()
    await asyncio.gather(*calls)
    assert sorted(seen) == [0, 1, 2, 3, 4, 5]
    with pytest.raises(Unavailable, match="stopping"):
        await threads.run("ann", seen.append, 7)
