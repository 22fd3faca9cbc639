"""Who asked to be forgotten, as the servers that share a bucket tell each other."""

import hashlib
from collections.abc import Iterable
from typing import NamedTuple

from vrbridge.memory.result_cache import Owner

_ALL = "all"
_SKEW_S = 900.0
"""How far the clocks of servers and bucket may be apart; S3 refuses requests beyond it."""


class HashedOwner(NamedTuple):
    """Who asked for something, as it is written into a bucket."""

    player: str
    session: str


class Forgotten(NamedTuple):
    """That somebody asked to be forgotten.

    Args:
        player: Hashed.
        session: Hashed. None: all their sessions.
        at: In seconds since 1970, by the bucket's clock.
    """

    player: str
    session: str | None
    at: float


class Notices:
    """What is to be forgotten after some have asked for it.

    Args:
        notices: Of any players, in any order.
    """

    def __init__(self, notices: Iterable[Forgotten]) -> None:
        self._last: dict[tuple[str, str | None], float] = {}
        for player, session, at in notices:
            self._last[player, session] = max(at, self._last.get((player, session), at))

    def cover(self, owner: HashedOwner, asked_at: float) -> bool:
        """Return whether something is to be forgotten; too much rather than too little, where clocks differ.

        Args:
            owner: Who asked for it.
            asked_at: When, in seconds since 1970.
        """
        times = (self._last.get((owner.player, session)) for session in (None, owner.session))
        return any(at is not None and asked_at < at + _SKEW_S for at in times)


def hashed(name: str) -> str:
    """Return 64 hex digits that stand for a player or a session."""
    return hashlib.sha256(name.encode()).hexdigest()


def hashed_owner(owner: Owner) -> HashedOwner:
    """Return how somebody is written into a bucket."""
    return HashedOwner(hashed(owner.player), hashed(owner.session))


def notice_name(player: str, session: str | None) -> str:
    """Return what the object is called that says that somebody is to be forgotten; names not hashed yet."""
    return f"{hashed(player)}/{_ALL if session is None else hashed(session)}"


def read_notice(key: str, at: float) -> Forgotten | None:
    """Return what an object says by its name and time, or None if it is not one of ours."""
    parts = key.split("/")
    if len(parts) < 3:
        return None
    return Forgotten(parts[-2], None if parts[-1] == _ALL else parts[-1], at)
