"""One WebSocket: a reader that never waits for a job, and the only writer."""

import asyncio
import logging
import random
import struct
import time
from functools import partial
from typing import Final

import msgspec
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from vrbridge import __version__
from vrbridge.errors import ProtocolError, RequestError, Unauthorized
from vrbridge.metrics import Metrics
from vrbridge.protocol.codec import decode_client, encode
from vrbridge.protocol.messages import VERSION, GoAway, Hello, Limits, ServerInfo, Welcome
from vrbridge.server.access import Access
from vrbridge.server.budget import MessageBudget
from vrbridge.server.dispatch import Dispatch
from vrbridge.server.session import Session
from vrbridge.server.sessions import Sessions
from vrbridge.server.stall_watch import StallWatch
from vrbridge.server.tasks import Tasks
from vrbridge.server.tokens import Grant
from vrbridge.settings import LimitSettings

NO_HELLO: Final = 4408
TOO_MANY_MESSAGES: Final = 4429
UNAUTHORIZED: Final = 4501
TAKEN_OVER: Final = 4509
WRONG_VERSION: Final = 4526
_TEXT_MESSAGE: Final = 1003
_POLICY: Final = 1008
_SESSION_LOST: Final = 1011

_CLOSE_S = 2.0
"""A peer that doesn't answer a close for so long is aborted."""
_MAX_REASON_BYTES = 123
_RECONNECT_AFTER_S = (1.0, 5.0)
# A socket that takes everything at once would otherwise keep the loop to itself.
_YIELD_EVERY = 8
# A tag of its own keeps markers apart from the keepalive's pings, which have four bytes.
_MARKER: Final = struct.Struct("!cI")
_MARKER_TAG: Final = b"m"
_OBSERVE_S: Final = 1.0
_log = logging.getLogger(__name__)


class _Greeting(msgspec.Struct, frozen=True):
    version: object = None


class Connection:
    """Carries the messages of one session over one socket.

    Args:
        socket: After the WebSocket handshake.
        access: Checks tokens.
        sessions: Where sessions are found.
        dispatch: Acts on messages.
        limits: Bounds.
        metrics: Counters.
        closings: Owns the closing of a connection that was taken over.
    """

    def __init__(
        self,
        socket: ServerConnection,
        *,
        access: Access,
        sessions: Sessions,
        dispatch: Dispatch,
        limits: LimitSettings,
        metrics: Metrics,
        closings: Tasks,
    ) -> None:
        self._socket = socket
        self._access = access
        self._sessions = sessions
        self._dispatch = dispatch
        self._limits = limits
        self._metrics = metrics
        self._closings = closings
        self._budget = MessageBudget(rate_hz=limits.max_messages_hz, now=time.monotonic())
        self._session: Session | None = None
        self._sending_since: float | None = None
        self._observed_at = float("-inf")
        self._watch = StallWatch(stall_s=limits.stall_s, stalled_s=self._stalled_s, abort=self._abort)

    async def run(self) -> None:
        """Stay until the connection closes."""
        try:
            hello = await self._hello()
            grant = self._grant(hello)
        except ConnectionClosed:
            return
        except ProtocolError as error:
            await self.close(error.close_code, error.message)
            return
        # Before `welcome` nobody needs as much as afterwards.
        self._socket.protocol.max_message_size = self._limits.max_message_bytes
        session, is_resumed = self._sessions.greet(hello, grant, self)
        self._session = session
        try:
            if self._dispatch.is_draining:
                self.say_goaway(session)
            welcome = encode(self._welcome(session, is_resumed=is_resumed))
            if await self._send(welcome):
                await self._stay(session)
        finally:
            self._watch.close()
            self._sessions.leave(session, self)

    def take_over(self) -> None:
        """Close, because another connection goes on with the session."""
        self._closings.start(
            self.close(TAKEN_OVER, "another connection has taken over this session"), name="take over"
        )

    def give_up(self) -> None:
        """Close, because the session can't go on; the client is told when it comes back."""
        reason = "an asset of this session is gone"
        self._closings.start(self.close(_SESSION_LOST, reason), name="give up")

    @staticmethod
    def say_goaway(session: Session) -> None:
        """Tell the client that the server is about to stop."""
        # Spread out, so that all clients don't come back in the same moment.
        after_s = round(random.uniform(*_RECONNECT_AFTER_S), 2)  # noqa: S311 - nothing depends on its secrecy
        session.send(GoAway(reconnect_after_s=after_s, reason="the server is stopping"))

    async def close(self, code: int, reason: str = "") -> None:
        """Close with a code; a peer that doesn't answer is aborted."""
        cut = reason.encode()[:_MAX_REASON_BYTES].decode(errors="ignore")
        try:
            async with asyncio.timeout(_CLOSE_S):
                await self._socket.close(code, cut)
        except TimeoutError:
            self._socket.transport.abort()

    async def _hello(self) -> Hello:
        """Return the first message.

        Raises:
            ProtocolError: If it is no `hello` of this version, or does not come in time.
        """
        try:
            async with asyncio.timeout(self._limits.hello_timeout_s):
                data = await self._socket.recv()
        except TimeoutError:
            raise ProtocolError("no hello in time", close_code=NO_HELLO) from None
        message_bytes = _binary(data)
        try:
            message = decode_client(message_bytes)
        except RequestError as error:
            _check_version(message_bytes)
            raise ProtocolError(error.message, close_code=_POLICY, field=error.field) from error
        if not isinstance(message, Hello):
            raise ProtocolError("the first message must be `hello`", close_code=_POLICY)
        if message.version != VERSION:
            raise _wrong_version()
        return message

    def _grant(self, hello: Hello) -> Grant:
        try:
            return self._access.grant(hello.token, device=hello.client.device, now=time.time())
        except Unauthorized as error:
            raise ProtocolError(error.message, close_code=UNAUTHORIZED) from error

    def _welcome(self, session: Session, *, is_resumed: bool) -> Welcome:
        limits = self._limits
        return Welcome(
            version=VERSION,
            session=session.id,
            secret=session.secret,
            resumed=is_resumed,
            capabilities=self._dispatch.capabilities(session),
            limits=Limits(
                max_message_bytes=limits.max_message_bytes,
                max_open_requests=limits.max_open_requests,
                context_hz=limits.context_hz,
                resume_window_s=limits.resume_window_s,
                replay_messages=limits.replay_messages,
            ),
            server=ServerInfo(name="vrbridge", version=__version__),
        )

    async def _stay(self, session: Session) -> None:
        writer = asyncio.create_task(self._write(session), name=f"writer {session.id}")
        try:
            await self._read(session)
        except ProtocolError as error:
            await self.close(error.close_code, error.message)
        finally:
            writer.cancel()
            await asyncio.wait([writer])
        fault = None if writer.cancelled() else writer.exception()
        if fault is not None:
            _log.error("The writer of session %s failed", session.id, exc_info=fault)

    async def _read(self, session: Session) -> None:
        try:
            async for data in self._socket:
                self._metrics.received()
                if not self._budget.spend(now=time.monotonic()):
                    raise ProtocolError("too many messages", close_code=TOO_MANY_MESSAGES)
                if session.connection is not self:
                    continue  # it is about to be closed, with the code that says why
                try:
                    self._dispatch.handle(session, decode_client(_binary(data)))
                except RequestError as error:
                    self._dispatch.complain(session, error)
        except ConnectionClosed:
            return

    async def _write(self, session: Session) -> None:
        try:
            n_sent = 0
            while session.connection is self:
                session.wake.clear()
                data = session.outbox.next(now=time.monotonic())
                if data is None:
                    session.fetch_missing()
                    await self._mark(session)
                    await _woken(session)
                    continue
                if not await self._send(data):
                    return
                await self._mark(session)
                if not session.take_answer():
                    self._budget.earn()
                session.note_sent()
                n_sent += 1
                if n_sent % _YIELD_EVERY == 0:
                    await asyncio.sleep(0)
        except Exception:
            # Without a writer the connection is of no use to anybody.
            self._socket.transport.abort()
            raise

    async def _send(self, data: bytes) -> bool:
        """Send a message; return False if the connection is gone."""
        self._sending_since = now = time.monotonic()
        self._watch.start()
        if self._session is not None and self._session.connection is self:
            self._session.window.sent(len(data), now=now)
        try:
            await self._socket.send(data)
        except ConnectionClosed:
            return False
        finally:
            self._sending_since = None
        self._metrics.sent(len(data))
        return True

    async def _mark(self, session: Session) -> None:
        """Send a ping where the session wants to know when everything before it has arrived."""
        if session.connection is not self:
            return
        now = time.monotonic()
        marker = session.window.mark(now=now, is_full=session.outbox.has_bulk)
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
        asyncio.ensure_future(answer).add_done_callback(partial(self._arrived, session, marker))

    def _arrived(self, session: Session, marker: int, answer: asyncio.Future[float]) -> None:
        if answer.cancelled() or answer.exception() is not None or session.connection is not self:
            return
        now = time.monotonic()
        session.window.arrived(marker, now=now)
        session.wake.set()
        if now - self._observed_at > _OBSERVE_S:
            self._observed_at = now
            self._metrics.round_trip(answer.result())

    def _stalled_s(self) -> float | None:
        """Return for how long the peer has taken nothing, or None if nothing is on its way to it."""
        now = time.monotonic()
        blocked_s = None if self._sending_since is None else now - self._sending_since
        session = self._session
        if session is None or session.connection is not self or not session.window.in_flight_bytes:
            return blocked_s
        # The writer marks the last words of a burst once they are alone on the way.
        session.wake.set()
        return max(blocked_s or 0.0, session.window.stalled_s(now=now))

    def _abort(self) -> None:
        _log.info("A client took nothing for %g s and was cut off", self._limits.stall_s)
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


def _binary(data: str | bytes) -> bytes:
    if isinstance(data, str):
        raise ProtocolError("messages are binary, not text", close_code=_TEXT_MESSAGE)
    return data


def _check_version(data: bytes) -> None:
    """Raise a version error where that is why a `hello` could not be read."""
    try:
        version = msgspec.msgpack.decode(data, type=_Greeting).version
    except (msgspec.DecodeError, UnicodeDecodeError):
        return
    if version != VERSION and isinstance(version, int):
        raise _wrong_version()


def _wrong_version() -> ProtocolError:
    return ProtocolError(f"this server speaks version {VERSION} to {VERSION}", close_code=WRONG_VERSION)
