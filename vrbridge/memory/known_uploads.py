"""What a server has in a bucket of results, or on its way there."""

from vrbridge.memory.notices import HashedOwner, Notices

Mark = tuple[str, HashedOwner]
"""A request's key, and who asked."""


class KnownUploads:
    """Remembers a bounded number of results by who asked; the oldest go.

    Args:
        max_known: How many.
    """

    def __init__(self, max_known: int) -> None:
        self._max_known = max_known
        self._marks: dict[Mark, None] = {}  # oldest first
        self._by_player: dict[str, set[Mark]] = {}

    def __contains__(self, mark: Mark) -> bool:
        return mark in self._marks

    def __len__(self) -> int:
        return len(self._marks)

    def add(self, mark: Mark) -> None:
        """Remember a result."""
        self._marks[mark] = None
        self._by_player.setdefault(mark[1].player, set()).add(mark)
        if len(self._marks) > self._max_known:
            self.discard(next(iter(self._marks)))

    def discard(self, mark: Mark) -> None:
        """Let go of a result, if it is known."""
        if mark not in self._marks:
            return
        del self._marks[mark]
        marks = self._by_player[mark[1].player]
        marks.remove(mark)
        if not marks:
            del self._by_player[mark[1].player]

    def forget(self, notices: Notices) -> None:
        """Let go of all of those who are to be forgotten, however new."""
        for player in notices.players:
            for mark in [m for m in self._by_player.get(player, ()) if notices.cover(m[1], 0.0)]:
                self.discard(mark)
