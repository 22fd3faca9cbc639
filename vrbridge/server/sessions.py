"""All sessions: new ones, those that are resumed, and those whose time is over."""

import asyncio
import logging
import time
from collections import Counter
from collections.abc import Callable

from vrbridge.jobs.kind import AssetSource
from vrbridge.metrics import Metrics
from vrbridge.protocol.messages import Error, Hello, Resume
from vrbridge.protocol.outbox import Outbox
from vrbridge.server.placement import new_session_id
from vrbridge.server.session import DIALOGUE, Attached, Session
from vrbridge.server.tasks import Tasks
from vrbridge.server.tokens import Grant
from vrbridge.settings import LimitSettings

_WARN_EVERY_S = 60.0
_log = logging.getLogger(__name__)


class Sessions:
    """Keeps sessions while their player is connected, and for a while after.

    Args:
        limits: How long, and how many.
        metrics: Counters.
        assets: Where the bytes of assets are found again.
        server: Name of this server; ids of sessions begin with it.
        new_outbox: Makes the outbox of each session, from its keywords.
    """

    def __init__(
        self,
        limits: LimitSettings,
        metrics: Metrics,
        assets: AssetSource,
        *,
        server: str = "",
        new_outbox: Callable[..., Outbox] = Outbox,
    ) -> None:
        self._limits = limits
        self._metrics = metrics
        self._assets = assets
        self._server = server
        self._new_outbox = new_outbox
        self._sessions: dict[str, Session] = {}
        self._warned_at = float("-inf")
        # As many may be away as may be connected, and each ends with a task of its own.
        self._max_sessions = 2 * limits.max_connections
        self._endings = Tasks(max_tasks=self._max_sessions)
        metrics.watch_sessions(self.__len__, self._n_away)

    def __len__(self) -> int:
        return len(self._sessions)

    @property
    def all(self) -> tuple[Session, ...]:
        """Every session, connected or not, the oldest first."""
        return tuple(self._sessions.values())

    def is_owed(self, id: str | None) -> bool:
        """Whether there is such a session, and something that its client has not got yet."""
        session = self._sessions.get(id or "")
        if session is None:
            return False
        outbox = session.outbox
        return outbox.n_unfinished > 0 or outbox.n_unacknowledged > 0 or outbox.has_pending

    def greet(self, hello: Hello, grant: Grant, connection: Attached) -> tuple[Session, bool]:
        """Return the session that a connection goes on with, and whether it is an old one.

        An older connection of the same session is closed.
        """
        if hello.resume is not None:
            resumed = self._resume(hello, hello.resume, grant, connection)
            if resumed is not None:
                return resumed, True
        session = Session(
            id=new_session_id(self._server),
            grant=grant,
            receive=hello.receive,
            limits=self._limits,
            assets=self._assets,
            metrics=self._metrics,
            new_outbox=self._new_outbox,
        )
        is_attached = _attach(session, hello, received=0, assets={})
        assert is_attached, "a new session begins at its beginning"
        self._make_room()
        self._sessions[session.id] = session
        session.connection = connection
        return session, False

    def leave(self, session: Session, connection: Attached) -> None:
        """Note that a connection is gone; its session waits for the next one."""
        if session.connection is not connection:
            return
        session.connection = None
        session.left_at = time.monotonic()
        session.outbox.detach()
        if session.is_lost:
            self._expire(session)
            return
        loop = asyncio.get_running_loop()
        session.expiry = loop.call_later(self._limits.resume_window_s, self._expire, session)
        session.absence = loop.call_later(self._limits.away_grace_s, self._abandon, session)

    async def close(self) -> None:
        """End all sessions."""
        for session in self.all:
            self._remove(session)
            await session.close()
        await self._endings.close()

    def _resume(self, hello: Hello, resume: Resume, grant: Grant, connection: Attached) -> Session | None:
        session = self._sessions.get(resume.session)
        if session is None or not session.owns(resume.secret) or session.player != grant.player:
            self._metrics.resumed(succeeded=False)
            return None
        if session.connection is not None:
            self._metrics.taken_over()
            session.connection.take_over()
        assets = {asset.asset: asset.offset for asset in resume.assets}
        can_go_on = not session.is_lost and _attach(session, hello, received=resume.received, assets=assets)
        self._metrics.resumed(succeeded=can_go_on)
        if not can_go_on:
            # Its player is told that it is lost, so that nobody waits for what it still does.
            self._expire(session)
            return None
        for timer in (session.expiry, session.absence):
            if timer is not None:
                timer.cancel()
        session.expiry = session.absence = None
        self._metrics.replayed(session.outbox.n_unacknowledged)
        session.rotate_secret()
        session.grant, session.receive = grant, hello.receive
        session.connection = connection
        session.wake.set()
        return session

    def _abandon(self, session: Session) -> None:
        """Stop what a player who is away has asked for, dialogue excepted: it is short, and remembered."""
        session.absence = None
        away_s = self._limits.away_grace_s
        text = f"Nobody was connected for {away_s:g} s, so this was stopped; ask again."
        for request in session.ledger.open:
            if request.kind != DIALOGUE:
                end = Error(id=request.id, code="cancelled", message=text, retryable=True)
                session.stop(request.id, end)
                self._metrics.abandoned()

    def _make_room(self) -> None:
        """End a session if there are too many: of the player with the most that wait, the oldest."""
        if len(self._sessions) < self._max_sessions:
            return
        away = [session for session in self._sessions.values() if session.connection is None]
        if not away:
            return
        n_away = Counter(session.player for session in away)
        self._metrics.evicted()
        self._expire(min(away, key=lambda session: (-n_away[session.player], _expires_at(session))))
        now = time.monotonic()
        if now - self._warned_at > _WARN_EVERY_S:
            self._warned_at = now
            _log.warning("Too many sessions wait for their players; some are given up")

    def _expire(self, session: Session) -> None:
        session.connection = None
        session.outbox.detach()
        self._remove(session)
        self._endings.start(session.close(), name=f"end session {session.id}")

    def _remove(self, session: Session) -> None:
        self._sessions.pop(session.id, None)

    def _n_away(self) -> int:
        return sum(session.connection is None for session in self._sessions.values())


def _attach(session: Session, hello: Hello, *, received: int, assets: dict[int, int]) -> bool:
    return session.outbox.attach(
        received=received,
        assets=assets,
        chunk_bytes=hello.receive.chunk_bytes,
        window_bytes=hello.receive.window_bytes,
        now=time.monotonic(),
    )


def _expires_at(session: Session) -> float:
    return session.expiry.when() if session.expiry is not None else 0.0
