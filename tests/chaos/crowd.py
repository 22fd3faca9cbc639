"""Players in a process of their own, told what to do line by line.

Run as `python -m tests.chaos.crowd URL N`: says `ready` once all are connected; then each line of standard
input, a JSON object with `kind` and `steps`, is asked by every player, and their tally is the answer's line.
"""

import asyncio
import json
import os
import signal
import sys
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import asdict

from tests.chaos.player import Player, Step, Tally, player

_AT_ONCE = 50
"""Connections that are opened at a time."""
_GIVE_UP_S = 300.0


class Crowd:
    """The process, as its owner sees it.

    Args:
        process: Has said that it is ready.
    """

    def __init__(self, process: asyncio.subprocess.Process) -> None:
        self._process = process

    async def ask(self, kind: str, steps: Sequence[Step]) -> None:
        """Have every player ask this."""
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"kind": kind, "steps": steps}).encode() + b"\n")
        await self._process.stdin.drain()

    async def tally(self) -> Tally:
        """Return what all players have seen so far, once the oldest question has ended for all of them."""
        assert self._process.stdout is not None
        line = await self._process.stdout.readline()
        assert line, "the players' process ended; its standard error says why"
        told = json.loads(line)
        return Tally(**(told | {"failed": Counter(told["failed"])}))

    def suspend(self) -> None:
        """Stop the process where it is, as a headset that is taken off does."""
        os.kill(self._process.pid, signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on."""
        os.kill(self._process.pid, signal.SIGCONT)


@asynccontextmanager
async def crowd(url: str, n_players: int, *, name: str = "player") -> AsyncIterator[Crowd]:
    """Start players and wait until all are connected; they leave at the end."""
    process = await asyncio.create_subprocess_exec(
        sys.executable,
        "-m",
        "tests.chaos.crowd",
        url,
        str(n_players),
        name,
        stdin=asyncio.subprocess.PIPE,
        stdout=asyncio.subprocess.PIPE,
        limit=1 << 24,
    )
    assert process.stdin is not None
    assert process.stdout is not None
    try:
        assert await process.stdout.readline() == b"ready\n"
        yield Crowd(process)
        process.stdin.close()
        await process.wait()
    finally:
        if process.returncode is None:
            process.kill()
            await process.wait()


async def _ask_all(players: Sequence[Player], kind: str, steps: Sequence[Step]) -> Tally:
    await asyncio.gather(*(one.ask(kind, steps) for one in players))
    total = Tally()
    for one in players:
        total.add(one.tally)
    return total


async def _play(url: str, n_players: int, name: str) -> None:
    loop = asyncio.get_running_loop()
    door = asyncio.Semaphore(_AT_ONCE)
    async with AsyncExitStack() as stack:

        async def join(number: int) -> Player:
            async with door:
                joining = player(url, f"{name}-{number}", connect_timeout_s=20.0, give_up_s=_GIVE_UP_S)
                return await stack.enter_async_context(joining)

        players = await asyncio.gather(*(join(number) for number in range(n_players)))
        print("ready", flush=True)
        while line := await loop.run_in_executor(None, sys.stdin.readline):
            wanted = json.loads(line)
            steps = [(step, value) for step, value in wanted["steps"]]
            print(json.dumps(asdict(await _ask_all(players, wanted["kind"], steps))), flush=True)


if __name__ == "__main__":
    asyncio.run(_play(sys.argv[1], int(sys.argv[2]), sys.argv[3]))
