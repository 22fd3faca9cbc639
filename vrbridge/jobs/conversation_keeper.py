"""Conversations, reached without blocking the event loop."""

import logging
from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Protocol, TypeVar

from vrbridge.errors import Unavailable
from vrbridge.jobs.kind import Asker
from vrbridge.memory.conversations import Turn

T = TypeVar("T")

_log = logging.getLogger(__name__)


class ConversationMemory(Protocol):
    """Keeps turns; what it can't keep or recall it counts, and goes on."""

    def open(self) -> None:
        """Make sure that it can be used, or raise `SettingsError` or `OSError`."""
        ...

    def close(self) -> None:
        """Let go of what it holds, each thing after the call that needs it."""
        ...

    def recall(self, *, player: str, npc: str, limit: int) -> list[Turn]:
        """Return the latest turns, oldest first; answers are cut to what was heard."""
        ...

    def begin(self, *, player: str, npc: str, session: str, request_id: int, said: str) -> int | None:
        """Remember what a player says; return the number of the turn, or None if it can't be kept."""
        ...

    def finish(self, turn: int, answer: str) -> None:
        """Remember what a character answered; nothing happens if the turn was forgotten meanwhile."""
        ...

    def heard(self, *, player: str, session: str, request_id: int, characters: int) -> None:
        """Cut a remembered answer, finished or not, to its first code points; the latest call wins."""
        ...

    def forget(self, *, player: str, session: str | None = None) -> int:
        """Erase a player's turns and return how many, or raise `Unavailable`."""
        ...


class PlayerThreads(Protocol):
    """Runs functions off the event loop; those of one player in the order of the calls."""

    def run(self, player: str, function: Callable[..., T], /, *arguments: object) -> Awaitable[T]:
        """Return what it returns, raise what it raises, or raise `Unavailable` if it takes too long."""
        ...

    def run_patiently(self, player: str, function: Callable[..., T], /, *arguments: object) -> Awaitable[T]:
        """Do the same however long it takes."""
        ...


@dataclass(frozen=True, slots=True)
class OpenTurn:
    """A turn that is being answered.

    Args:
        player: Who speaks.
        number: None: it can't be kept.
        earlier: Turns before it, oldest first.
    """

    player: str
    number: int | None
    earlier: tuple[Turn, ...]


class ConversationKeeper:
    """Remembers turns; every method may be awaited by any job. What takes too long is lost, not waited for.

    Args:
        memory: Where they are kept.
        threads: What all calls of it are made on.
        max_recalled: Turns that a prompt may use.
        on_lost: Called with `conversations` for each call that took too long.
    """

    def __init__(
        self,
        memory: ConversationMemory,
        threads: PlayerThreads,
        *,
        max_recalled: int = 40,
        on_lost: Callable[[str], None] = lambda part: None,
    ) -> None:
        self._memory = memory
        self._threads = threads
        self._max_recalled = max_recalled
        self._on_lost = on_lost

    async def open(self) -> None:
        """Open the memory, so that one that can't be used is noticed at the start.

        Raises:
            SettingsError: If it can't be used.
            OSError: If its folder can't be used.
        """
        await self._threads.run_patiently("", self._memory.open)

    async def close(self) -> None:
        """Close the memory."""
        await self._threads.run_patiently("", self._memory.close)

    async def begin(self, asker: Asker, *, npc: str, said: str) -> OpenTurn:
        """Remember what the player says, and return what was said before."""
        try:
            return await self._threads.run(asker.player, self._begin, asker, npc, said)
        except Unavailable as error:
            self._lose(error)
            return OpenTurn(asker.player, None, ())

    async def finish(self, turn: OpenTurn, answer: str) -> None:
        """Remember what was answered, also if only a part of it was."""
        if turn.number is None:
            return
        try:
            await self._threads.run(turn.player, self._memory.finish, turn.number, answer)
        except Unavailable as error:
            self._lose(error)

    async def heard(self, *, session: str, player: str, request_id: int, characters: int) -> None:
        """Cut a remembered answer to what the player heard."""
        try:
            await self._threads.run(player, self._heard, session, player, request_id, characters)
        except Unavailable as error:
            self._lose(error)

    async def forget(self, *, player: str, session: str | None) -> int:
        """Erase a player's turns, of one session or of all; return how many.

        Raises:
            Unavailable: If they can't be erased now.
        """
        return await self._threads.run(player, self._forget, player, session)

    def _lose(self, error: Unavailable) -> None:
        _log.warning("Something said was not remembered: %s", error)
        self._on_lost("conversations")

    def _begin(self, asker: Asker, npc: str, said: str) -> OpenTurn:
        earlier = self._memory.recall(player=asker.player, npc=npc, limit=self._max_recalled)
        number = self._memory.begin(
            player=asker.player, npc=npc, session=asker.session, request_id=asker.request_id, said=said
        )
        return OpenTurn(asker.player, number, tuple(earlier))

    def _heard(self, session: str, player: str, request_id: int, characters: int) -> None:
        self._memory.heard(player=player, session=session, request_id=request_id, characters=characters)

    def _forget(self, player: str, session: str | None) -> int:
        return self._memory.forget(player=player, session=session)
