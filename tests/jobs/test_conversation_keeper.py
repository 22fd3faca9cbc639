"""What players say is remembered off the event loop, for other servers too, and never waited for too long."""

import asyncio
import threading
from collections.abc import AsyncIterator, Iterator
from contextlib import AsyncExitStack, asynccontextmanager, closing
from pathlib import Path

import psycopg
import pytest

from tests.jobs.fakes import DirectThreads
from tests.memory.talking import PATIENT
from vrbridge.errors import SettingsError, Unavailable
from vrbridge.jobs.conversation_keeper import ConversationKeeper, ConversationMemory
from vrbridge.jobs.kind import Asker
from vrbridge.memory.conversations import Conversations, Turn
from vrbridge.memory.postgres_conversations import PostgresConversations
from vrbridge.scheduling.ordered_threads import OrderedThreads


def ann(session: str = "s1", id: int = 1) -> Asker:
    return Asker(session, "ann", id)


async def talk(keeper: ConversationKeeper, said: str, answer: str, asker: Asker) -> tuple[Turn, ...]:
    """Say something, and return what was remembered before."""
    turn = await keeper.begin(asker, npc="smith", said=said)
    await keeper.finish(turn, answer)
    return turn.earlier


class Slow:
    """A keeper whose threads are too slow when they are told to be."""

    def __init__(self, memory: ConversationMemory) -> None:
        self.threads = DirectThreads()
        self.losses: list[str] = []
        self.keeper = ConversationKeeper(memory, self.threads, on_lost=self.losses.append)


@pytest.fixture
def slow(tmp_path: Path) -> Iterator[Slow]:
    with closing(Conversations(tmp_path / "c.sqlite3", max_turns=5)) as memory:
        yield Slow(memory)


async def test_what_takes_too_long_is_lost_and_counted_and_the_answer_goes_on(slow: Slow) -> None:
    await talk(slow.keeper, "Hi", "Hm.", ann())
    begun = await slow.keeper.begin(ann(id=2), npc="smith", said="A sword!")
    slow.threads.is_slow = True
    await slow.keeper.finish(begun, "Forty silver.")
    await slow.keeper.heard(session="s1", player="ann", request_id=1, characters=1)
    lost = await slow.keeper.begin(ann(id=3), npc="smith", said="Lost.")
    assert lost.earlier == ()
    assert slow.losses == ["conversations"] * 3
    slow.threads.is_slow = False
    # It has no number to be kept under.
    await slow.keeper.finish(lost, "Lost, too.")
    assert await talk(slow.keeper, "Again?", "Yes.", ann(id=4)) == (Turn("Hi", "Hm."), Turn("A sword!", ""))
    assert len(slow.losses) == 3


async def test_who_can_not_be_forgotten_in_time_is_told(slow: Slow) -> None:
    await talk(slow.keeper, "Hi", "Hm.", ann())
    slow.threads.is_slow = True
    with pytest.raises(Unavailable):
        await slow.keeper.forget(player="ann", session=None)
    slow.threads.is_slow = False
    assert await slow.keeper.forget(player="ann", session="s2") == 0
    assert await slow.keeper.forget(player="ann", session="s1") == 1


async def test_a_memory_that_can_not_be_used_is_told_of_at_the_start(tmp_path: Path) -> None:
    memory = PostgresConversations(f"postgresql://ann@/vr?host={tmp_path}", max_turns=5)
    with pytest.raises(SettingsError):
        await ConversationKeeper(memory, DirectThreads()).open()


@asynccontextmanager
async def gateway(url: str) -> AsyncIterator[ConversationKeeper]:
    """What a server process has of its own: threads, connections and a keeper."""
    async with OrderedThreads(4, name="conversations") as threads:
        keeper = ConversationKeeper(PostgresConversations(url, max_turns=50, bounds=PATIENT), threads)
        await keeper.open()
        try:
            yield keeper
        finally:
            await keeper.close()


@pytest.fixture
async def gateways(postgres_url: str) -> AsyncIterator[tuple[ConversationKeeper, ConversationKeeper]]:
    async with gateway(postgres_url) as one, gateway(postgres_url) as other:
        yield one, other


async def test_what_a_player_said_through_one_gateway_another_one_recalls(
    gateways: tuple[ConversationKeeper, ConversationKeeper],
) -> None:
    one, other = gateways
    await talk(one, "Hi", "Good day.", ann("s1"))
    assert await talk(other, "Me again", "I see.", ann("s2")) == (Turn("Hi", "Good day."),)
    await other.heard(session="s1", player="ann", request_id=1, characters=4)
    assert await talk(one, "And now?", "", ann("s3")) == (Turn("Hi", "Good"), Turn("Me again", "I see."))
    assert await other.forget(player="ann", session=None) == 3
    assert await talk(one, "Who am I?", "", ann("s4")) == ()


async def test_players_who_talk_through_two_gateways_at_once_all_keep_their_turns_in_order(
    gateways: tuple[ConversationKeeper, ConversationKeeper],
) -> None:
    n_players, n_turns = 6, 5

    async def play(n: int) -> None:
        for id in range(n_turns):
            # Each turn through the other one.
            earlier = await talk(gateways[(n + id) % 2], f"{n} {id}", f"so {id}", Asker(f"s{n}", f"p{n}", id))
            assert earlier == tuple(Turn(f"{n} {k}", f"so {k}") for k in range(id))

    await asyncio.gather(*(play(n) for n in range(n_players)))


async def test_the_last_of_many_reports_of_one_player_wins(
    gateways: tuple[ConversationKeeper, ConversationKeeper],
) -> None:
    keeper, _ = gateways
    await talk(keeper, "Hi", "x" * 100, ann())
    reports = (keeper.heard(session="s1", player="ann", request_id=1, characters=n) for n in range(1, 31))
    await asyncio.gather(*reports)
    assert await talk(keeper, "And?", "", ann(id=2)) == (Turn("Hi", "x" * 30),)


async def test_a_player_who_is_forgotten_right_after_speaking_is_forgotten(
    gateways: tuple[ConversationKeeper, ConversationKeeper],
) -> None:
    keeper, _ = gateways
    for id in range(10):
        begun, n_forgotten = await asyncio.gather(
            keeper.begin(ann(id=id), npc="smith", said="My secret"), keeper.forget(player="ann", session=None)
        )
        assert (begun.earlier, n_forgotten) == ((), 1)


async def test_the_event_loop_goes_on_while_the_database_does_not(postgres_url: str) -> None:
    losses: list[str] = []
    is_held = threading.Event()
    async with AsyncExitStack() as stack:
        threads = await stack.enter_async_context(OrderedThreads(2, max_wait_s=0.3))
        memory = PostgresConversations(postgres_url, max_turns=5, bounds=PATIENT)
        keeper = ConversationKeeper(memory, threads, on_lost=losses.append)
        await keeper.open()
        stack.push_async_callback(keeper.close)
        lock = await asyncio.to_thread(lambda: psycopg.connect(postgres_url))
        with closing(lock):
            await asyncio.to_thread(lambda: lock.execute("LOCK TABLE vrbridge_turns"))
            beginning = asyncio.create_task(keeper.begin(ann(), npc="smith", said="Hi"))
            asyncio.get_running_loop().call_soon(is_held.set)
            turn = await beginning
            assert is_held.is_set()
        assert (turn.number, turn.earlier, losses) == (None, (), ["conversations"])
