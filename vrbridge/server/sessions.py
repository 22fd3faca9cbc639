"""All sessions: new ones, those that are resumed, and those whose time is over."""

import asyncio
import logging

from vrbridge.metrics import Metrics
from vrbridge.protocol.messages import Hello, Resume
from vrbridge.server.session import Attached, Session
from vrbridge.server.tasks import Tasks
from vrbridge.server.tokens import Grant
from vrbridge.settings import LimitSettings

_log = logging.getLogger(__name__)


class Sessions:
    """Keeps sessions while their player is connected, and for a while after.

    Args:
        limits: How long, and how many.
        metrics: Counters.
    """

    def __init__(self, limits: LimitSettings, metrics: Metrics) -> None:
        self._limits = limits
        self._metrics = metrics
        self._sessions: dict[str, Session] = {}
        # As many may be away as may be connected, and each ends with a task of its own.
        self._max_sessions = 2 * limits.max_connections
        self._endings = Tasks(max_tasks=self._max_sessions)

    def __len__(self) -> int:
        return len(self._sessions)

    @property
    def all(self) -> tuple[Session, ...]:
        """Every session, connected or not, the oldest first."""
        return tuple(self._sessions.values())

    def greet(self, hello: Hello, grant: Grant, connection: Attached) -> tuple[Session, bool]:
        """Return the session that a connection goes on with, and whether it is an old one.

        An older connection of the same session is closed.
        """
        if hello.resume is not None:
            resumed = self._resume(hello, hello.resume, grant, connection)
            if resumed is not None:
                return resumed, True
        session = Session(grant=grant, receive=hello.receive, limits=self._limits)
        is_attached = _attach(session, hello, received=0, assets={})
        assert is_attached, "a new session begins at its beginning"
        self._make_room()
        self._sessions[session.id] = session
        session.connection = connection
        self._metrics.sessions(len(self._sessions))
        return session, False

    def leave(self, session: Session, connection: Attached) -> None:
        """Note that a connection is gone; its session waits for the next one."""
        if session.connection is not connection:
            return
        session.connection = None
        session.outbox.detach()
        loop = asyncio.get_running_loop()
        session.expiry = loop.call_later(self._limits.resume_window_s, self._expire, session)

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
            session.connection.take_over()
        assets = {asset.asset: asset.offset for asset in resume.assets}
        can_go_on = _attach(session, hello, received=resume.received, assets=assets)
        self._metrics.resumed(succeeded=can_go_on)
        if not can_go_on:
            # Its player is told that it is lost, so that nobody waits for what it still does.
            self._expire(session)
            return None
        if session.expiry is not None:
            session.expiry.cancel()
            session.expiry = None
        session.rotate_secret(resume.secret)
        session.grant, session.receive = grant, hello.receive
        session.connection = connection
        session.wake.set()
        return session

    def _make_room(self) -> None:
        """End the session that has been away longest if there are too many."""
        if len(self._sessions) < self._max_sessions:
            return
        away = [session for session in self._sessions.values() if session.connection is None]
        if away:
            _log.warning("Too many sessions wait for their players; the oldest is given up")
            self._expire(min(away, key=_expires_at))

    def _expire(self, session: Session) -> None:
        session.connection = None
        session.outbox.detach()
        self._remove(session)
        self._endings.start(session.close(), name=f"end session {session.id}")

    def _remove(self, session: Session) -> None:
        self._sessions.pop(session.id, None)
        self._metrics.sessions(len(self._sessions))


def _attach(session: Session, hello: Hello, *, received: int, assets: dict[int, int]) -> bool:
    return session.outbox.attach(
        received=received,
        assets=assets,
        chunk_bytes=hello.receive.chunk_bytes,
        window_bytes=hello.receive.window_bytes,
    )


def _expires_at(session: Session) -> float:
    return session.expiry.when() if session.expiry is not None else 0.0
