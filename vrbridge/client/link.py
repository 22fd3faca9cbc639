"""Keeps one session connected: a task that owns the connection, its reader and its writer."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from websockets.exceptions import ConnectionClosed

from vrbridge.client.backoff import backoff_s
from vrbridge.client.connector import Connection, close_connection, open_connection, refusal
from vrbridge.client.core import ClientCore
from vrbridge.client.errors import CannotConnect, ClientError
from vrbridge.client.outputs import GoingAway, Output, Welcomed
from vrbridge.client.pulse import Pulse
from vrbridge.client.wire import MustClose, decode, encode

_log = logging.getLogger(__name__)

Tap = Callable[[str, Mapping[str, Any]], None]
"""Called with `sent` or `received` and the message."""

_GOING_AWAY: Final = 1001
_TAKEN_OVER: Final = 4509
# How long the greeting of a connection that is gone may still be on its way.
_LATE_S: Final = 30.0
# Acknowledgements that are not due yet wait no longer than this.
_FLUSH_S: Final = 0.2
# For the last acknowledgement of a client that is closed.
_LAST_WORDS_S: Final = 1.0
_DEFAULT_CONTEXT_HZ: Final = 20.0


class Link:
    """Connects, reconnects, and moves messages between a core and its socket.

    Args:
        core: The session.
        url: Where the server is.
        tap: Sees every message.
        connect_timeout_s: For one attempt to connect, and to be welcomed after that.
        heartbeat_s: Time between two looks at whether the server still lives.
        give_up_s: How long a lost connection is tried again.
        random: Gives numbers in [0, 1).
    """

    def __init__(
        self,
        core: ClientCore,
        url: str,
        *,
        tap: Tap | None,
        connect_timeout_s: float,
        heartbeat_s: float,
        give_up_s: float,
        random: Callable[[], float],
    ) -> None:
        self._core = core
        self._url = url
        self._tap = tap
        self._connect_timeout_s = connect_timeout_s
        self._heartbeat_s = heartbeat_s
        self._give_up_s = give_up_s
        self._random = random
        self._wake = asyncio.Event()
        self._connection: Connection | None = None
        self._context: Mapping[str, Any] | None = None
        self._context_due_s = 0.0
        self._leave_at_s: float | None = None
        self._pause_s = 0.0
        self._unanswered_at_s: float | None = None
        self._n_sent = 0
        self._failure: ClientError | None = None
        self._welcomed = asyncio.Event()
        self._is_connected = asyncio.Event()
        self.n_connections = 0
        self.on_output: Callable[[Output], None] = lambda output: None
        self.on_over: Callable[[ClientError | None], None] = lambda failure: None

    @asynccontextmanager
    async def opened(self) -> AsyncIterator[None]:
        """Stay connected inside the block.

        Raises:
            CannotConnect: If the first connection fails.
        """
        owner = asyncio.create_task(self._own(), name="vrbridge client")
        try:
            await self._first_welcome(owner)
            yield
        finally:
            await self._close(owner)

    def check(self) -> None:
        """Raise the reason if the connection is gone for good.

        Raises:
            CannotConnect: In that case.
        """
        if self._failure is not None:
            raise self._failure

    async def connected(self) -> None:
        """Return as soon as there is a connection.

        Raises:
            CannotConnect: If there will be none.
        """
        await self._is_connected.wait()
        self.check()

    def wake(self) -> None:
        """Have the writer look for something to send."""
        self._wake.set()

    def cancel(self, request_id: int) -> None:
        """Have the server stop a request."""
        self._core.cancel(request_id)
        self._wake.set()

    def taken(self, n_bytes: int) -> None:
        """Note that an asset has been taken, so that more may come."""
        self._core.taken(n_bytes)
        self._wake.set()

    def send_now(self, message: Mapping[str, Any]) -> None:
        """Send a message that belongs to no request.

        Raises:
            ConnectionError: If there is no connection at present, or it takes nothing.
        """
        if not self._core.send(message):
            raise ConnectionError("There is no connection to the server at present; try again later.")
        self._wake.set()

    def update_context(self, context: Mapping[str, Any]) -> None:
        """Send this context as soon as the rate allows, instead of an older one that still waits."""
        self._context = context
        self._wake.set()

    def hasten_context(self) -> None:
        """Send a context that waits for its turn at once, because what is sent next depends on it."""
        self._context_due_s = 0.0
        self._queue_context()

    async def cut(self) -> None:
        """Abort the connection, if there is one, and wait until it is gone."""
        if self._connection is not None:
            self._connection.transport.abort()
            await self._connection.wait_closed()

    async def _first_welcome(self, owner: asyncio.Task[None]) -> None:
        welcomed = asyncio.create_task(self._welcomed.wait(), name="vrbridge first welcome")
        try:
            # The handshake has its own timeout of the same length.
            timeout_s = 2 * self._connect_timeout_s
            await asyncio.wait({owner, welcomed}, timeout=timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            welcomed.cancel()
        if not self._welcomed.is_set():
            self.check()
            raise CannotConnect(f"The server at {self._url} did not answer the greeting in time.")

    async def _close(self, owner: asyncio.Task[None]) -> None:
        connection = self._connection
        if connection is not None:
            self._core.flush()
            # What a stalled server does not take is given up with the connection.
            with contextlib.suppress(ConnectionClosed, TimeoutError):
                async with asyncio.timeout(_LAST_WORDS_S):
                    await self._send_all(connection)
            await close_connection(connection)
        owner.cancel()
        await asyncio.gather(owner, return_exceptions=True)
        self._fail(CannotConnect("This client has been closed."))

    def _fail(self, failure: ClientError) -> None:
        if self._failure is None:
            self._failure = failure
            self._is_connected.set()
            self.on_over(failure)

    async def _own(self) -> None:
        """Hold one connection after the other until that makes no sense any more."""
        try:
            await self._connect_once()
            while True:
                self.on_over(None)
                await self._reconnect()
        except ClientError as failure:
            self._fail(failure)
        except OSError as error:
            text = f"Nothing answers at {self._url}. Start `vrbridge serve` there, or check the address."
            self._fail_because(error, text)
        except Exception as error:  # noqa: BLE001 - such as a listener's: nobody must wait for ever
            _log.exception("the client failed", extra={"session": self._core.session})
            self._fail_because(error, f"The client failed: {type(error).__name__}: {error}.")

    def _fail_because(self, error: Exception, text: str) -> None:
        failure = CannotConnect(text)
        failure.__cause__ = error
        self._fail(failure)

    async def _reconnect(self) -> None:
        give_up_at = time.monotonic() + self._give_up_s
        attempt = 0
        while True:
            await asyncio.sleep(self._take_pause_s() + backoff_s(attempt, self._random))
            failure: OSError | CannotConnect
            try:
                # To be connected is not enough: a server that lets nobody in is not asked more often for it.
                close_code = await self._connect_once()
                if close_code is None:
                    return
                text = f"The server at {self._url} lets nobody in at present (close code {close_code})."
                failure = CannotConnect(text, close_code=close_code)
            except OSError as error:
                failure = error
            if time.monotonic() > give_up_at:
                raise failure
            attempt += 1
            _log.info("reconnecting", extra={"session": self._core.session, "attempt": attempt})

    def _take_pause_s(self) -> float:
        """Return how long a server that goes away wants to be left alone."""
        pause_s, self._pause_s, self._leave_at_s = self._pause_s, 0.0, None
        return pause_s

    async def _connect_once(self) -> int | None:
        """Hold one connection till its end; return None if the server welcomed it, else the close code.

        Raises:
            CannotConnect: If trying again unchanged makes no sense.
            OSError: If nothing answers.
        """
        connection = await open_connection(
            self._url, timeout_s=self._connect_timeout_s, session=self._core.session
        )
        self._connection = connection
        self.n_connections += 1
        self._core.start_connection()
        self._wake.set()
        tasks = [
            asyncio.create_task(self._write(connection), name="vrbridge client writer"),
            asyncio.create_task(self._watch(connection), name="vrbridge client watch"),
        ]
        unwelcome = asyncio.get_running_loop().call_later(
            self._connect_timeout_s, self._abort_if_unwelcome, connection
        )
        try:
            is_welcome = await self._read(connection)
        finally:
            unwelcome.cancel()
            self._connection = None
            self._is_connected.clear()
            self._core.end_connection()
            for task in tasks:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            connection.transport.abort()
        if is_welcome:
            return None
        self._unanswered_at_s = time.monotonic()
        return connection.close_code or 1006

    def _abort_if_unwelcome(self, connection: Connection) -> None:
        if not self._core.is_welcome:
            connection.transport.abort()

    async def _watch(self, connection: Connection) -> None:
        """Abort the connection if the server is dead; a close would wait for it."""
        pulse = Pulse()
        while True:
            await asyncio.sleep(self._heartbeat_s)
            verdict = pulse.tick(
                n_received_bytes=connection.n_received_bytes,
                n_sent=self._n_sent,
                unsent_bytes=connection.transport.get_write_buffer_size(),
            )
            if verdict == "dead":
                _log.warning("the server is silent", extra={"session": self._core.session})
                connection.transport.abort()
                return
            if verdict == "ask":
                self._core.send({"type": "ping", "t": time.monotonic()})
                self._wake.set()

    async def _read(self, connection: Connection) -> bool:
        is_welcome = False
        try:
            async for data in connection:
                if not isinstance(data, bytes):
                    raise MustClose(1003, "text message")
                if self._tap is not None:
                    self._tap("received", decode(data))
                for output in self._core.receive(data):
                    is_welcome |= isinstance(output, Welcomed)
                    self._note(output)
                    self.on_output(output)
                self._wake.set()
        except MustClose as error:
            _log.warning("closing", extra={"session": self._core.session, "close_code": error.code})
            await close_connection(connection, error.code, error.reason)
            self._refuse(error.code, error.reason)
            return is_welcome
        except ConnectionClosed:
            pass
        self._refuse(connection.close_code or 1006, connection.close_reason or "")
        return is_welcome

    def _refuse(self, close_code: int, reason: str) -> None:
        if close_code == _TAKEN_OVER and self._is_own_ghost():
            return
        refused = refusal(close_code, reason)
        if refused is not None:
            raise refused

    def _is_own_ghost(self) -> bool:
        """Whether what took over can be a connection that this client has given up; once for each."""
        unanswered_at_s, self._unanswered_at_s = self._unanswered_at_s, None
        return unanswered_at_s is not None and time.monotonic() < unanswered_at_s + _LATE_S

    def _note(self, output: Output) -> None:
        if isinstance(output, Welcomed):
            self._welcomed.set()
            self._is_connected.set()
        elif isinstance(output, GoingAway):
            self._pause_s = output.reconnect_after_s
            self._leave_at_s = time.monotonic() + output.reconnect_after_s

    async def _write(self, connection: Connection) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                try:
                    async with asyncio.timeout(self._next_look_s()):
                        await self._wake.wait()
                    self._wake.clear()
                except TimeoutError:
                    self._core.flush()
                await self._send_all(connection)
                if self._has_to_leave():
                    # The time that it told has been waited already.
                    self._pause_s = 0.0
                    await close_connection(connection, _GOING_AWAY, "the server is going away")
                    return

    def _has_to_leave(self) -> bool:
        """Whether the server goes away, the time that it told has come, and nothing is left to finish."""
        is_time = self._leave_at_s is not None and time.monotonic() >= self._leave_at_s
        return is_time and self._core.is_welcome and not self._core.open_requests

    def _next_look_s(self) -> float:
        if self._context is None or not self._core.is_welcome:
            return _FLUSH_S
        return min(_FLUSH_S, max(0.0, self._context_due_s - time.monotonic()))

    async def _send_all(self, connection: Connection) -> None:
        self._queue_context()
        while (message := self._core.take()) is not None:
            await connection.send(encode(message))
            self._n_sent += 1
            if self._tap is not None:
                self._tap("sent", message)

    def _queue_context(self) -> None:
        now = time.monotonic()
        if self._context is None or not self._core.is_welcome or now < self._context_due_s:
            return
        context_hz = self._core.limits.get("context_hz") or _DEFAULT_CONTEXT_HZ
        self._context_due_s = now + 1 / context_hz
        self._core.send(self._context)
        self._context = None
