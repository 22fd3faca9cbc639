"""One request in the hands of the code that made it."""

import asyncio
from collections import deque
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Final, Self

from vrbridge.client.errors import ClientError, NotRead, RequestFailed
from vrbridge.client.events import Asset, Done, Event, Progressed

MAX_WAITING: Final = 4096
"""Events of one request that may wait to be read; beyond that it is stopped."""


class Ticket:
    """Yields a request's events, assets as they complete; made by `Client.request`.

    Iterate it once. The iteration ends after `Done`, or raises `RequestFailed`, `SessionLost` or
    `CannotConnect`. Leaving the iteration early does not cancel; `cancel` does.

    Args:
        request_id: The request's id in its session.
        cancel: Tells the server.
        taken: Called with the bytes of each asset that is taken, so that more may come.
    """

    def __init__(
        self, request_id: int, *, cancel: Callable[[int], None], taken: Callable[[int], None]
    ) -> None:
        self.id = request_id
        self._cancel = cancel
        self._taken = taken
        self._events: deque[Event] = deque()
        self._failure: ClientError | None = None
        self._arrived = asyncio.Event()
        self._is_over = False
        self._is_dropped = False

    def cancel(self) -> None:
        """Stop the request; it then ends in `RequestFailed` with code `cancelled`, unless it was done."""
        self._cancel(self.id)

    async def done(self) -> Done:
        """Pass over everything up to the end and return it.

        Raises:
            RequestFailed: If the request ended in an error.
            SessionLost: If the session is gone and the request was not to be sent again.
            CannotConnect: If the connection is gone for good.
        """
        async for event in self:
            if isinstance(event, Done):
                return event
        raise RequestFailed("The end of this request has been read already.", code="cancelled")

    def __aiter__(self) -> Self:
        return self

    async def __anext__(self) -> Event:
        while not self._events:
            if self._failure is not None:
                failure, self._failure, self._is_over = self._failure, None, True
                raise failure
            if self._is_over:
                raise StopAsyncIteration
            self._arrived.clear()
            await self._arrived.wait()
        event = self._events.popleft()
        self._release(event)
        if isinstance(event, Done):
            self._is_over = True
        return event

    def put(self, event: Event | ClientError) -> None:
        """Hand over what has arrived; called by the client."""
        if isinstance(event, ClientError):
            self._failure = self._failure or event
        elif self._is_dropped:
            self._release(event)
        elif len(self._events) >= MAX_WAITING and not isinstance(event, Done):
            self._overflow(event)
        else:
            self._keep(event)
        self._arrived.set()

    def drop(self) -> None:
        """Give up what waits here and what still comes, so that it holds back no other request's assets."""
        self._is_dropped = True
        for event in self._events:
            self._release(event)
        self._events.clear()

    def _keep(self, event: Event) -> None:
        is_newer = isinstance(event, Progressed) and self._events and isinstance(self._events[-1], Progressed)
        if is_newer:
            self._events.pop()
        self._events.append(event)

    def _overflow(self, event: Event) -> None:
        self._failure = NotRead(MAX_WAITING)
        self._is_dropped = True
        self._release(event)
        self.cancel()

    def _release(self, event: Event) -> None:
        if isinstance(event, Asset):
            self._taken(len(event.data))


@contextmanager
def cancelled_if_left(ticket: Ticket) -> Iterator[None]:
    """Cancel the request if the block is left before its end."""
    try:
        yield
    finally:
        # Nothing happens if the request has ended.
        ticket.cancel()
        ticket.drop()
