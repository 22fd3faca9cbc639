"""Conversations, reached without blocking the event loop."""

import logging
import sqlite3
from dataclasses import dataclass

from vrbridge.errors import SettingsError, Unavailable
from vrbridge.jobs.asset_keeper import Disk
from vrbridge.jobs.kind import Asker
from vrbridge.memory.conversations import Conversations, Turn

_log = logging.getLogger(__name__)


@dataclass(frozen=True, slots=True)
class OpenTurn:
    """A turn that is being answered.

    Args:
        number: None: it can't be kept.
        earlier: Turns before it, oldest first.
    """

    number: int | None
    earlier: tuple[Turn, ...]


class ConversationKeeper:
    """Remembers turns; every method may be awaited by any job.

    Args:
        conversations: The memory.
        disk: One thread, which all calls are made on.
        max_recalled: Turns that a prompt may use.
    """

    def __init__(self, conversations: Conversations, disk: Disk, *, max_recalled: int = 40) -> None:
        self._conversations = conversations
        self._disk = disk
        self._max_recalled = max_recalled

    async def open(self) -> None:
        """Open the memory, so that a damaged one is noticed at the start.

        Raises:
            SettingsError: If it can't be used, or another program keeps it locked.
        """
        try:
            await self._disk.run(self._conversations.open)
        except sqlite3.Error as error:
            raise SettingsError(
                f"The conversations in the data folder can't be opened: {error}. Its disk may be full, or "
                "another program may use it."
            ) from error

    async def close(self) -> None:
        """Close the memory."""
        await self._disk.run(self._conversations.close)

    async def begin(self, asker: Asker, *, npc: str, said: str) -> OpenTurn:
        """Remember what the player says, and return what was said before."""
        return await self._disk.run(self._begin, asker, npc, said)

    async def finish(self, turn: OpenTurn, answer: str) -> None:
        """Remember what was answered, also if only a part of it was."""
        if turn.number is not None:
            await self._disk.run(self._conversations.finish, turn.number, answer)

    async def heard(self, *, session: str, player: str, request_id: int, characters: int) -> None:
        """Cut a remembered answer to what the player heard."""
        await self._disk.run(self._heard, session, player, request_id, characters)

    async def forget(self, *, player: str, session: str | None) -> int:
        """Erase a player's turns, of one session or of all; return how many.

        Raises:
            Unavailable: If they can't be erased now.
        """
        try:
            return await self._disk.run(self._forget, player, session)
        except sqlite3.Error as error:
            _log.warning("Conversations were not erased: %s", error)
            raise Unavailable("What was said can't be erased at present; try again.") from error

    def _begin(self, asker: Asker, npc: str, said: str) -> OpenTurn:
        earlier = self._conversations.recall(player=asker.player, npc=npc, limit=self._max_recalled)
        number = self._conversations.begin(
            player=asker.player, npc=npc, session=asker.session, request_id=asker.request_id, said=said
        )
        return OpenTurn(number, tuple(earlier))

    def _heard(self, session: str, player: str, request_id: int, characters: int) -> None:
        self._conversations.heard(
            player=player, session=session, request_id=request_id, characters=characters
        )

    def _forget(self, player: str, session: str | None) -> int:
        return self._conversations.forget(player=player, session=session)
