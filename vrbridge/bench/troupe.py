"""The players of one process: connects them, and has them act."""

import asyncio
import time
from collections.abc import Callable, Coroutine, Iterable, Mapping, Sequence
from typing import Any

import msgspec

from vrbridge.bench.lag import LagMeter
from vrbridge.bench.player import Player
from vrbridge.bench.recording import DONE, Recording
from vrbridge.bench.scenario import Habits, Phase
from vrbridge.bench.schedule import schedule
from vrbridge.client.errors import CannotConnect

_N_HANDSHAKES = 16
"""Handshakes that one process has under way: more would only wait for each other."""
_LOOK_S = 0.005
_ACKNOWLEDGE_S = 0.2
_MAX_BEHIND_S = 0.5
"""Contexts that are later than this are skipped: no engine sends old ones."""


class Cast(msgspec.Struct, frozen=True, kw_only=True):
    """Who plays in one process.

    Args:
        url: Where the server is.
        players: Number → group.
        token: None where the server wants none.
        seed: Of the test.
        reads_stamps: Whether words are the moments at which they were made.
    """

    url: str
    players: dict[int, str]
    token: str | None
    seed: int
    reads_stamps: bool


class Troupe:
    """All players of one process.

    Args:
        cast: Who plays.
    """

    def __init__(self, cast: Cast) -> None:
        self.recording = Recording()
        self._cast = cast
        self._lag = LagMeter(self.recording.lags.append)
        self._players = {
            number: Player(
                number,
                cast.url,
                token=cast.token,
                seed=cast.seed,
                recording=self.recording,
                reads_stamps=cast.reads_stamps,
            )
            for number in cast.players
        }
        self._tasks: set[asyncio.Task[object]] = set()
        self._wishes: set[asyncio.Task[object]] = set()

    async def enter(self, on_connected: Callable[[int], None]) -> None:
        """Connect everybody.

        Args:
            on_connected: Called with how many are connected.

        Raises:
            CannotConnect: If the server refuses.
        """
        gate = asyncio.Semaphore(_N_HANDSHAKES)
        n_connected = 0

        async def connect(player: Player) -> None:
            nonlocal n_connected
            async with gate:
                stay = asyncio.create_task(player.link.stay(), name=f"player {player.number}")
                self._tasks.add(stay)
                welcomed = asyncio.create_task(player.link.welcomed.wait())
                await asyncio.wait({stay, welcomed}, return_when=asyncio.FIRST_COMPLETED)
                welcomed.cancel()
                if stay.done():
                    raise stay.exception() or CannotConnect("A player left before the server welcomed them.")
            n_connected += 1
            on_connected(n_connected)

        async with asyncio.TaskGroup() as group:
            for player in self._players.values():
                group.create_task(connect(player))
        self._tasks.add(asyncio.create_task(self._acknowledge(), name="acknowledgements"))
        self._tasks.add(asyncio.create_task(self._lag.run(), name="lag"))

    async def act(self, phase: Phase, *, start: float, seed: int) -> tuple[int, float]:
        """Go through a phase; return how many materials came, and their generators' seconds.

        Args:
            phase: With every rate known.
            start: When it begins, on the clock of `time.monotonic`.
            seed: Of the test.
        """
        end = start + phase.seconds
        habits = {
            number: phase.habits[group]
            for number, group in self._cast.players.items()
            if group in phase.habits
        }
        n_before = len(self.recording.asked)
        await asyncio.sleep(start - time.monotonic())
        asking = [
            self._keep(self._players[number].keep_asking(own, phase=phase.name))
            for number, own in habits.items()
            for _ in range(own.n_open)
        ]
        walking = asyncio.create_task(self._walk(habits, start, end), name="contexts")
        for act in schedule(habits, seed=seed, phase=phase.name, seconds=phase.seconds):
            wait_s = start + act.at_s - time.monotonic()
            if wait_s > 0:
                await asyncio.sleep(wait_s)
            own = habits[act.player]
            self._keep(self._players[act.player].wish(act, own, phase=phase.name, until=end))
        await walking
        await asyncio.sleep(end - time.monotonic())
        ended = [a for a in self.recording.asked[n_before:] if a.outcome == DONE and a.kind == "texture"]
        await _cancel(asking)
        return len(ended), sum(a.work_s for a in ended)

    async def finish(self, *, within_s: float) -> None:
        """Wait for what is under way, but not for ever."""
        if self._wishes:
            await asyncio.wait(self._wishes, timeout=within_s)

    async def leave(self) -> None:
        """Close every connection and end every task."""
        self.recording.n_unfinished = len(self._wishes)
        await _cancel(self._wishes)
        players: Sequence[Player] = list(self._players.values())
        for first in range(0, len(players), _N_HANDSHAKES):
            some = players[first : first + _N_HANDSHAKES]
            await asyncio.gather(*(player.link.leave() for player in some), return_exceptions=True)
        for task in self._tasks:
            task.cancel()
        for outcome in await asyncio.gather(*self._tasks, return_exceptions=True):
            if isinstance(outcome, Exception):
                self.recording.failed(f"{type(outcome).__name__}: {outcome}"[:200])

    def _keep(self, wish: Coroutine[Any, Any, object]) -> asyncio.Task[object]:
        task = asyncio.create_task(wish)
        self._wishes.add(task)
        task.add_done_callback(self._wishes.discard)
        return task

    async def _walk(self, habits: Mapping[int, Habits], start: float, end: float) -> None:
        """Send everybody's contexts, evenly spread."""
        walkers = [self._players[number] for number, own in habits.items() if own.context_hz > 0]
        rate_hz = sum(own.context_hz for own in habits.values())
        if not walkers:
            return
        n_due = 0
        while (now := time.monotonic()) < end:
            wanted = int((now - start) * rate_hz)
            n_late = wanted - n_due - int(_MAX_BEHIND_S * rate_hz)
            if n_late > 0:
                self.recording.n_contexts_skipped += n_late
                n_due += n_late
            for number in range(n_due, wanted):
                await walkers[number % len(walkers)].look()
            n_due = wanted
            await asyncio.sleep(_LOOK_S)

    async def _acknowledge(self) -> None:
        while True:
            await asyncio.sleep(_ACKNOWLEDGE_S)
            for player in self._players.values():
                if player.has_news:
                    await player.acknowledge()


async def _cancel(tasks: Iterable[asyncio.Task[object]]) -> None:
    cancelled = list(tasks)
    for task in cancelled:
        task.cancel()
    await asyncio.gather(*cancelled, return_exceptions=True)
