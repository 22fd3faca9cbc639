"""What is remembered of a player can be cut and erased, words and assets together."""

import sqlite3
from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.jobs.fakes import DirectDisk, DirectThreads
from vrbridge.errors import Unavailable
from vrbridge.jobs.asset_keeper import AssetKeeper
from vrbridge.jobs.conversation_keeper import ConversationKeeper
from vrbridge.jobs.kind import Asker
from vrbridge.jobs.remembrance import Remembrance
from vrbridge.memory.asset_store import AssetStore
from vrbridge.memory.conversations import Conversations
from vrbridge.memory.result_cache import Owner, ResultCache


class Bench:
    """Conversations and assets of one server."""

    def __init__(self, folder: Path) -> None:
        store = AssetStore(folder / "assets", max_bytes=1000)
        self.assets = AssetKeeper(store, ResultCache(folder / "results", store), DirectDisk())
        memory = Conversations(folder / "c.sqlite3", max_turns=5, busy_timeout_s=0.0)
        self.conversations = ConversationKeeper(memory, DirectThreads())
        self.remembrance = Remembrance(self.conversations, self.assets)

    async def talk(self, player: str, session: str) -> None:
        turn = await self.conversations.begin(Asker(session, player, 1), npc="smith", said="Hi")
        await self.conversations.finish(turn, "Good day.")

    async def make(self, player: str, session: str) -> None:
        asset = await self.assets.keep("lod0", "model/gltf-binary", f"{player} {session}".encode(), {})
        await self.assets.remember(f"{player}-{session}", [asset], {}, Owner(player, session))

    async def said(self, player: str) -> list[tuple[str, str]]:
        turn = await self.conversations.begin(Asker("probe", player, 9), npc="smith", said="?")
        return [(earlier.said, earlier.answer) for earlier in turn.earlier if earlier.said != "?"]


@pytest.fixture
async def bench(tmp_path: Path) -> AsyncIterator[Bench]:
    bench = Bench(tmp_path)
    await bench.conversations.open()
    yield bench
    await bench.conversations.close()


async def test_heard_cuts_an_answer(bench: Bench) -> None:
    await bench.talk("ann", "s1")
    await bench.remembrance.heard(session="s1", player="ann", request_id=1, characters=4)
    assert await bench.said("ann") == [("Hi", "Good")]


async def test_a_forgotten_session_takes_its_words_and_assets_along(bench: Bench) -> None:
    for player, session in (("ann", "s1"), ("ann", "s2"), ("bob", "s3")):
        await bench.talk(player, session)
        await bench.make(player, session)
    assert await bench.remembrance.forget(scope="session", session="s1", player="ann") == 2
    assert await bench.remembrance.forget(scope="player", session="s1", player="ann") == 2
    assert await bench.remembrance.forget(scope="player", session="s1", player="ann") == 0
    assert await bench.said("bob") == [("Hi", "Good day.")]


async def test_what_can_not_be_erased_now_is_said(bench: Bench, tmp_path: Path) -> None:
    await bench.talk("ann", "s1")
    other = sqlite3.connect(tmp_path / "c.sqlite3")
    other.execute("BEGIN IMMEDIATE")
    with pytest.raises(Unavailable):
        await bench.remembrance.forget(scope="player", session="s1", player="ann")
    other.close()
    assert await bench.remembrance.forget(scope="player", session="s1", player="ann") == 1
