"""Messages that were sent and may have to be sent again."""

from collections import deque
from collections.abc import Callable
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Sent:
    """A message as it left.

    Args:
        seq: Its number in the session.
        data: Its bytes.
        asset: Number of the asset that it announces.
        ends: The request that it ends.
    """

    seq: int
    data: bytes
    asset: int | None = None
    ends: int | None = None


class ReplayBuffer:
    """The unacknowledged messages of a session, in order.

    Args:
        max_messages: Beyond this the oldest is given up, and a client that needs it can't resume.
        on_gone: Called with each message that will not be sent again.
    """

    def __init__(self, *, max_messages: int, on_gone: Callable[[Sent], None]) -> None:
        self._max_messages = max_messages
        self._on_gone = on_gone
        self._sent: deque[Sent] = deque()
        self._gone_seq = 0
        self._n_replayed = 0

    def __len__(self) -> int:
        return len(self._sent)

    @property
    def oldest_resumable(self) -> int:
        """The smallest `received` with which a client can resume."""
        return self._gone_seq

    def add(self, sent: Sent) -> None:
        """Keep a message that has just been sent."""
        self._sent.append(sent)
        self._n_replayed = len(self._sent)
        if len(self._sent) > self._max_messages:
            self._give_up()

    def acknowledge(self, received: int) -> None:
        """Forget what the client has."""
        while self._sent and self._sent[0].seq <= received:
            self._give_up()

    def rewind(self, received: int) -> None:
        """Send everything after `received` again."""
        self.acknowledge(received)
        self._n_replayed = 0

    def next(self) -> Sent | None:
        """Return the next message to send again, or None if all are sent."""
        return self._sent[self._n_replayed] if self._n_replayed < len(self._sent) else None

    def advance(self) -> None:
        """Count the next message as sent again."""
        self._n_replayed += 1

    def _give_up(self) -> None:
        gone = self._sent.popleft()
        self._gone_seq = gone.seq
        self._n_replayed = max(0, self._n_replayed - 1)
        self._on_gone(gone)
