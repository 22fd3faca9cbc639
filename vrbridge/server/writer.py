"""The only writer of a connection: what leaves, when it has arrived, and whether the peer takes anything."""

import asyncio
import logging
import struct
import time
from functools import partial
from typing import Final

from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from vrbridge.metrics import Metrics
from vrbridge.server.budget import MessageBudget
from vrbridge.server.session import Attached, Session
from vrbridge.server.stall_watch import StallWatch

# A tag of its own keeps markers apart from the keepalive's pings, which have four bytes.
_MARKER: Final = struct.Struct("!cI")
_MARKER_TAG: Final = b"m"
_OBSERVE_S: Final = 1.0
"""Round trips are counted so often at most."""
# A socket that takes everything at once would otherwise keep the loop to itself.
_YIELD_EVERY: Final = 8
_log = logging.getLogger(__name__)


class Writer:
    """Moves what a session has to say to its socket, as long as the session belongs to this connection.

    Args:
        socket: Where it goes.
        session: Whose messages these are.
        connection: The session's present one, or else there is nothing to write.
        budget: Earns an answer for each message.
        stall_s: A peer that takes nothing for so long is cut off.
        metrics: Counters.
    """

    def __init__(
        self,
        socket: ServerConnection,
        session: Session,
        connection: Attached,
        *,
        budget: MessageBudget,
        stall_s: float,
        metrics: Metrics,
    ) -> None:
        self._socket = socket
        self._session = session
        self._connection = connection
        self._budget = budget
        self._stall_s = stall_s
        self._metrics = metrics
        self._sending_since: float | None = None
        self._observed_at = float("-inf")
        self._watch = StallWatch(stall_s=stall_s, stalled_s=self._stalled_s, abort=self._abort)

    async def run(self, welcome: bytes) -> None:
        """Send `welcome`, and then what the session has to say, until the connection is gone."""
        try:
            if await self._send(welcome):
                await self._run()
        except Exception:
            # Without a writer the connection is of no use to anybody.
            self._socket.transport.abort()
            raise
        finally:
            self._watch.close()

    async def _run(self) -> None:
        session = self._session
        n_sent = 0
        while self._is_current:
            session.wake.clear()
            data = session.outbox.next(now=time.monotonic())
            if data is None:
                session.fetch_missing()
                await self._mark()
                await _woken(session)
                continue
            if not await self._send(data):
                return
            if not session.take_answer():
                self._budget.earn()
            session.note_sent()
            n_sent += 1
            if n_sent % _YIELD_EVERY == 0:
                await asyncio.sleep(0)

    @property
    def _is_current(self) -> bool:
        return self._session.connection is self._connection

    async def _send(self, data: bytes) -> bool:
        """Send a message; return False if the connection is gone."""
        self._sending_since = now = time.monotonic()
        self._watch.start()
        self._session.window.sent(len(data), now=now)
        try:
            await self._socket.send(data)
        except ConnectionClosed:
            return False
        finally:
            self._sending_since = None
        self._metrics.sent(len(data))
        await self._mark()
        return True

    async def _mark(self) -> None:
        """Send a ping where the session wants to know when everything before it has arrived."""
        if not self._is_current:
            return
        now = time.monotonic()
        marker = self._session.window.mark(now=now, is_full=self._session.outbox.has_bulk)
        if marker is None:
            return
        self._sending_since = now
        self._watch.start()
        try:
            answer = await self._socket.ping(_MARKER.pack(_MARKER_TAG, marker))
        except ConnectionClosed:
            return
        finally:
            self._sending_since = None
        asyncio.ensure_future(answer).add_done_callback(partial(self._arrived, marker))

    def _arrived(self, marker: int, answer: asyncio.Future[float]) -> None:
        if answer.cancelled() or answer.exception() is not None or not self._is_current:
            return
        now = time.monotonic()
        self._session.window.arrived(marker, now=now)
        self._session.wake.set()
        if now - self._observed_at > _OBSERVE_S:
            self._observed_at = now
            self._metrics.round_trip(answer.result())

    def _stalled_s(self) -> float | None:
        """Return for how long the peer has taken nothing, or None if nothing is on its way to it."""
        now = time.monotonic()
        blocked_s = None if self._sending_since is None else now - self._sending_since
        if not self._is_current or not self._session.window.in_flight_bytes:
            return blocked_s
        # The writer marks the last words of a burst once they are alone on the way.
        self._session.wake.set()
        return max(blocked_s or 0.0, self._session.window.stalled_s(now=now))

    def _abort(self) -> None:
        _log.info("Session %s: nothing was taken for %g s", self._session.id, self._stall_s)
        self._metrics.stalled()
        # Not closed: a close frame would wait behind what the peer does not take.
        self._socket.transport.abort()


async def _woken(session: Session) -> None:
    wake_at = session.outbox.wake_at
    if wake_at is None:
        await session.wake.wait()
        return
    try:
        async with asyncio.timeout(max(0.0, wake_at - time.monotonic())):
            await session.wake.wait()
    except TimeoutError:
        return
