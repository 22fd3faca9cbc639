"""The settings say where conversations are kept, and what is missing for that is told."""

import subprocess
import sys
from pathlib import Path

import pytest

from vrbridge.errors import SettingsError
from vrbridge.memory.conversation_choice import chosen
from vrbridge.memory.conversations import Conversations
from vrbridge.memory.postgres_conversations import PostgresConversations
from vrbridge.settings import MemorySettings

_WITHOUT = """
import sys
sys.modules["psycopg"] = None
from pathlib import Path
from vrbridge.errors import SettingsError
from vrbridge.memory.conversation_choice import chosen
from vrbridge.settings import MemorySettings
chosen(MemorySettings(), Path("."))
try:
    chosen(MemorySettings(url="postgresql://ann:hunter2@db/vr"), Path("."))
except SettingsError as error:
    print(error)
"""


def test_without_an_address_they_are_in_a_file(tmp_path: Path) -> None:
    memory = chosen(MemorySettings(), tmp_path)
    assert isinstance(memory, Conversations)
    memory.open()
    memory.close()
    assert (tmp_path / "conversations.sqlite3").is_file()


def test_with_an_address_they_are_there_with_the_bound_of_the_settings(
    tmp_path: Path, postgres_url: str
) -> None:
    memory = chosen(MemorySettings(url=postgres_url, max_turns=2), tmp_path)
    assert isinstance(memory, PostgresConversations)
    memory.open()
    for id in range(5):
        memory.begin(player="ann", npc="smith", session="s", request_id=id, said=f"{id}")
    assert [turn.said for turn in memory.recall(player="ann", npc="smith", limit=9)] == ["3", "4"]
    memory.close()
    assert list(tmp_path.iterdir()) == []


def test_an_address_that_can_not_be_read_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match="begins with postgresql://"):
        chosen(MemorySettings(url="mysql://db/vr"), tmp_path)


def test_a_package_that_is_missing_is_told_of_with_how_to_get_it() -> None:
    command = [sys.executable, "-c", _WITHOUT]
    ended = subprocess.run(command, capture_output=True, text=True, timeout=100, check=True)
    assert "pip install 'vrbridge[postgres]'" in ended.stdout
    assert "hunter2" not in ended.stdout + ended.stderr
