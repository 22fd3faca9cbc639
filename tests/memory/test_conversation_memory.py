"""Turns are kept for one player and one character, and cut to what was heard, wherever they are kept."""

import threading
from collections.abc import Iterator
from contextlib import ExitStack, closing
from functools import partial
from pathlib import Path
from typing import Protocol

import pytest

from tests.memory.talking import PATIENCE_S, PATIENT, recall, talk, together
from vrbridge.jobs.conversation_keeper import ConversationMemory
from vrbridge.memory.conversations import Conversations, Turn
from vrbridge.memory.postgres_conversations import PostgresConversations

_MAX_TURNS = 3


class Opening(Protocol):
    """Opens what earlier ones have written, as another server, or the same one after a restart."""

    def __call__(self) -> ConversationMemory: ...


@pytest.fixture(params=["sqlite", "postgres"])
def opening(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Opening]:
    if request.param == "sqlite":
        file = tmp_path / "data" / "c.sqlite3"

        def made() -> ConversationMemory:
            return Conversations(file, max_turns=_MAX_TURNS, busy_timeout_s=60)
    else:
        url = request.getfixturevalue("postgres_url")

        def made() -> ConversationMemory:
            return PostgresConversations(url, max_turns=_MAX_TURNS, bounds=PATIENT)

    with ExitStack() as stack:
        yield lambda: stack.enter_context(closing(made()))


@pytest.fixture
def memory(opening: Opening) -> ConversationMemory:
    return opening()


def test_turns_come_back_oldest_first(memory: ConversationMemory) -> None:
    talk(memory, "Hi", "Hm.", id=1)
    talk(memory, "A sword!", "Forty silver.", id=2)
    assert recall(memory) == [Turn("Hi", "Hm."), Turn("A sword!", "Forty silver.")]
    assert memory.recall(player="ann", npc="smith", limit=1) == [Turn("A sword!", "Forty silver.")]


def test_players_and_characters_have_memories_of_their_own(memory: ConversationMemory) -> None:
    talk(memory, "My secret", "Safe.")
    assert recall(memory, player="bob") == []
    assert recall(memory, npc="merchant") == []


def test_a_restart_forgets_nothing(opening: Opening) -> None:
    memory = opening()
    talk(memory, "Hi", "Hm.")
    memory.close()
    assert recall(opening()) == [Turn("Hi", "Hm.")]


def test_a_closed_memory_can_be_opened_again(memory: ConversationMemory) -> None:
    memory.open()
    talk(memory, "Hi", "Hm.")
    memory.close()
    memory.open()
    assert recall(memory) == [Turn("Hi", "Hm.")]


def test_the_oldest_turns_go(memory: ConversationMemory) -> None:
    for id in range(6):
        talk(memory, f"said {id}", "", id=id)
    talk(memory, "other", "", npc="merchant", id=6)
    assert [turn.said for turn in recall(memory)] == ["said 3", "said 4", "said 5"]
    assert len(recall(memory, npc="merchant")) == 1


def test_an_answer_that_never_came_leaves_the_words_of_the_player(memory: ConversationMemory) -> None:
    memory.begin(player="ann", npc="smith", session="s1", request_id=1, said="Hi")
    assert recall(memory) == [Turn("Hi", "")]


def test_heard_counts_code_points_and_may_come_before_the_answer(memory: ConversationMemory) -> None:
    turn = memory.begin(player="ann", npc="smith", session="s1", request_id=5, said="Hi")
    assert turn is not None
    memory.heard(player="ann", session="s1", request_id=5, characters=3)
    memory.finish(turn, "🔨ü\0Gott")
    assert recall(memory) == [Turn("Hi", "🔨ü\0")]


def test_any_text_comes_back_as_it_was(memory: ConversationMemory) -> None:
    odd = "\0a\x100\x10\x10\n'\"%s\\x00 {} \u202e🗡️ ｆ"
    talk(memory, odd, odd[::-1], player=odd, npc=odd, session=odd)
    assert recall(memory, player=odd, npc=odd) == [Turn(odd, odd[::-1])]
    memory.heard(player=odd, session=odd, request_id=1, characters=3)
    assert recall(memory, player=odd, npc=odd) == [Turn(odd, odd[::-1][:3])]
    assert memory.forget(player=odd, session=odd) == 1


def test_the_latest_heard_wins(memory: ConversationMemory) -> None:
    talk(memory, "Hi", "Good day.", id=5)
    memory.heard(player="ann", session="s1", request_id=5, characters=2)
    memory.heard(player="ann", session="s1", request_id=5, characters=400)
    assert recall(memory) == [Turn("Hi", "Good day.")]
    memory.heard(player="ann", session="s1", request_id=5, characters=0)
    assert recall(memory) == [Turn("Hi", "")]


def test_nobody_cuts_what_others_heard(memory: ConversationMemory) -> None:
    talk(memory, "Hi", "Good day.", id=5)
    memory.heard(player="bob", session="s1", request_id=5, characters=0)
    memory.heard(player="ann", session="s2", request_id=5, characters=0)
    memory.heard(player="ann", session="s1", request_id=6, characters=0)
    assert recall(memory) == [Turn("Hi", "Good day.")]


def test_forgetting_a_session_leaves_the_others(memory: ConversationMemory) -> None:
    talk(memory, "one", "", session="s1", id=1)
    talk(memory, "two", "", session="s2", id=1)
    talk(memory, "three", "", player="bob", session="s3", id=1)
    assert memory.forget(player="ann", session="s1") == 1
    assert [turn.said for turn in recall(memory)] == ["two"]
    assert memory.forget(player="ann") == 1
    assert memory.forget(player="ann") == 0
    assert len(recall(memory, player="bob")) == 1


def test_an_answer_to_forgotten_words_is_not_kept(memory: ConversationMemory) -> None:
    turn = memory.begin(player="ann", npc="smith", session="s1", request_id=1, said="Hi")
    assert turn is not None
    memory.forget(player="ann")
    memory.finish(turn, "Too late.")
    assert recall(memory) == []


def test_what_one_server_is_told_another_one_knows(opening: Opening) -> None:
    one, other = opening(), opening()
    talk(one, "Hi", "Good day.", id=1)
    talk(other, "Me again", "I see.", session="s2", id=1)
    assert recall(one) == recall(other) == [Turn("Hi", "Good day."), Turn("Me again", "I see.")]
    other.heard(player="ann", session="s1", request_id=1, characters=4)
    assert recall(one)[0] == Turn("Hi", "Good")
    assert one.forget(player="ann") == 2
    assert recall(other) == []


def test_servers_that_write_at_once_lose_nothing_and_keep_the_bound(opening: Opening) -> None:
    n_servers, n_turns = 4, 12
    start = threading.Barrier(n_servers)
    kept: list[list[int | None]] = [[] for _ in range(n_servers)]
    own: list[list[Turn]] = [[] for _ in range(n_servers)]

    def write(server: int, memory: ConversationMemory) -> None:
        memory.open()
        start.wait(PATIENCE_S)
        for id in range(n_turns):
            kept[server].append(
                memory.begin(player="ann", npc="smith", session=f"s{server}", request_id=id, said=f"{server}")
            )
            talk(memory, f"{id}", "", player=f"p{server}", id=id)
        own[server] = recall(memory, player=f"p{server}")
        memory.close()

    together([partial(write, server, opening()) for server in range(n_servers)])
    numbers = [number for numbers in kept for number in numbers]
    assert None not in numbers
    assert len(set(numbers)) == n_servers * n_turns
    memory = opening()
    assert len(recall(memory)) == _MAX_TURNS
    for turns in own:
        assert [turn.said for turn in turns] == [str(id) for id in range(n_turns)][-_MAX_TURNS:]
