"""Keeps one session connected: a task that owns the connection, its reader and its writer."""

import asyncio
import contextlib
import logging
import time
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager
from typing import Any, Final

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from vrbridge.client.backoff import backoff_s
from vrbridge.client.connector import open_connection, refusal
from vrbridge.client.core import ClientCore
from vrbridge.client.errors import CannotConnect, ClientError
from vrbridge.client.outputs import GoingAway, Output, Welcomed
from vrbridge.client.wire import MustClose, decode, encode

_log = logging.getLogger(__name__)

Tap = Callable[[str, Mapping[str, Any]], None]
"""Called with `sent` or `received` and the message."""

_RECONNECT_TIMEOUT_S: Final = 10.0
# Acknowledgements that are not due yet wait no longer than this.
_FLUSH_S: Final = 0.2
_DEFAULT_CONTEXT_HZ: Final = 20.0


class Link:
    """Connects, reconnects, and moves messages between a core and its socket.

    Args:
        core: The session.
        url: Where the server is.
        tap: Sees every message.
        give_up_s: How long a lost connection is tried again.
        random: Gives numbers in [0, 1).
    """

    def __init__(
        self,
        core: ClientCore,
        url: str,
        *,
        tap: Tap | None,
        give_up_s: float,
        random: Callable[[], float],
    ) -> None:
        self._core = core
        self._url = url
        self._tap = tap
        self._give_up_s = give_up_s
        self._random = random
        self._wake = asyncio.Event()
        self._connection: ClientConnection | None = None
        self._context: Mapping[str, Any] | None = None
        self._context_due_s = 0.0
        self._pause_s = 0.0
        self._failure: ClientError | None = None
        self._welcomed = asyncio.Event()
        self.n_connections = 0
        self.on_output: Callable[[Output], None] = lambda output: None
        self.on_over: Callable[[ClientError | None], None] = lambda failure: None

    @asynccontextmanager
    async def opened(self, *, timeout_s: float) -> AsyncIterator[None]:
        """Stay connected inside the block.

        Raises:
            CannotConnect: If the first connection fails.
        """
        owner = asyncio.create_task(self._own(timeout_s), name="vrbridge client")
        try:
            await self._first_welcome(owner, timeout_s)
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

    def wake(self) -> None:
        """Have the writer look for something to send."""
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

    async def _first_welcome(self, owner: asyncio.Task[None], timeout_s: float) -> None:
        welcomed = asyncio.create_task(self._welcomed.wait(), name="vrbridge first welcome")
        try:
            # The handshake has its own timeout of the same length.
            await asyncio.wait({owner, welcomed}, timeout=2 * timeout_s, return_when=asyncio.FIRST_COMPLETED)
        finally:
            welcomed.cancel()
        if not self._welcomed.is_set():
            self.check()
            raise CannotConnect(f"The server at {self._url} did not answer the greeting in time.")

    async def _close(self, owner: asyncio.Task[None]) -> None:
        if self._connection is not None:
            self._core.flush()
            with contextlib.suppress(ConnectionClosed):
                await self._send_all(self._connection)
            await self._connection.close()
        owner.cancel()
        await asyncio.gather(owner, return_exceptions=True)
        self._fail(CannotConnect("This client has been closed."))

    def _fail(self, failure: ClientError) -> None:
        if self._failure is None:
            self._failure = failure
            self.on_over(failure)

    async def _own(self, timeout_s: float) -> None:
        """Hold one connection after the other until that makes no sense any more."""
        try:
            await self._connect_once(timeout_s)
            while True:
                self.on_over(None)
                await self._reconnect()
        except ClientError as failure:
            self._fail(failure)
        except OSError as error:
            text = f"Nothing answers at {self._url}. Start `vrbridge serve` there, or check the address."
            unreachable = CannotConnect(text)
            unreachable.__cause__ = error
            self._fail(unreachable)

    async def _reconnect(self) -> None:
        give_up_at = time.monotonic() + self._give_up_s
        attempt = 0
        while True:
            wait_s = self._pause_s + backoff_s(attempt, self._random)
            self._pause_s = 0.0
            await asyncio.sleep(wait_s)
            try:
                if await self._connect_once(_RECONNECT_TIMEOUT_S):
                    return
            except OSError:
                if time.monotonic() > give_up_at:
                    raise
            attempt += 1
            _log.info("reconnecting", extra={"session": self._core.session, "attempt": attempt})

    async def _connect_once(self, timeout_s: float) -> bool:
        """Hold one connection till its end; return whether the server welcomed it.

        Raises:
            CannotConnect: If trying again unchanged makes no sense.
            OSError: If nothing answers.
        """
        connection = await open_connection(self._url, timeout_s=timeout_s)
        self._connection = connection
        self.n_connections += 1
        self._core.start_connection()
        self._wake.set()
        writer = asyncio.create_task(self._write(connection), name="vrbridge client writer")
        try:
            return await self._read(connection)
        finally:
            self._connection = None
            self._core.end_connection()
            writer.cancel()
            await asyncio.gather(writer, return_exceptions=True)
            connection.transport.abort()

    async def _read(self, connection: ClientConnection) -> bool:
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
            await connection.close(error.code, error.reason)
            self._refuse(error.code, error.reason)
            return is_welcome
        except ConnectionClosed:
            pass
        self._refuse(connection.close_code or 1006, connection.close_reason or "")
        return is_welcome

    def _refuse(self, close_code: int, reason: str) -> None:
        refused = refusal(close_code, reason)
        if refused is not None:
            raise refused

    def _note(self, output: Output) -> None:
        if isinstance(output, Welcomed):
            self._welcomed.set()
        elif isinstance(output, GoingAway):
            self._pause_s = output.reconnect_after_s

    async def _write(self, connection: ClientConnection) -> None:
        with contextlib.suppress(ConnectionClosed):
            while True:
                try:
                    async with asyncio.timeout(self._next_look_s()):
                        await self._wake.wait()
                    self._wake.clear()
                except TimeoutError:
                    self._core.flush()
                await self._send_all(connection)

    def _next_look_s(self) -> float:
        if self._context is None or not self._core.is_welcome:
            return _FLUSH_S
        return min(_FLUSH_S, max(0.0, self._context_due_s - time.monotonic()))

    async def _send_all(self, connection: ClientConnection) -> None:
        self._queue_context()
        while (message := self._core.take()) is not None:
            await connection.send(encode(message))
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
