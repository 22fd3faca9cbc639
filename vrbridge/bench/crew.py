"""The processes in which the players are."""

import asyncio
import contextlib
import sys
from asyncio.subprocess import PIPE, Process
from collections.abc import AsyncIterator, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import IO, Any, TypeVar

import msgspec

from vrbridge.bench.player_process import RECORDING, Order, Reply
from vrbridge.bench.recording import Recording, merged
from vrbridge.bench.scenario import Phase
from vrbridge.bench.troupe import Cast
from vrbridge.errors import Unavailable

T = TypeVar("T")

_SLACK_S = 60.0
"""A process that has more to do than it can may end a phase so much late."""
_CONNECT_S = 300.0
_STOP_S = 10.0


class Crew:
    """Processes that do the same at the same time; made by `crew`."""

    def __init__(self, members: Sequence["_Member"]) -> None:
        self._members = members

    @property
    def pids(self) -> list[int]:
        """Process ids."""
        return [member.process.pid for member in self._members]

    async def enter(self, on_connected: Callable[[int], None]) -> None:
        """Connect everybody.

        Args:
            on_connected: Called with how many are.

        Raises:
            Unavailable: If the server does not let them in.
        """
        counts = [0] * len(self._members)
        for member in self._members:
            member.tell(Order(what="enter"))

        async def follow(number: int, member: _Member) -> None:
            while counts[number] < member.n_players:
                counts[number] = (await member.reply("connected", within_s=_CONNECT_S)).n
                on_connected(sum(counts))

        await _all(*(follow(number, member) for number, member in enumerate(self._members)))

    async def act(self, phase: Phase, *, start: float) -> tuple[int, float]:
        """Go through a phase; return how many materials came, and their generators' seconds.

        Raises:
            Unavailable: If a process has ended.
        """
        for member in self._members:
            member.tell(Order(what="act", phase=phase, start=start))
        replies = await _all(
            *(member.reply("acted", within_s=phase.seconds + _SLACK_S) for member in self._members)
        )
        return sum(reply.n for reply in replies), sum(reply.work_s for reply in replies)

    async def end(self, *, within_s: float) -> Recording:
        """Have everybody leave, and return what they noted.

        Args:
            within_s: How long to wait for what is under way.

        Raises:
            Unavailable: If a process has ended.
        """
        for member in self._members:
            member.tell(Order(what="end", within_s=within_s))
        await _all(*(member.reply("ended", within_s=within_s + _SLACK_S) for member in self._members))
        return merged(member.recording() for member in self._members)


class _Member:
    def __init__(self, process: Process, *, n_players: int, cast: Path) -> None:
        self.process = process
        self.n_players = n_players
        self._cast = cast

    def tell(self, order: Order) -> None:
        assert self.process.stdin is not None
        self.process.stdin.write(msgspec.json.encode(order) + b"\n")

    async def reply(self, what: str, *, within_s: float) -> Reply:
        assert self.process.stdout is not None
        line = b""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(within_s):
                line = await self.process.stdout.readline()
        if not line:
            raise Unavailable("A process with players has ended, or stands still; its log says why.")
        reply = msgspec.json.decode(line, type=Reply)
        if reply.what != what:
            raise Unavailable(f"The players can't go on. {reply.reason}".strip())
        return reply

    def recording(self) -> Recording:
        content = self._cast.with_suffix(RECORDING).read_bytes()
        return msgspec.msgpack.decode(content, type=Recording)


@asynccontextmanager
async def crew(casts: Sequence[Cast], folder: Path, log: IO[bytes]) -> AsyncIterator[Crew]:
    """Start a process for each cast, and end all of them.

    Args:
        casts: Who plays in which process.
        folder: For what goes to and fro.
        log: Takes what the processes say besides.
    """
    members: list[_Member] = []
    try:
        for number, cast in enumerate(casts):
            members.append(
                await _member(_written(cast, folder / f"cast-{number}.json"), len(cast.players), log)
            )
        yield Crew(members)
    finally:
        await asyncio.gather(*(_stop(member.process) for member in members))


def _written(cast: Cast, path: Path) -> Path:
    path.write_bytes(msgspec.json.encode(cast))
    return path


async def _member(cast: Path, n_players: int, log: IO[bytes]) -> _Member:
    command = [sys.executable, "-m", "vrbridge.bench.player_process", str(cast)]
    process = await asyncio.create_subprocess_exec(*command, stdin=PIPE, stdout=PIPE, stderr=log)
    return _Member(process, n_players=n_players, cast=cast)


async def _stop(process: Process) -> None:
    assert process.stdin is not None
    process.stdin.close()
    try:
        async with asyncio.timeout(_STOP_S):
            await process.wait()
    except TimeoutError:
        process.kill()
        await process.wait()


async def _all(*work: Coroutine[Any, Any, T]) -> list[T]:
    """Return the results of work that is done at the same time; the first failure ends the rest."""
    try:
        async with asyncio.TaskGroup() as group:
            tasks = [group.create_task(part) for part in work]
    except* Unavailable as failures:
        failure = failures.exceptions[0]
    else:
        return [task.result() for task in tasks]
    raise failure
