"""The port: WebSockets and pages, from the first connection to a graceful end."""

import asyncio
import logging
import ssl
import time
from collections.abc import Mapping
from functools import partial
from http import HTTPStatus
from pathlib import Path
from types import TracebackType
from typing import Final, Self

from websockets.asyncio.server import Server, ServerConnection
from websockets.http11 import Request, Response

from vrbridge.errors import ProtocolError, SettingsError
from vrbridge.metrics import Metrics
from vrbridge.server.access import Access
from vrbridge.server.arrivals import Arrivals
from vrbridge.server.certificate import CertificateFiles, tls_context
from vrbridge.server.connection import Connection
from vrbridge.server.dispatch import Dispatch
from vrbridge.server.pages import Pages, text
from vrbridge.server.placement import asked_session
from vrbridge.server.port import open_port
from vrbridge.server.session import Session
from vrbridge.server.sessions import Sessions
from vrbridge.server.tasks import Tasks
from vrbridge.settings import LimitSettings, ServerSettings

BUSY: Final = 4413
DRAINING: Final = 4490

_ELSEWHERE: Final = "This server is stopping; another one behind the same address takes new connections.\n"
_ASK_ANOTHER: Final[Mapping[str, str]] = {"Retry-After": "1"}
_LOOK_S = 0.05
"""How often a drain looks whether everything is done."""
_RETURN_S = 5.0
"""A drain waits so long for the return of a client whose connection broke before it had everything."""
_log = logging.getLogger(__name__)


class Listener:
    """Accepts connections; a context manager.

    Args:
        settings: Where to listen.
        limits: Bounds.
        access: Who is let in.
        sessions: Where sessions are found.
        dispatch: Acts on messages.
        pages: Answers plain HTTP.
        metrics: Counters.

    Raises:
        OSError: On entering, if the address can't be used.
        SettingsError: On entering, if the certificate can't.
    """

    def __init__(
        self,
        settings: ServerSettings,
        *,
        limits: LimitSettings,
        access: Access,
        sessions: Sessions,
        dispatch: Dispatch,
        pages: Pages,
        metrics: Metrics,
    ) -> None:
        self._settings = settings
        self._limits = limits
        self._access = access
        self._sessions = sessions
        self._dispatch = dispatch
        self._pages = pages
        self._metrics = metrics
        self._connections: set[Connection] = set()
        # A budget of its own: what has not greeted must not keep out who would.
        self._arrivals = Arrivals(max_waiting=limits.max_connections, request_s=limits.hello_timeout_s)
        self._is_closing = False
        self._closings = Tasks(max_tasks=2 * limits.max_connections)
        self._server: Server | None = None

    async def __aenter__(self) -> Self:
        self._server = await open_port(
            self._handle,
            self._settings.host,
            self._settings.port,
            max_message_bytes=self._limits.max_hello_bytes,
            answer=self._answer,
            arrivals=self._arrivals,
            tls=self._tls(),
        )
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        assert self._server is not None
        self._is_closing = True
        self._server.close(close_connections=False)
        await asyncio.gather(
            *(connection.close(DRAINING, "the server is stopping") for connection in self._connections)
        )
        # Whoever is still about to greet would be waited for otherwise.
        self._arrivals.abort_all()
        await self._server.wait_closed()
        await self._closings.close()

    @property
    def port(self) -> int:
        """The port that it listens on."""
        assert self._server is not None
        port: int = next(iter(self._server.sockets)).getsockname()[1]
        return port

    @property
    def url(self) -> str:
        """Address for engines."""
        host = self._settings.host
        scheme = "wss" if self._settings.certificate is not None else "ws"
        return f"{scheme}://{f'[{host}]' if ':' in host else host}:{self.port}/ws"

    def _tls(self) -> ssl.SSLContext | None:
        certificate, key = self._settings.certificate, self._settings.certificate_key
        if (certificate is None) != (key is None):
            raise SettingsError("`server.certificate` and `server.certificate_key` go together.")
        if certificate is None or key is None:
            return None
        return tls_context(CertificateFiles(Path(certificate), Path(key)))

    async def drain(self) -> None:
        """Tell clients to leave, take no new requests, and return once all running ones are delivered.

        It takes at most `drain_s`; what is not done by then is cut off.
        """
        self._dispatch.is_draining = True
        for session in self._sessions.all:
            if session.connection is not None:
                Connection.say_goaway(session)
        ends_at = time.monotonic() + self._settings.drain_s
        # Jobs, deliveries and clients that leave can each end this wait, and it happens once.
        while (now := time.monotonic()) < ends_at and self._is_delivering(now):  # noqa: ASYNC110
            await asyncio.sleep(_LOOK_S)

    def _is_delivering(self, now: float) -> bool:
        return any(_is_delivered_to(session, now) for session in self._sessions.all)

    async def _handle(self, peer: ServerConnection) -> None:
        if len(self._connections) >= self._limits.max_connections:
            await peer.close(BUSY, "too many connections")
            return
        connection = Connection(
            peer,
            access=self._access,
            sessions=self._sessions,
            dispatch=self._dispatch,
            limits=self._limits,
            metrics=self._metrics,
            closings=self._closings,
            admit=partial(self._admit, peer),
        )
        self._metrics.connection_opened()
        try:
            await connection.run()
        finally:
            self._connections.discard(connection)
            self._metrics.connection_closed(peer.close_code or 1006)

    def _admit(self, peer: ServerConnection, connection: Connection) -> None:
        if self._is_closing:
            raise ProtocolError("the server is stopping", close_code=DRAINING)
        if len(self._connections) >= self._limits.max_connections:
            raise ProtocolError("too many connections", close_code=BUSY)
        self._arrivals.leave(peer.transport)
        self._connections.add(connection)

    async def _answer(self, peer: ServerConnection, request: Request) -> Response | None:
        self._arrivals.heard(peer.transport)
        response = await self._pages.answer(request)
        if response is None and self._leaves_to_others(request):
            return text(HTTPStatus.SERVICE_UNAVAILABLE, _ELSEWHERE, _ASK_ANOTHER)
        return response

    def _leaves_to_others(self, request: Request) -> bool:
        """Whether a proxy shall bring a connection to another server, as it does after a 503.

        One of several that drains takes back only who still has to get something here. A server by itself
        takes everybody, since nobody else would.
        """
        is_leaving = bool(self._settings.name) and self._dispatch.is_draining
        return is_leaving and not self._sessions.is_owed(asked_session(request.path))


def _is_delivered_to(session: Session, now: float) -> bool:
    """Whether a drain has to wait for a session, also for one whose client will most likely be back soon."""
    outbox = session.outbox
    if session.connection is None and now > session.left_at + _RETURN_S:
        return False
    # The second is also what tells that the client has been told to leave.
    is_busy = outbox.n_unfinished > 0 or outbox.has_pending
    return is_busy or (session.connection is None and outbox.n_unacknowledged > 0)
