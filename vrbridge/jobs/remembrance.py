"""Everything that is remembered of players, as one thing that can be cut and erased."""

from vrbridge.jobs.asset_keeper import AssetKeeper
from vrbridge.jobs.conversation_keeper import ConversationKeeper


class Remembrance:
    """Implements `Memory` of `jobs.kind`.

    Args:
        conversations: What was said.
        assets: What was made.
    """

    def __init__(self, conversations: ConversationKeeper, assets: AssetKeeper) -> None:
        self._conversations = conversations
        self._assets = assets

    async def heard(self, *, session: str, player: str, request_id: int, characters: int) -> None:
        """Cut what a character remembers having said to what the player heard."""
        await self._conversations.heard(
            session=session, player=player, request_id=request_id, characters=characters
        )

    async def forget(self, *, scope: str, session: str, player: str) -> int:
        """Erase what is stored about a session or a player; return the number of turns and assets.

        Args:
            scope: `session` or `player`.
            session: The session that asks.
            player: Whose it is.
        """
        only = session if scope == "session" else None
        n_turns = await self._conversations.forget(player=player, session=only)
        return n_turns + await self._assets.forget(player=player, session=only)
