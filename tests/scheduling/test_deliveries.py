"""What is accepted is delivered, again and again, within bounds."""

import asyncio
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass

import pytest

from vrbridge.errors import Unavailable
from vrbridge.scheduling.backoff import Backoff
from vrbridge.scheduling.deliveries import Deliveries

PATIENCE_S = 60.0


@dataclass(frozen=True)
class Letter:
    """Something to deliver."""

    name: str
    n_bytes: int = 1


class Office:
    """Takes letters, and fails as it is told to; what arrived can be waited for."""

    def __init__(self) -> None:
        self.arrived: list[str] = []
        self.attempts: Counter[str] = Counter()
        self.ended: Counter[str] = Counter()
        self.fails: Callable[[str], bool] = lambda name: False
        self.holds: dict[str, asyncio.Event] = {}
        self.n_running = 0
        self.most_running = 0
        self.withdrawn: list[str] = []
        self._changed = asyncio.Condition()

    async def deliver(self, letter: Letter, is_withdrawn: Callable[[], bool]) -> None:
        """Take a letter."""
        self.attempts[letter.name] += 1
        self.n_running += 1
        self.most_running = max(self.most_running, self.n_running)
        await self._note()
        try:
            if letter.name in self.holds:
                await self.holds[letter.name].wait()
            if self.fails(letter.name):
                raise Unavailable("It is away.")
            if is_withdrawn():
                self.withdrawn.append(letter.name)
                return
            self.arrived.append(letter.name)
        finally:
            self.n_running -= 1
            await self._note()

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(PATIENCE_S), self._changed:
            await self._changed.wait_for(is_so)

    def note_end(self, outcome: str) -> None:
        """Count."""
        self.ended[outcome] += 1

    async def _note(self) -> None:
        async with self._changed:
            self._changed.notify_all()


def _deliveries(
    office: Office,
    *,
    max_bytes: int = 1000,
    max_items: int = 100,
    at_once: int = 2,
    attempt_s: float = PATIENCE_S,
    flush_s: float = PATIENCE_S,
    pause_s: float = 0.001,
) -> Deliveries[Letter]:
    return Deliveries(
        office.deliver,
        name="letters",
        max_bytes=max_bytes,
        max_items=max_items,
        at_once=at_once,
        attempt_s=attempt_s,
        flush_s=flush_s,
        new_backoff=lambda: Backoff(first_s=pause_s, longest_s=pause_s),
        on_ended=office.note_end,
    )


async def test_everything_accepted_is_delivered_before_it_closes() -> None:
    office = Office()
    names = [str(number) for number in range(20)]
    gate = asyncio.Event()
    office.holds = dict.fromkeys(names, gate)
    async with _deliveries(office, at_once=3) as deliveries:
        for name in names:
            assert deliveries.offer(Letter(name))
        await office.until(lambda: office.n_running == 3)
        gate.set()
    assert sorted(office.arrived) == sorted(names)
    assert office.most_running == 3
    assert office.ended == {"done": 20}
    assert deliveries.n_bytes == 0


async def test_what_fails_is_tried_again_until_it_arrives() -> None:
    office = Office()
    office.fails = lambda name: office.attempts[name] < 4
    async with _deliveries(office) as deliveries:
        deliveries.offer(Letter("a"))
        deliveries.offer(Letter("b"))
        await office.until(lambda: len(office.arrived) == 2)
    assert office.attempts == {"a": 4, "b": 4}
    assert office.ended == {"failed": 6, "done": 2}


async def test_one_that_always_fails_holds_up_no_other() -> None:
    office = Office()
    office.fails = lambda name: name == "bad"
    async with _deliveries(office, at_once=1) as deliveries:
        deliveries.offer(Letter("bad"))
        for number in range(5):
            deliveries.offer(Letter(str(number)))
        await office.until(lambda: len(office.arrived) == 5)
    assert office.ended["lost"] == 1


async def test_a_fault_loses_one_thing_and_nothing_else(caplog: pytest.LogCaptureFixture) -> None:
    office = Office()

    def fault(name: str) -> bool:
        if name == "odd":
            raise ValueError("a mistake")
        return False

    office.fails = fault
    async with _deliveries(office, at_once=1) as deliveries:
        deliveries.offer(Letter("odd"))
        deliveries.offer(Letter("even"))
    assert office.arrived == ["even"]
    assert office.ended == {"lost": 1, "done": 1}
    assert "failed for good" in caplog.text


async def test_more_than_the_bounds_is_refused_and_what_arrived_makes_room() -> None:
    office = Office()
    office.holds["a"] = asyncio.Event()
    async with _deliveries(office, max_bytes=10, max_items=2, at_once=1) as deliveries:
        assert deliveries.offer(Letter("a", 6))
        assert not deliveries.offer(Letter("large", 5))
        assert deliveries.offer(Letter("b", 4))
        assert not deliveries.offer(Letter("third", 0))
        assert deliveries.n_bytes == 10
        office.holds["a"].set()
        await office.until(lambda: len(office.arrived) == 2)
        assert deliveries.offer(Letter("large", 5))
    assert office.arrived == ["a", "b", "large"]
    assert office.ended == {"lost": 2, "done": 3}


async def test_what_waits_can_be_withdrawn_and_what_runs_is_told_and_waited_for() -> None:
    office = Office()
    office.holds["running"] = asyncio.Event()
    async with _deliveries(office, at_once=1) as deliveries:
        deliveries.offer(Letter("running"))
        deliveries.offer(Letter("waiting"))
        deliveries.offer(Letter("other"))
        await office.until(lambda: office.n_running == 1)
        withdrawal = asyncio.create_task(deliveries.withdraw(lambda letter: letter.name != "other"))
        for _ in range(5):
            await asyncio.sleep(0)
        assert not withdrawal.done()
        office.holds["running"].set()
        await withdrawal
        assert office.n_running == 0
    assert office.withdrawn == ["running"]
    assert office.arrived == ["other"]
    assert deliveries.n_bytes == 0


async def test_what_fails_after_having_been_withdrawn_is_not_tried_again() -> None:
    office = Office()
    office.holds["a"] = asyncio.Event()
    office.fails = lambda name: True
    async with _deliveries(office) as deliveries:
        deliveries.offer(Letter("a"))
        await office.until(lambda: office.n_running == 1)
        withdrawal = asyncio.create_task(deliveries.withdraw(lambda letter: True))
        await asyncio.sleep(0)
        office.holds["a"].set()
        await withdrawal
        assert deliveries.n_bytes == 0
    assert office.attempts["a"] == 1


async def test_an_attempt_that_takes_too_long_counts_as_failed() -> None:
    office = Office()
    office.holds["a"] = asyncio.Event()
    async with _deliveries(office, attempt_s=0.01) as deliveries:
        deliveries.offer(Letter("a"))
        await office.until(lambda: office.attempts["a"] > 1)
        office.holds.clear()
        await office.until(lambda: office.arrived == ["a"])
    assert office.ended["failed"] >= 1


async def test_closing_does_not_wait_for_what_is_away() -> None:
    office = Office()
    office.fails = lambda name: True
    async with asyncio.timeout(PATIENCE_S / 2):
        async with _deliveries(office, pause_s=3600.0) as deliveries:
            deliveries.offer(Letter("a"))
            deliveries.offer(Letter("b"))
            deliveries.offer(Letter("c"))
            await office.until(lambda: sum(office.attempts.values()) >= 2)
    assert office.ended["lost"] == 3
    assert not deliveries.offer(Letter("late"))


async def test_closing_gives_up_what_takes_longer_than_it_may() -> None:
    office = Office()
    office.holds["a"] = asyncio.Event()
    async with _deliveries(office, flush_s=0.01) as deliveries:
        deliveries.offer(Letter("a"))
    assert office.n_running == 0
    assert office.ended == {"lost": 1}
