"""One WebSocket: its greeting, its reader, which never waits for a job, and its end."""

import asyncio
import logging
import random
import time
from collections.abc import Callable
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
from vrbridge.server.budget import UNIT_BYTES, MessageBudget
from vrbridge.server.dispatch import Dispatch
from vrbridge.server.session import Session
from vrbridge.server.sessions import Sessions
from vrbridge.server.tasks import Tasks
from vrbridge.server.tokens import Grant
from vrbridge.server.writer import Writer
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
        admit: Called once it has greeted well; raises ProtocolError if there is no place for it.
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
        admit: Callable[["Connection"], None],
    ) -> None:
        self._socket = socket
        self._access = access
        self._sessions = sessions
        self._dispatch = dispatch
        self._limits = limits
        self._metrics = metrics
        self._closings = closings
        self._admit = admit
        self._budget = MessageBudget(rate_hz=limits.max_messages_hz, now=time.monotonic())

    async def run(self) -> None:
        """Stay until the connection closes."""
        try:
            hello = await self._hello()
            grant = self._grant(hello)
            self._admit(self)
        except ConnectionClosed:
            return
        except ProtocolError as error:
            await self.close(error.close_code, error.message)
            return
        # Before `welcome` nobody needs as much as afterwards.
        self._socket.protocol.max_message_size = self._limits.max_message_bytes
        session, is_resumed = self._sessions.greet(hello, grant, self)
        try:
            if self._dispatch.is_draining:
                self.say_goaway(session)
            await self._stay(session, encode(self._welcome(session, is_resumed=is_resumed)))
        finally:
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

    async def _stay(self, session: Session, welcome: bytes) -> None:
        writer = Writer(
            self._socket,
            session,
            self,
            budget=self._budget,
            stall_s=self._limits.stall_s,
            metrics=self._metrics,
        )
        writing = asyncio.create_task(writer.run(welcome), name=f"writer {session.id}")
        try:
            await self._read(session)
        except ProtocolError as error:
            await self.close(error.close_code, error.message)
        finally:
            writing.cancel()
            await asyncio.wait([writing])
        fault = None if writing.cancelled() else writing.exception()
        if fault is not None:
            _log.error("The writer of session %s failed", session.id, exc_info=fault)

    async def _read(self, session: Session) -> None:
        try:
            async for data in self._socket:
                self._metrics.received()
                if not self._budget.spend(len(data), now=time.monotonic()):
                    raise ProtocolError("too many messages", close_code=TOO_MANY_MESSAGES)
                if session.connection is not self:
                    continue  # it is about to be closed, with the code that says why
                try:
                    self._dispatch.handle(session, decode_client(_binary(data)))
                except RequestError as error:
                    self._dispatch.complain(session, error)
                if len(data) > UNIT_BYTES:
                    # The next one may be here already, and others want to be heard between them.
                    await asyncio.sleep(0)
        except ConnectionClosed:
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
