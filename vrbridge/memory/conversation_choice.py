"""Which memory of conversations the settings name."""

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from vrbridge.errors import SettingsError
from vrbridge.memory.conversations import Conversations
from vrbridge.settings import MemorySettings

if TYPE_CHECKING:
    from vrbridge.memory.postgres_conversations import PostgresConversations

INSTALL = "pip install 'vrbridge[postgres]'"


def chosen(
    settings: MemorySettings, folder: Path, *, on_lost: Callable[[str], None] = lambda part: None
) -> "Conversations | PostgresConversations":
    """Return the memory; nothing is opened.

    Args:
        settings: The settings.
        folder: For the file, if it is one.
        on_lost: Called with `conversations` for each thing that can't be kept or recalled.

    Raises:
        SettingsError: If it can't work as it is set.
    """
    if settings.url is None:
        return Conversations(folder / "conversations.sqlite3", max_turns=settings.max_turns, on_lost=on_lost)
    # Here and not on top: only some have the package.
    try:
        from vrbridge.memory.postgres_conversations import PostgresConversations
    except ImportError as error:
        raise SettingsError(f"`memory.url` needs a package that is not here: `{INSTALL}`.") from error
    return PostgresConversations(
        settings.url, max_turns=settings.max_turns, n_callers=settings.connections, on_lost=on_lost
    )
