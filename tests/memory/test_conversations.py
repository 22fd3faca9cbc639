"""Turns are kept for one player and one character, and cut to what was heard."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.small_disk import small_disk
from vrbridge.memory.conversations import Conversations, Turn


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Conversations]:
    conversations = Conversations(tmp_path / "data" / "c.sqlite3", max_turns=3)
    yield conversations
    conversations.close()


def talk(
    memory: Conversations,
    said: str,
    answer: str,
    *,
    player: str = "ann",
    npc: str = "smith",
    session: str = "s1",
    id: int = 1,
) -> None:
    turn = memory.begin(player=player, npc=npc, session=session, request_id=id, said=said)
    assert turn is not None
    memory.finish(turn, answer)


def recall(memory: Conversations, player: str = "ann", npc: str = "smith") -> list[Turn]:
    return memory.recall(player=player, npc=npc, limit=10)


def test_turns_come_back_oldest_first(memory: Conversations) -> None:
    talk(memory, "Hi", "Hm.", id=1)
    talk(memory, "A sword!", "Forty silver.", id=2)
    assert recall(memory) == [Turn("Hi", "Hm."), Turn("A sword!", "Forty silver.")]
    assert memory.recall(player="ann", npc="smith", limit=1) == [Turn("A sword!", "Forty silver.")]


def test_players_and_characters_have_memories_of_their_own(memory: Conversations) -> None:
    talk(memory, "My secret", "Safe.")
    assert recall(memory, player="bob") == []
    assert recall(memory, npc="merchant") == []


def test_a_restart_forgets_nothing(memory: Conversations, tmp_path: Path) -> None:
    talk(memory, "Hi", "Hm.")
    memory.close()
    again = Conversations(tmp_path / "data" / "c.sqlite3", max_turns=3)
    assert recall(again) == [Turn("Hi", "Hm.")]
    again.close()


def test_the_oldest_turns_go(memory: Conversations) -> None:
    for id in range(6):
        talk(memory, f"said {id}", "", id=id)
    talk(memory, "other", "", npc="merchant", id=6)
    assert [turn.said for turn in recall(memory)] == ["said 3", "said 4", "said 5"]
    assert len(recall(memory, npc="merchant")) == 1


def test_an_answer_that_never_came_leaves_the_words_of_the_player(memory: Conversations) -> None:
    memory.begin(player="ann", npc="smith", session="s1", request_id=1, said="Hi")
    assert recall(memory) == [Turn("Hi", "")]


def test_heard_counts_code_points_and_may_come_before_the_answer(memory: Conversations) -> None:
    turn = memory.begin(player="ann", npc="smith", session="s1", request_id=5, said="Hi")
    assert turn is not None
    memory.heard(player="ann", session="s1", request_id=5, characters=3)
    memory.finish(turn, "🔨ü\0Gott")
    assert recall(memory) == [Turn("Hi", "🔨ü\0")]


def test_the_latest_heard_wins(memory: Conversations) -> None:
    talk(memory, "Hi", "Good day.", id=5)
    memory.heard(player="ann", session="s1", request_id=5, characters=2)
    memory.heard(player="ann", session="s1", request_id=5, characters=400)
    assert recall(memory) == [Turn("Hi", "Good day.")]
    memory.heard(player="ann", session="s1", request_id=5, characters=0)
    assert recall(memory) == [Turn("Hi", "")]


def test_nobody_cuts_what_others_heard(memory: Conversations) -> None:
    talk(memory, "Hi", "Good day.", id=5)
    memory.heard(player="bob", session="s1", request_id=5, characters=0)
    memory.heard(player="ann", session="s2", request_id=5, characters=0)
    memory.heard(player="ann", session="s1", request_id=6, characters=0)
    assert recall(memory) == [Turn("Hi", "Good day.")]


def test_forgetting_a_session_leaves_the_others(memory: Conversations) -> None:
    talk(memory, "one", "", session="s1", id=1)
    talk(memory, "two", "", session="s2", id=1)
    talk(memory, "three", "", player="bob", session="s3", id=1)
    assert memory.forget(player="ann", session="s1") == 1
    assert [turn.said for turn in recall(memory)] == ["two"]
    assert memory.forget(player="ann") == 1
    assert memory.forget(player="ann") == 0
    assert len(recall(memory, player="bob")) == 1


def test_forgotten_words_are_nowhere_in_the_files(memory: Conversations, tmp_path: Path) -> None:
    talk(memory, "the treasure lies under the oak", "I keep it to myself.")
    memory.forget(player="ann")
    for file in (tmp_path / "data").iterdir():
        assert b"treasure" not in file.read_bytes()


def test_an_answer_to_forgotten_words_is_not_kept(memory: Conversations) -> None:
    turn = memory.begin(player="ann", npc="smith", session="s1", request_id=1, said="Hi")
    assert turn is not None
    memory.forget(player="ann")
    memory.finish(turn, "Too late.")
    assert recall(memory) == []


@pytest.mark.parametrize("content", [b"this is no database" * 100, b"SQLite format 3\0" + b"\xff" * 5000])
def test_a_damaged_file_is_moved_aside(tmp_path: Path, content: bytes) -> None:
    file = tmp_path / "c.sqlite3"
    file.write_bytes(content)
    memory = Conversations(file, max_turns=3, clock=lambda: 77.0)
    memory.open()
    talk(memory, "Hi", "Hm.")
    assert recall(memory) == [Turn("Hi", "Hm.")]
    memory.close()
    assert (tmp_path / "c.sqlite3.unreadable-77").read_bytes() == content


def test_a_locked_database_costs_the_memory_and_not_the_answer(tmp_path: Path) -> None:
    file = tmp_path / "c.sqlite3"
    memory = Conversations(file, max_turns=3, busy_timeout_s=0.0)
    talk(memory, "Hi", "Hm.")
    other = sqlite3.connect(file)
    other.execute("BEGIN IMMEDIATE")
    assert memory.begin(player="ann", npc="smith", session="s1", request_id=2, said="lost") is None
    memory.heard(player="ann", session="s1", request_id=1, characters=1)
    assert recall(memory) == [Turn("Hi", "Hm.")]
    with pytest.raises(sqlite3.OperationalError):
        memory.forget(player="ann")
    other.close()
    memory.close()


def test_a_full_disk_costs_the_memory_and_not_the_answer_and_is_counted(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", n_bytes=1 << 20) as disk:
        losses: list[str] = []
        memory = Conversations(disk.folder / "c.sqlite3", max_turns=300, on_lost=losses.append)
        talk(memory, "Hi", "Hm.")
        disk.fill()
        lost = [
            memory.begin(player="ann", npc="smith", session="s1", request_id=n, said="x" * 2000)
            for n in range(2, 12)
        ]
        assert lost[-1] is None
        assert losses[-1] == "conversations"
        assert recall(memory)[0] == Turn("Hi", "Hm.")
        disk.free()
        talk(memory, "Again?", "Yes.", id=20)
        assert recall(memory)[-1] == Turn("Again?", "Yes.")
        assert memory.forget(player="ann") >= 2
        assert recall(memory) == []
        memory.close()


def test_a_disk_that_was_full_at_the_start_is_used_once_it_has_room(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", n_bytes=1 << 20) as disk:
        disk.fill()
        memory = Conversations(disk.folder / "c.sqlite3", max_turns=3)
        with pytest.raises(sqlite3.OperationalError):
            memory.open()
        assert memory.begin(player="ann", npc="smith", session="s1", request_id=1, said="Hi") is None
        disk.free()
        talk(memory, "Hi", "Hm.")
        assert recall(memory) == [Turn("Hi", "Hm.")]
        memory.close()
