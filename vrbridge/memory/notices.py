"""Who asked to be forgotten, as the servers that share a bucket tell each other."""

import hashlib
from collections import Counter
from collections.abc import Iterable
from math import inf
from typing import NamedTuple

from vrbridge.memory.result_cache import Owner

_ALL = "all"


class HashedOwner(NamedTuple):
    """Who asked for something, as it is written into a bucket."""

    player: str
    session: str


class Forgotten(NamedTuple):
    """That somebody asked to be forgotten.

    Args:
        player: Hashed.
        session: Hashed. None: all their sessions.
        at: In seconds since 1970, by the bucket's clock where it is read from there.
        giver: The server that was asked; empty where it did not say.
        until: Until when it may be erasing. None: nobody has to know.
    """

    player: str
    session: str | None
    at: float
    giver: str = ""
    until: float | None = None


class Notices:
    """What is to be forgotten after some have asked for it.

    Args:
        notices: Of any players, in any order; by the clock of who asks `cover`.
    """

    def __init__(self, notices: Iterable[Forgotten]) -> None:
        self._last: dict[tuple[str, str | None], float] = {}
        self._until: dict[tuple[str, str | None], float] = {}
        for notice in notices:
            who = notice[:2]
            self._last[who] = max(notice.at, self._last.get(who, notice.at))
            until = notice.at if notice.until is None else notice.until
            self._until[who] = max(until, self._until.get(who, until))

    @property
    def players(self) -> set[str]:
        """Of whom there are notices; hashed."""
        return {player for player, _ in self._last}

    def cover(self, owner: HashedOwner, asked_at: float, *, began_at: float = inf) -> bool:
        """Return whether something is to be forgotten, or may have been erased in part.

        Args:
            owner: Who asked for it.
            asked_at: When, in seconds since 1970.
            began_at: When it began to be put where others erase.
        """
        whose = [(owner.player, session) for session in (None, owner.session)]
        return any(
            asked_at <= self._last.get(who, -inf) or began_at <= self._until.get(who, -inf) for who in whose
        )


class OwnNotices:
    """Whom this server forgets itself, and when, by its own clock; the time is passed in."""

    def __init__(self) -> None:
        self._given: dict[tuple[str, str | None], Forgotten] = {}
        self._n_running: Counter[tuple[str, str | None]] = Counter()

    def begin(self, who: tuple[str, str | None], now: float) -> None:
        """Note that somebody begins to be forgotten: player and session, hashed."""
        self._n_running[who] += 1
        self._given[who] = Forgotten(*who, now, until=inf)

    def end(self, who: tuple[str, str | None], until: float) -> None:
        """Note that nothing of theirs is erased any more, or not after a moment."""
        self._n_running[who] -= 1
        if not self._n_running[who]:
            del self._n_running[who]
            self._given[who] = self._given[who]._replace(until=until)

    def cover(self, owner: HashedOwner, asked_at: float, *, began_at: float) -> bool:
        """Return whether something is to be forgotten; see `Notices.cover`."""
        given = (self._given.get((owner.player, session)) for session in (None, owner.session))
        return Notices(notice for notice in given if notice).cover(owner, asked_at, began_at=began_at)

    def drop(self, before: float) -> None:
        """Let go of what was over before a time."""
        self._given = {w: n for w, n in self._given.items() if n.until is None or n.until >= before}


def hashed(name: str) -> str:
    """Return 64 hex digits that stand for a player or a session."""
    return hashlib.sha256(name.encode()).hexdigest()


def hashed_owner(owner: Owner) -> HashedOwner:
    """Return how somebody is written into a bucket."""
    return HashedOwner(hashed(owner.player), hashed(owner.session))


def notice_name(player: str, session: str | None, giver: str) -> str:
    """Return what the object is called that says that somebody is to be forgotten; names not hashed yet."""
    return f"{hashed(player)}/{_ALL if session is None else hashed(session)}/{giver}"


def read_notice(name: str, at: float) -> Forgotten | None:
    """Return what an object says by its name and time, or None if it is not one of ours."""
    player, _, rest = name.partition("/")
    # Earlier versions left out who gave it.
    session, _, giver = rest.partition("/")
    if not session:
        return None
    return Forgotten(player, None if session == _ALL else session, at, giver)
