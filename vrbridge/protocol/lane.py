"""What waits to be sent for one request, in order."""

from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field

from vrbridge.protocol.bodies import Body
from vrbridge.protocol.messages import Progress, SequencedMessage

PROGRESS_INTERVAL_S = 0.1
"""Progress goes out at most ten times a second for one request."""

Entry = tuple[int, SequencedMessage, float]
"""Order among all messages of the session, the message, and when it was put, on a monotonic clock."""


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
    queue: deque[Entry] = field(default_factory=deque)
    bodies: dict[int, Body] = field(default_factory=dict)
    """By number of the asset, in order; kept until the client has acknowledged the request's end."""
    announced: deque[Body] = field(default_factory=deque)
    """Bodies whose chunks may be sent on this connection, in order."""
    progress: Entry | None = None
    """The one progress in the queue."""
    held: Entry | None = None
    """A progress that came too soon after the last one."""
    next_progress: float = float("-inf")

    @property
    def is_idle(self) -> bool:
        """Whether nothing waits here."""
        return not self.queue and self.held is None and self.body_to_send() is None

    def put(self, order: int, message: SequencedMessage, *, now: float) -> int:
        """Queue a message; return by how much the number of waiting messages changed."""
        if isinstance(message, Progress):
            return self._put_progress((order, message, now), now)
        # What follows makes an older progress pointless.
        n_held, self.held = int(self.held is not None), None
        self.queue.append((order, message, now))
        return 1 - n_held

    def release_held(self, *, now: float) -> None:
        """Queue the progress that was held, if its time has come."""
        if self.held is not None and now >= self.next_progress:
            self._queue_progress(self.held)
            self.held = None

    def announce(self, asset: int) -> None:
        """Let the chunks of an asset follow."""
        self.announced.append(self.bodies[asset])

    def body_to_send(self) -> Body | None:
        """Return the announced asset whose chunks come next."""
        while self.announced and not self.announced[0].left_bytes:
            self.announced.popleft()
        return self.announced[0] if self.announced else None

    def head(self) -> Entry | None:
        """Return the next message, or None if chunks come first or nothing waits."""
        if not self.queue or self.body_to_send() is not None:
            return None
        return self.queue[0]

    def take(self, *, now: float) -> Entry:
        """Remove and return the next message."""
        entry = self.queue.popleft()
        if entry is self.progress:
            self.progress = None
            self.next_progress = now + PROGRESS_INTERVAL_S
        return entry

    def clear(self) -> int:
        """Drop everything that waits; return the number of messages."""
        n_dropped = len(self.queue) + (self.held is not None)
        self.queue.clear()
        self.progress = self.held = None
        self.announced.clear()
        return n_dropped

    def restart(self, received: int, offsets: Mapping[int, int]) -> None:
        """Go on, on a new connection, from where the client is.

        Args:
            received: Highest `seq` that it has.
            offsets: Number → bytes that it has, of its incomplete assets; it has all of the other ones.
        """
        self.announced.clear()
        for body in self.bodies.values():
            if body.header_seq is not None and body.header_seq <= received:
                body.rewind(offsets.get(body.asset, body.n_bytes))
                self.announced.append(body)
            else:
                body.rewind(0)

    def _put_progress(self, entry: Entry, now: float) -> int:
        if self.progress is not None:
            self.queue.remove(self.progress)
            self._queue_progress(entry)
            return 0
        n_held, self.held = int(self.held is not None), None
        if now < self.next_progress:
            self.held = entry
        else:
            self._queue_progress(entry)
        return 1 - n_held

    def _queue_progress(self, entry: Entry) -> None:
        self.progress = entry
        self.queue.append(entry)
