"""One player's connection: the product's client core on a socket, without a task for each player's writer."""

import asyncio
import contextlib
import random
from collections.abc import Callable

from websockets.asyncio.client import ClientConnection
from websockets.exceptions import ConnectionClosed

from vrbridge.bench.recording import Recording
from vrbridge.client.backoff import backoff_s
from vrbridge.client.connector import open_connection, refusal
from vrbridge.client.core import ClientCore
from vrbridge.client.errors import CannotConnect
from vrbridge.client.outputs import GoingAway, Output, Welcomed
from vrbridge.client.wire import MustClose, encode

_OPEN_TIMEOUT_S = 60.0
"""A thousand handshakes at once take a busy machine a while."""


class PlayerLink:
    """Connects, resumes after a cut, and moves messages; who calls `push` writes.

    Args:
        core: The session.
        url: Where the server is.
        recording: Where connections and faults are counted.
        on_output: Called with what the core makes of each message.
        chance: For the waits between attempts.
    """

    def __init__(
        self,
        core: ClientCore,
        url: str,
        recording: Recording,
        *,
        on_output: Callable[[Output], None],
        chance: random.Random,
    ) -> None:
        self._core = core
        self._url = url
        self._recording = recording
        self._on_output = on_output
        self._chance = chance
        self._connection: ClientConnection | None = None
        self._pause_s = 0.0
        self.has_left = False
        self.welcomed = asyncio.Event()

    async def stay(self) -> None:
        """Hold one connection after the other until `leave`.

        Raises:
            CannotConnect: If the server refuses for good, or the very first connection fails.
        """
        attempt = 0
        while True:
            is_welcome = await self._tried()
            if self.has_left:
                return
            if not self.welcomed.is_set():
                raise CannotConnect(f"The server at {self._url} does not let everybody in.")
            attempt = 0 if is_welcome else attempt + 1
            await asyncio.sleep(self._pause_s + backoff_s(attempt, self._chance.random))
            self._pause_s = 0.0

    async def push(self) -> None:
        """Send what the core has; without a connection it is built again for the next one."""
        connection = self._connection
        if connection is None:
            return
        with contextlib.suppress(ConnectionClosed):
            while (message := self._core.take()) is not None:
                await connection.send(encode(message))

    async def send(self, data: bytes) -> bool:
        """Send a message that needs no answer; return whether there was a connection for it."""
        if self._connection is None or not self._core.is_welcome:
            return False
        try:
            await self._connection.send(data)
        except ConnectionClosed:
            return False
        return True

    async def cut(self) -> None:
        """Drop the connection without a word, as a dead Wi-Fi does."""
        if self._connection is not None:
            self._connection.transport.abort()
            await self._connection.wait_closed()

    async def leave(self) -> None:
        """Acknowledge everything and close."""
        self.has_left = True
        self._core.flush()
        await self.push()
        if self._connection is not None:
            await self._connection.close()

    async def _tried(self) -> bool:
        """Hold a connection if there is one; return whether the server welcomed it."""
        try:
            return await self._connect_once()
        except OSError as error:
            if not self.welcomed.is_set():
                raise CannotConnect(f"Nothing answers at {self._url} ({error}).") from error
            self._recording.failed(f"connect: {type(error).__name__}")
            return False

    async def _connect_once(self) -> bool:
        """Hold one connection till its end; return whether the server welcomed it."""
        connection = await open_connection(self._url, timeout_s=_OPEN_TIMEOUT_S)
        self._recording.n_connections += 1
        self._core.start_connection()
        self._connection = connection
        try:
            await self.push()
            is_welcome = await self._read(connection)
        finally:
            self._connection = None
            self._core.end_connection()
            connection.transport.abort()
        code = connection.close_code or 1006
        if not self.has_left:
            self._recording.closed(code)
        refused = refusal(code, connection.close_reason or "")
        if refused is not None:
            raise refused
        return is_welcome

    async def _read(self, connection: ClientConnection) -> bool:
        had_session = bool(self._core.session)
        is_welcome = False
        try:
            async for data in connection:
                if not isinstance(data, bytes):
                    raise MustClose(1003, "text message")
                for output in self._core.receive(data):
                    if isinstance(output, Welcomed):
                        is_welcome = True
                        self._note_welcome(had_session, output)
                    elif isinstance(output, GoingAway):
                        self._pause_s = output.reconnect_after_s
                    self._on_output(output)
                await self.push()
        except MustClose as error:
            # The server broke the protocol, or something was lost: what this test exists to find.
            self._recording.failed(f"protocol: {error.reason}")
            await connection.close(error.code, error.reason)
        except ConnectionClosed:
            pass
        return is_welcome

    def _note_welcome(self, had_session: bool, welcome: Welcomed) -> None:
        self.welcomed.set()
        self._recording.n_resumed += had_session and welcome.is_resumed
        self._recording.n_lost += had_session and not welcome.is_resumed
