"""The pool's end of the socket to one worker."""

import asyncio
import socket

import msgspec

from vrbridge.scheduling.frames import (
    MAX_HEADER_BYTES,
    MAX_PAYLOAD_BYTES,
    PREFIX,
    FromWorker,
    Output,
    ToWorker,
    from_worker,
    pack,
)


class ChannelClosed(Exception):
    """The worker is gone, or says what it must not."""


class Channel:
    """Sends and receives frames; reads only what is asked for, so that a slow consumer slows the worker.

    Args:
        endpoint: A connected stream socket; it stays the caller's to close.
    """

    def __init__(self, endpoint: socket.socket) -> None:
        endpoint.setblocking(False)
        self._endpoint = endpoint

    async def send(self, frame: bytes) -> None:
        """Send a packed frame; a cancelled send leaves the channel unusable.

        Raises:
            ChannelClosed: If the worker is gone.
        """
        try:
            await asyncio.get_running_loop().sock_sendall(self._endpoint, frame)
        except OSError as error:
            raise ChannelClosed("The worker is gone.") from error

    def send_now(self, message: ToWorker) -> bool:
        """Send a small message without waiting; return whether the worker could take it."""
        frame = pack(message)
        try:
            # A part of a frame can't be sent: a stream socket with any room left has room for these bytes.
            return self._endpoint.send(frame) == len(frame)
        except OSError:
            return False

    async def receive(self) -> tuple[FromWorker, bytes | memoryview]:
        """Return the next message and its payload; a cancelled call leaves the channel unusable.

        Raises:
            ChannelClosed: If the worker is gone or breaks the framing.
        """
        (n_bytes,) = PREFIX.unpack(await self._read(PREFIX.size))
        if n_bytes > MAX_HEADER_BYTES:
            raise ChannelClosed("The worker broke the framing.")
        try:
            message = from_worker.decode(await self._read(n_bytes))
        except msgspec.DecodeError as error:
            raise ChannelClosed("The worker broke the framing.") from error
        if not isinstance(message, Output) or message.size_bytes == 0:
            return message, b""
        if not 0 < message.size_bytes <= MAX_PAYLOAD_BYTES:
            raise ChannelClosed("The worker broke the framing.")
        return message, (await self._read(message.size_bytes)).toreadonly()

    async def _read(self, n_bytes: int) -> memoryview:
        loop = asyncio.get_running_loop()
        view = memoryview(bytearray(n_bytes))
        n_read = 0
        while n_read < n_bytes:
            try:
                n_new = await loop.sock_recv_into(self._endpoint, view[n_read:])
            except OSError as error:
                raise ChannelClosed("The worker is gone.") from error
            if n_new == 0:
                raise ChannelClosed("The worker is gone.")
            n_read += n_new
        return view
