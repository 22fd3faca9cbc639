"""Connections that have not said who they are: bounded in number, and in the time for their first words."""

import asyncio
from typing import Protocol


class Abortable(Protocol):
    """What carries a connection."""

    def abort(self) -> None:
        """End it at once."""
        ...


class Arrivals:
    """Keeps those who hold a door open from keeping others out; belongs to the event loop.

    A good client greets within a round trip, so that of too many arrivals the oldest is the one to give up.

    Args:
        max_waiting: Arrivals that may wait at once.
        request_s: How long one may take to say its HTTP request.
    """

    def __init__(self, *, max_waiting: int, request_s: float) -> None:
        self._max_waiting = max_waiting
        self._request_s = request_s
        self._waiting: dict[Abortable, asyncio.TimerHandle] = {}

    def __len__(self) -> int:
        return len(self._waiting)

    def come(self, transport: Abortable) -> None:
        """Take note of a new connection; it may cost the oldest its place."""
        if len(self._waiting) >= self._max_waiting:
            self._abort(next(iter(self._waiting)))
        loop = asyncio.get_running_loop()
        self._waiting[transport] = loop.call_later(self._request_s, self._abort, transport)

    def heard(self, transport: Abortable) -> None:
        """Note that its HTTP request has been read."""
        timer = self._waiting.get(transport)
        if timer is not None:
            timer.cancel()

    def leave(self, transport: Abortable) -> None:
        """Forget a connection, because it has greeted or is gone; nothing happens if it is not known."""
        timer = self._waiting.pop(transport, None)
        if timer is not None:
            timer.cancel()

    def abort_all(self) -> None:
        """End every arrival."""
        for transport in tuple(self._waiting):
            self._abort(transport)

    def _abort(self, transport: Abortable) -> None:
        self.leave(transport)
        transport.abort()
