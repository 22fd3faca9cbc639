"""Turns in a file: what is erased is gone, and damage, locks and full disks cost no answer."""

import sqlite3
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.memory.talking import recall, talk
from tests.small_disk import small_disk
from vrbridge.errors import SettingsError, Unavailable
from vrbridge.memory.conversations import Conversations, Turn


@pytest.fixture
def memory(tmp_path: Path) -> Iterator[Conversations]:
    conversations = Conversations(tmp_path / "data" / "c.sqlite3", max_turns=3)
    yield conversations
    conversations.close()


def test_forgotten_words_are_nowhere_in_the_files(memory: Conversations, tmp_path: Path) -> None:
    talk(memory, "the treasure lies under the oak", "I keep it to myself.")
    memory.forget(player="ann")
    for file in (tmp_path / "data").iterdir():
        assert b"treasure" not in file.read_bytes()


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
    with pytest.raises(Unavailable):
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
        with pytest.raises(SettingsError, match="disk may be full"):
            memory.open()
        assert memory.begin(player="ann", npc="smith", session="s1", request_id=1, said="Hi") is None
        disk.free()
        talk(memory, "Hi", "Hm.")
        assert recall(memory) == [Turn("Hi", "Hm.")]
        memory.close()
