"""What waits to be sent for one request, in order."""

from collections import deque
from dataclasses import dataclass, field

from vrbridge.protocol.messages import Progress, SequencedMessage

PROGRESS_INTERVAL_S = 0.1
"""Progress goes out at most ten times a second for one request."""


@dataclass(slots=True)
class Body:
    """The bytes of an asset on their way.

    Args:
        asset: Its number in the session.
        view: All bytes; empty once nobody wants them.
        offset: The next byte to send on this connection.
        header_seq: When it was announced; None: not yet.
        is_announced: Whether the client of this connection knows of it.
    """

    asset: int
    view: memoryview
    offset: int = 0
    header_seq: int | None = None
    is_announced: bool = False

    @property
    def left_bytes(self) -> int:
        """Bytes not sent yet."""
        return len(self.view) - self.offset

    def drop(self) -> None:
        """Send no more of it."""
        self.view = memoryview(b"")
        self.offset = 0


@dataclass(slots=True)
class Lane:
    """The order of one request: what was put first leaves first, an asset's chunks before what follows it.

    Args:
        request_id: The request.
        tier: 0 interactive, 1 normal, 2 background.
        is_dialogue: Its messages go before other requests' results.
        number: Lanes are numbered as they are opened.
    """

    request_id: int
    tier: int
    is_dialogue: bool
    number: int
    is_closed: bool = False
    is_ended: bool = False
    weight: float = 0.0
    queue: deque[tuple[int, SequencedMessage]] = field(default_factory=deque)
    """(order among all messages of the session, message)."""
    bodies: dict[int, Body] = field(default_factory=dict)
    """By number of the asset, in order; kept until the client has acknowledged the request's end."""
    held: tuple[int, Progress] | None = None
    """A progress that came too soon after the last one."""
    next_progress: float = float("-inf")

    def put(self, order: int, message: SequencedMessage, *, now: float) -> int:
        """Queue a message; return by how much the number of waiting messages changed."""
        if isinstance(message, Progress):
            return self._put_progress(order, message, now)
        # What follows makes an older progress pointless.
        n_held, self.held = int(self.held is not None), None
        self.queue.append((order, message))
        return 1 - n_held

    def release_held(self, *, now: float) -> None:
        """Queue the progress that was held, if its time has come."""
        if self.held is not None and now >= self.next_progress:
            self.queue.append(self.held)
            self.held = None
            self.next_progress = now + PROGRESS_INTERVAL_S

    def body_to_send(self) -> Body | None:
        """Return the announced asset whose chunks come next."""
        return next((body for body in self.bodies.values() if body.is_announced and body.left_bytes), None)

    def head(self) -> tuple[int, SequencedMessage] | None:
        """Return the next message, or None if chunks come first or nothing waits."""
        if not self.queue or self.body_to_send() is not None:
            return None
        return self.queue[0]

    def clear(self) -> int:
        """Drop everything that waits; return the number of messages."""
        n_dropped = len(self.queue) + (self.held is not None)
        self.queue.clear()
        self.held = None
        for body in self.bodies.values():
            body.drop()
        return n_dropped

    def _put_progress(self, order: int, message: Progress, now: float) -> int:
        if self.queue and isinstance(self.queue[-1][1], Progress):
            self.queue[-1] = (self.queue[-1][0], message)
            return 0
        if now < self.next_progress:
            n_new = int(self.held is None)
            self.held = (order, message)
            return n_new
        self.queue.append((order, message))
        self.next_progress = now + PROGRESS_INTERVAL_S
        return 1
