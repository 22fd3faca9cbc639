"""What is said of one batch and has not been passed on, where one reader serves several."""

import asyncio
from collections import deque
from typing import Final

from vrbridge.scheduling.frames import Ended, Output

_MAX_MESSAGES: Final = 1024
_MAX_BYTES: Final = 256 << 20

Said = tuple[Output | Ended, bytes | memoryview]


class InboxFull(Exception):
    """Whoever asked takes nothing, and there is no room for more."""


class Inbox:
    """Holds messages until they are passed on; `put` never waits."""

    def __init__(self) -> None:
        self._waiting: deque[Said] = deque()
        self._n_bytes = 0
        self._is_full = False
        self._arrived = asyncio.Event()

    def put(self, message: Output | Ended, payload: bytes | memoryview) -> None:
        """Keep a message; once there is no room, `next` raises."""
        self._n_bytes += len(payload)
        self._is_full = self._is_full or len(self._waiting) >= _MAX_MESSAGES or self._n_bytes > _MAX_BYTES
        if self._is_full:
            self._waiting.clear()
        else:
            self._waiting.append((message, payload))
        self._arrived.set()

    async def next(self) -> Said:
        """Return the oldest message, once there is one.

        Raises:
            InboxFull: If there was no room for what came.
        """
        while not self._waiting:
            if self._is_full:
                raise InboxFull
            self._arrived.clear()
            await self._arrived.wait()
        message, payload = self._waiting.popleft()
        self._n_bytes -= len(payload)
        return message, payload
