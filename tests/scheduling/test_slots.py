"""Turns come to everybody who waits, and to nobody who has left."""

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from vrbridge.errors import DeadlineExceeded, Overloaded
from vrbridge.scheduling.slots import Slots
from vrbridge.scheduling.waiting import Waiting


class Turns:
    """Takes turns that last until the test ends them."""

    def __init__(self, slots: Slots, tasks: asyncio.TaskGroup) -> None:
        self._slots = slots
        self._tasks = tasks
        self._ends: dict[str, asyncio.Event] = {}
        self.begun: list[str] = []
        self.ended: dict[str, BaseException | None] = {}
        self._changed = asyncio.Event()

    def start(
        self, name: str, *, session: str | None = None, cost_s: float = 1.0, deadline: float | None = None
    ) -> asyncio.Task[None]:
        self._ends[name] = asyncio.Event()
        return self._tasks.create_task(self._take(name, session or name, cost_s, deadline))

    def end(self, *names: str) -> None:
        for name in names:
            self._ends[name].set()

    async def until(self, is_so: Callable[[], bool]) -> None:
        async with asyncio.timeout(30):
            while not is_so():
                self._changed.clear()
                await self._changed.wait()

    async def _take(self, name: str, session: str, cost_s: float, deadline: float | None) -> None:
        self.ended[name] = None
        try:
            async with self._slots.turn(session=session, tier=0, cost_s=cost_s, deadline=deadline):
                self.begun.append(name)
                self._changed.set()
                await self._ends[name].wait()
        except (DeadlineExceeded, Overloaded) as error:
            self.ended[name] = error
        finally:
            self._changed.set()


@asynccontextmanager
async def taking_turns(slots: Slots) -> AsyncIterator[Turns]:
    async with asyncio.TaskGroup() as tasks:
        yield Turns(slots, tasks)


async def test_no_more_have_their_turn_at_once_than_there_are_slots() -> None:
    slots = Slots(2, max_wait_s=100.0)
    async with taking_turns(slots) as turns:
        for name in "abcd":
            turns.start(name)
        await turns.until(lambda: len(turns.begun) == 2)
        await asyncio.sleep(0)
        assert (turns.begun, slots.n_running, slots.n_waiting) == (["a", "b"], 2, 2)
        turns.end("b")
        await turns.until(lambda: len(turns.begun) == 3)
        turns.end("a", "c")
        await turns.until(lambda: len(turns.begun) == 4)
        turns.end("d")
    assert turns.begun == ["a", "b", "c", "d"]
    assert (slots.n_running, slots.n_waiting) == (0, 0)


async def test_who_asks_for_everything_gets_half() -> None:
    slots = Slots(4, max_wait_s=100.0)
    async with taking_turns(slots) as turns:
        for number in range(6):
            turns.start(f"flood {number}", session="flood")
        await turns.until(lambda: len(turns.begun) == 2)
        turns.start("modest")
        await turns.until(lambda: len(turns.begun) == 3)
        assert turns.begun == ["flood 0", "flood 1", "modest"]
        turns.end("modest", *(f"flood {number}" for number in range(6)))
    assert len(turns.begun) == 7


async def test_one_who_leaves_the_line_is_passed_over() -> None:
    slots = Slots(1, max_wait_s=100.0)
    async with taking_turns(slots) as turns:
        turns.start("first")
        await turns.until(lambda: turns.begun == ["first"])
        leaver = turns.start("leaver")
        turns.start("last")
        while slots.n_waiting < 2:  # noqa: ASYNC110 - one turn of the loop
            await asyncio.sleep(0)
        leaver.cancel()
        turns.end("first", "last")
        await turns.until(lambda: turns.begun == ["first", "last"])
    assert slots.n_running == 0


async def test_a_turn_that_comes_in_the_moment_of_leaving_goes_to_the_next() -> None:
    slots = Slots(1, max_wait_s=100.0)
    async with taking_turns(slots) as turns:
        turns.start("first")
        await turns.until(lambda: turns.begun == ["first"])
        leaver = turns.start("leaver")
        turns.start("last")
        while slots.n_waiting < 2:  # noqa: ASYNC110 - one turn of the loop
            await asyncio.sleep(0)
        turns.end("first", "last")
        while slots.n_waiting == 2:  # noqa: ASYNC110 - one turn of the loop
            await asyncio.sleep(0)
        # The turn is the leaver's, who does not know it yet.
        leaver.cancel()
        await turns.until(lambda: turns.begun == ["first", "last"])
    assert (slots.n_running, slots.n_waiting) == (0, 0)


async def test_one_who_fails_gives_the_turn_back() -> None:
    slots = Slots(1, max_wait_s=100.0)
    with pytest.raises(ValueError, match="broken"):
        async with slots.turn(session="s", tier=0, cost_s=1.0):
            raise ValueError("broken")
    async with asyncio.timeout(5), slots.turn(session="s", tier=0, cost_s=1.0):
        assert slots.n_running == 1


async def test_a_deadline_counts_while_waiting() -> None:
    slots = Slots(1, max_wait_s=100.0)
    async with taking_turns(slots) as turns:
        turns.start("first", cost_s=0.01)
        await turns.until(lambda: turns.begun == ["first"])
        turns.start("late", cost_s=0.01, deadline=time.monotonic() + 0.2)
        turns.start("patient")
        await turns.until(lambda: turns.ended.get("late") is not None)
        assert isinstance(turns.ended["late"], DeadlineExceeded)
        turns.end("first", "patient")
    assert turns.begun == ["first", "patient"]


async def test_a_turn_that_can_not_end_in_time_any_more_is_not_begun() -> None:
    slots = Slots(1, max_wait_s=100.0)
    async with taking_turns(slots) as turns:
        turns.start("first", cost_s=0.01)
        await turns.until(lambda: turns.begun == ["first"])
        turns.start("late", cost_s=10.0, deadline=time.monotonic() + 10.5)
        turns.start("patient")
        await asyncio.sleep(0.6)
        turns.end("first", "patient")
        await turns.until(lambda: turns.ended.get("late") is not None)
        assert isinstance(turns.ended["late"], DeadlineExceeded)
    assert turns.begun == ["first", "patient"]


async def test_a_long_wait_is_refused_with_a_hint() -> None:
    slots = Slots(2, max_wait_s=3.0)
    assert slots.estimate(session="s", tier=0, cost_s=1.5) == Waiting(0, 1.5)
    async with taking_turns(slots) as turns:
        for name in "abc":
            turns.start(name, cost_s=3.0)
        await turns.until(lambda: len(turns.begun) == 2)
        with pytest.raises(Overloaded) as caught:
            slots.estimate(session="e", tier=0, cost_s=1.5)
        assert caught.value.retry_after_s is not None
        assert 1.0 <= caught.value.retry_after_s <= 1.5
        turns.end("a", "b", "c")
