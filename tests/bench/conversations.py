"""`python -m tests.bench.conversations`: what remembering a turn costs, in a file and in PostgreSQL."""

import asyncio
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final

from rich.console import Console

from tests.bench.figures import Figure, show
from tests.postgres_server import postgres_server
from vrbridge.jobs.conversation_keeper import ConversationKeeper, ConversationMemory
from vrbridge.jobs.kind import Asker
from vrbridge.memory.conversations import Conversations
from vrbridge.memory.postgres_conversations import PostgresConversations
from vrbridge.scheduling.ordered_threads import OrderedThreads

_N_THREADS: Final = 4
_N_TURNS: Final = 640
_N_WARM: Final = 20
_MAX_TURNS: Final = 200
_SAID: Final = "Good day! What would a sword cost that is fit for the road to the mountains?"
_ANSWER: Final = "Forty silver, and not a coin less. " * 4


@asynccontextmanager
async def opened(memory: ConversationMemory, n_threads: int) -> AsyncIterator[ConversationKeeper]:
    """Open a memory as the server does."""
    async with OrderedThreads(n_threads) as threads:
        keeper = ConversationKeeper(memory, threads)
        await keeper.open()
        try:
            yield keeper
        finally:
            await keeper.close()


async def turn_ms(keeper: ConversationKeeper, n_players: int) -> list[float]:
    """Return what each of many turns took, from before it is recalled until its answer is kept."""
    took: list[float] = []

    async def play(player: int) -> None:
        for id in range(_N_TURNS // n_players):
            begun = time.perf_counter()
            asker = Asker(f"s{n_players}-{player}", f"p{n_players}-{player}", id)
            turn = await keeper.begin(asker, npc="smith", said=_SAID)
            assert turn.number is not None
            await keeper.finish(turn, _ANSWER)
            took.append(1e3 * (time.perf_counter() - begun))

    await asyncio.gather(*(play(player) for player in range(n_players)))
    return took[_N_WARM:]


async def figures(name: str, memory: ConversationMemory, n_threads: int) -> list[Figure]:
    """Return the figures of one memory."""
    made = []
    async with opened(memory, n_threads) as keeper:
        for n_players in (1, 32):
            started = time.perf_counter()
            took = await turn_ms(keeper, n_players)
            rate_hz = _N_TURNS / (time.perf_counter() - started)
            players = "one player" if n_players == 1 else f"{n_players} players at once"
            made.append(
                Figure(f"a turn in {name}, {players}", took, "ms", note=f"{rate_hz:.0f} turns a second")
            )
    return made


async def main() -> None:
    """Measure and print."""
    with TemporaryDirectory() as folder, postgres_server() as server, server.database("bench") as url:
        file = Conversations(Path(folder) / "c.sqlite3", max_turns=_MAX_TURNS)
        shared = PostgresConversations(url, max_turns=_MAX_TURNS, n_callers=_N_THREADS)
        measured = [
            *await figures("a file", file, 1),
            *await figures("PostgreSQL", shared, _N_THREADS),
        ]
    show(measured, Console(), title="From before a turn is recalled until its answer is kept")


if __name__ == "__main__":
    asyncio.run(main())
