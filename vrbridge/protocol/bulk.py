"""Which chunk leaves next, within the client's credit and the window of the connection."""

from collections.abc import Callable, Collection
from typing import Final

from vrbridge.protocol.bodies import Body
from vrbridge.protocol.delivery_window import DeliveryWindow
from vrbridge.protocol.lane import Lane
from vrbridge.protocol.messages import Chunk
from vrbridge.protocol.round_robin import DeficitRoundRobin

DEFAULT_CHUNK_BYTES: Final = 16384


class Bulk:
    """Shares one connection after the other between the assets that are to be sent.

    Args:
        window: Bounds what is on its way by what the connection carries. None: only credit does.
        weigh: Returns by its id how much the player looks at where a request's assets belong.
    """

    def __init__(self, window: DeliveryWindow | None, weigh: Callable[[int], float]) -> None:
        self._window = window
        self._weigh = weigh
        self.restart(chunk_bytes=DEFAULT_CHUNK_BYTES, window_bytes=0)

    @property
    def credit_left(self) -> int:
        """Bytes that the client still allows."""
        return max(0, self._credit - self._spent)

    def restart(self, *, chunk_bytes: int, window_bytes: int) -> None:
        """Begin a connection.

        Args:
            chunk_bytes: Largest chunk.
            window_bytes: Initial credit.
        """
        self._chunk_bytes = chunk_bytes
        self._shares = DeficitRoundRobin(quantum_bytes=chunk_bytes)
        self._credit, self._spent = window_bytes, 0
        if self._window is not None:
            self._window.restart()

    def allow(self, limit: int) -> None:
        """Take note of credit, an absolute number of bytes on this connection; it never falls."""
        self._credit = max(self._credit, limit)

    def next(self, lanes: Collection[Lane], *, is_talking: bool) -> Chunk | None:
        """Return the next chunk, or None if none may leave now.

        Args:
            lanes: Those that may have something to send.
            is_talking: Whether words are on their way, or about to be, and must not wait.
        """
        if self.credit_left == 0:
            return None
        ready = [(lane, body) for lane in lanes if (body := lane.body_to_send()) and body.view is not None]
        # What belongs to dialogue goes before all other chunks.
        spoken = [(lane, body) for lane, body in ready if lane.is_dialogue]
        largest = self._largest(is_talking=is_talking, is_spoken=bool(spoken)) if ready else 0
        if largest == 0:
            return None
        if spoken:
            return self._cut(min(spoken, key=lambda pair: pair[0].number)[1], largest)
        tier = self._shares.choose({lane.tier for lane, _ in ready})
        _, body = min(
            (pair for pair in ready if pair[0].tier == tier),
            key=lambda pair: (-self._weigh(pair[0].request_id), pair[0].number),
        )
        chunk = self._cut(body, largest)
        self._shares.spend(tier, len(chunk.data))
        return chunk

    def _cut(self, body: Body, largest: int) -> Chunk:
        offset = body.offset
        data = body.take(min(largest, body.left_bytes))
        self._spent += len(data)
        return Chunk(asset=body.asset, offset=offset, data=data)

    def _largest(self, *, is_talking: bool, is_spoken: bool) -> int:
        largest = min(self._chunk_bytes, self.credit_left)
        if self._window is None:
            return largest
        return min(largest, self._window.chunk_bytes(is_talking=is_talking, is_spoken=is_spoken))
