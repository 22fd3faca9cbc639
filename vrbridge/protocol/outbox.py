"""What a session has to say, and in which order it is said."""

from collections import deque
from collections.abc import Callable, Collection, Mapping

import msgspec

from vrbridge.errors import BadMessage
from vrbridge.protocol.bodies import Bodies, Body
from vrbridge.protocol.bulk import Bulk
from vrbridge.protocol.codec import encode
from vrbridge.protocol.delivery_window import DeliveryWindow
from vrbridge.protocol.lane import Entry, Lane
from vrbridge.protocol.messages import (
    AssetHeader,
    Done,
    End,
    Error,
    Forgotten,
    GoAway,
    Pong,
    SequencedMessage,
)
from vrbridge.protocol.replay import ReplayBuffer, Sent

# Order of what is not a chunk: complaints and errors, dialogue, then everything else that is small.
_URGENT, _SPOKEN, _SMALL = range(3)
_URGENCIES = ("control", "dialogue", "result")


class Outbox:
    """The sending side of a session; it survives connections.

    Messages of one request leave in the order they were put, chunks of an asset before what was put after it.
    Among requests the most urgent leaves first. `seq` is given when a message leaves, in one place.

    Args:
        replay_messages: Unacknowledged messages kept for a client that comes back.
        max_pending: Messages that may wait; `has_room` is false beyond it. Nothing is ever dropped here.
        window: Bounds the chunks on their way by what the connection carries. None: only credit bounds them.
        weigh: Returns by its id how much the player looks at where a request's results belong: larger goes
            first inside a tier. Asked for each chunk.
        on_hold: Called with the digest of each asset that may have to be sent (again).
        on_release: Called with it once that is over.
        on_left: Called with `control`, `dialogue` or `result` and the seconds that a message waited here
            although there was a connection.
    """

    def __init__(
        self,
        *,
        replay_messages: int,
        max_pending: int = 1024,
        window: DeliveryWindow | None = None,
        weigh: Callable[[int], float] = lambda request_id: 0.0,
        on_hold: Callable[[str], None] = lambda digest: None,
        on_release: Callable[[str], None] = lambda digest: None,
        on_left: Callable[[str, float], None] = lambda urgency, wait_s: None,
    ) -> None:
        self._max_pending = max_pending
        self._on_left = on_left
        self._lanes: dict[int, Lane] = {}
        self._busy: dict[int, Lane] = {}
        self._bodies = Bodies(on_hold=on_hold, on_release=on_release)
        self._unsequenced: deque[Pong | GoAway] = deque()
        self._control: deque[Entry] = deque()
        self._loose_ends: set[int] = set()
        self._replay = ReplayBuffer(max_messages=replay_messages, on_gone=self._forget)
        self._bulk = Bulk(window, weigh)
        self._seq = 0
        self._n_put = 0
        self._n_waiting = 0
        self._n_opened = 0
        self._n_talking = 0
        self._is_attached = False
        self._attached_at = 0.0

    @property
    def has_room(self) -> bool:
        """Whether jobs may put more; those that put nevertheless lose nothing."""
        return self._n_waiting < self._max_pending

    @property
    def has_pending(self) -> bool:
        """Whether anything is left to send, credit aside."""
        return (
            bool(self._unsequenced)
            or self._replay.next() is not None
            or bool(self._control)
            or any(not lane.is_idle for lane in self._busy.values())
        )

    @property
    def is_starved(self) -> bool:
        """Whether chunks wait for credit."""
        return self._bulk.credit_left == 0 and self._has_chunks

    @property
    def has_bulk(self) -> bool:
        """Whether chunks wait that credit allows."""
        return self._bulk.credit_left > 0 and self._has_chunks

    @property
    def n_unacknowledged(self) -> int:
        """Messages kept for a replay."""
        return len(self._replay)

    @property
    def n_unfinished(self) -> int:
        """Requests whose end has not left yet."""
        return sum(not lane.is_ended for lane in self._lanes.values())

    @property
    def kept_bytes(self) -> int:
        """Bytes of assets that are kept for a client that may come back, sent or not."""
        return self._bodies.held_bytes

    def holds(self, request_id: int) -> bool:
        """Whether a request's end waits to be sent, or to be acknowledged."""
        return request_id in self._lanes or request_id in self._loose_ends

    def is_sending(self, request_id: int) -> bool:
        """Whether a request's end has not left yet."""
        lane = self._lanes.get(request_id)
        return lane is not None and not lane.is_ended

    @property
    def pending_bytes(self) -> int:
        """Bytes of assets that wait to be sent."""
        return sum(body.left_bytes for body in self._bodies)

    @property
    def wake_at(self) -> float | None:
        """When `next` may have something that it hasn't now; None: not before something is put."""
        return min((lane.next_progress for lane in self._busy.values() if lane.held), default=None)

    def open(self, request_id: int, *, tier: int, is_dialogue: bool) -> None:
        """Begin the lane of a request.

        Args:
            request_id: Of a request that has no lane yet.
            tier: 0 interactive, 1 normal, 2 background.
            is_dialogue: Whether its messages go before other requests' results.
        """
        assert request_id not in self._lanes, "a request has one lane"
        self._n_opened += 1
        self._lanes[request_id] = Lane(request_id, tier, is_dialogue, self._n_opened)
        self._n_talking += is_dialogue

    def put(self, message: SequencedMessage | Pong | GoAway, *, now: float) -> None:
        """Queue a message: in its request's lane while that is open, with the control messages otherwise."""
        self._n_put += 1
        if isinstance(message, Pong | GoAway):
            self._unsequenced.append(message)
            self._n_waiting += 1
            return
        lane = self._open_lane(None if isinstance(message, Forgotten) else message.id)
        if lane is None:
            if isinstance(message, Done | Error) and message.id is not None:
                self._loose_ends.add(message.id)
            self._control.append((self._n_put, message, now))
            self._n_waiting += 1
            return
        self._n_waiting += lane.put(self._n_put, message, now=now)
        self._busy[lane.request_id] = lane

    def put_asset(self, header: AssetHeader, body: bytes | memoryview, *, now: float) -> int:
        """Queue an asset in its request's lane and return its number.

        Args:
            header: Its `bytes` is the length of `body`; its `asset` is filled in here.
            body: Let go once it is sent, or while there is no connection; `missing` says when it is needed
                again.
            now: Seconds on a monotonic clock.
        """
        assert header.bytes == len(body), "a header tells the true length"
        lane = self._open_lane(header.id)
        assert lane is not None, "assets belong to an open request"
        added = self._bodies.add(header.id, digest=header.digest, view=memoryview(body))
        if not self._is_attached:
            added.view = None
        lane.bodies[added.asset] = added
        self.put(msgspec.structs.replace(header, asset=added.asset), now=now)
        return added.asset

    def missing(self) -> tuple[tuple[int, str], ...]:
        """Return number and digest of the assets that come next and whose bytes are not at hand."""
        if not self._is_attached:
            return ()
        bodies = (lane.body_to_send() for lane in self._busy.values())
        return tuple((body.asset, body.digest) for body in bodies if body is not None and body.view is None)

    def supply(self, asset: int, view: memoryview) -> None:
        """Bring the bytes of an asset that was missing; if they are not wanted any more nothing happens."""
        body = self._bodies.find(asset)
        if self._is_attached and body is not None and body.left_bytes:
            assert len(view) == body.n_bytes, "a digest stands for the same bytes"
            body.view = view

    def close(self, request_id: int, end: End, *, now: float) -> None:
        """End a request after everything that waits in its lane."""
        lane = self._open_lane(request_id)
        assert lane is not None, "a request ends once"
        self.put(end, now=now)
        lane.is_closed = True

    def cancel(self, request_id: int, end: Error, *, now: float) -> bool:
        """End a request now, dropping what it has not sent; return False if its end has left already."""
        lane = self._lanes.get(request_id)
        if lane is None or lane.is_ended:
            return False
        self._n_waiting -= lane.clear()
        for body in lane.bodies.values():
            self._bodies.release(body)
        lane.is_closed = False
        self.put(end, now=now)
        lane.is_closed = True
        return True

    def skip(self, asset: int) -> None:
        """Send no (more) chunks of an asset; unknown numbers are those of requests that ended long ago."""
        body = self._bodies.find(asset)
        if body is not None and body.header_seq is not None:
            self._bodies.release(body)

    def credit(self, limit: int) -> None:
        """Allow chunk payload up to an absolute number of bytes on this connection; it never falls."""
        self._bulk.allow(limit)

    def attach(
        self,
        *,
        received: int,
        assets: Mapping[int, int],
        chunk_bytes: int,
        window_bytes: int,
        now: float = 0.0,
    ) -> bool:
        """Begin a connection; return False if it can't go on from there, and then nothing has changed.

        Args:
            received: Highest `seq` that the client has.
            assets: Number → bytes that the client has, of its incomplete assets.
            chunk_bytes: Largest chunk.
            window_bytes: Initial credit.
            now: Seconds on a monotonic clock.
        """
        if not self._replay.oldest_resumable <= received <= self._seq:
            return False
        if not self._bodies.can_go_on(received, assets):
            return False
        self._replay.rewind(received)
        for lane in self._lanes.values():
            lane.restart(received, assets)
        self._busy = {number: lane for number, lane in self._lanes.items() if not lane.is_idle}
        # What was said about the last connection means nothing on this one.
        self._n_waiting -= len(self._unsequenced)
        self._unsequenced.clear()
        self._bulk.restart(chunk_bytes=chunk_bytes, window_bytes=window_bytes)
        self._is_attached, self._attached_at = True, now
        return True

    def detach(self) -> None:
        """End the connection; what is put from now on waits for the next one."""
        self._is_attached = False
        self._bodies.park()

    def close_session(self) -> None:
        """Let all assets go; nothing is sent any more."""
        self._is_attached = False
        self._bodies.release_all()

    def ack(self, received: int) -> None:
        """Forget what the client has processed.

        Raises:
            BadMessage: If it claims more than was sent.
        """
        if received > self._seq:
            raise BadMessage(f"`received` is {received}, but only {self._seq} were sent.", field="received")
        self._replay.acknowledge(received)

    def next(self, *, now: float) -> bytes | None:
        """Return the next message to send, or None if nothing can be sent now.

        Args:
            now: Seconds on a monotonic clock.
        """
        if not self._is_attached:
            return None
        if self._unsequenced:
            self._n_waiting -= 1
            return encode(self._unsequenced.popleft())
        again = self._replay.next()
        if again is not None:
            return self._sent_again(again)
        lanes = self._lanes_with_work(now)
        return self._next_message(lanes, now) or self._next_chunk(lanes)

    @property
    def _has_chunks(self) -> bool:
        return any(lane.body_to_send() for lane in self._busy.values())

    def _open_lane(self, request_id: int | None) -> Lane | None:
        lane = None if request_id is None else self._lanes.get(request_id)
        return None if lane is None or lane.is_closed else lane

    def _sent_again(self, again: Sent) -> bytes | None:
        lane = None if again.ends is None else self._lanes.get(again.ends)
        if lane is not None and lane.body_to_send() is not None:
            # The end of a request comes after its last chunk, also on a second connection.
            return self._next_chunk([lane])
        self._replay.advance()
        if again.asset is not None:
            self._announce(again.asset)
        return again.data

    def _lanes_with_work(self, now: float) -> list[Lane]:
        for lane in list(self._busy.values()):
            lane.release_held(now=now)
            if lane.is_idle:
                del self._busy[lane.request_id]
        return list(self._busy.values())

    def _next_message(self, lanes: list[Lane], now: float) -> bytes | None:
        best: tuple[int, int, Lane | None] | None = None
        if self._control:
            best = (_URGENT, self._control[0][0], None)
        for lane in lanes:
            head = lane.head()
            if head is None:
                continue
            order, message, _ = head
            urgency = _URGENT if isinstance(message, Error) else _SPOKEN if lane.is_dialogue else _SMALL
            if best is None or (urgency, order) < best[:2]:
                best = (urgency, order, lane)
        if best is None:
            return None
        self._n_waiting -= 1
        urgency, _, chosen = best
        _, message, put_at = self._control.popleft() if chosen is None else chosen.take(now=now)
        self._on_left(_URGENCIES[urgency], max(0.0, now - max(put_at, self._attached_at)))
        return self._stamp(message, chosen)

    def _stamp(self, message: SequencedMessage, lane: Lane | None) -> bytes:
        """Give a message its `seq`; the only place where that happens."""
        self._seq += 1
        data = encode(msgspec.structs.replace(message, seq=self._seq))
        sent = Sent(self._seq, data)
        if isinstance(message, AssetHeader):
            self._announce(message.asset).header_seq = self._seq
            sent = Sent(self._seq, data, asset=message.asset)
        elif isinstance(message, Done | Error):
            if lane is not None:
                self._note_end(lane)
            sent = Sent(self._seq, data, ends=message.id)
        self._replay.add(sent)
        return data

    def _note_end(self, lane: Lane) -> None:
        lane.is_ended = True
        for body in lane.bodies.values():
            body.end_seq = self._seq
        self._n_talking -= lane.is_dialogue

    def _next_chunk(self, lanes: Collection[Lane]) -> bytes | None:
        chunk = self._bulk.next(lanes, is_talking=self._n_talking > 0)
        return None if chunk is None else encode(chunk)

    def _announce(self, asset: int) -> Body:
        body = self._bodies.find(asset)
        assert body is not None, "an asset is known as long as its header may be sent"
        lane = self._lanes[body.request_id]
        lane.announce(asset)
        self._busy[lane.request_id] = lane
        return body

    def _forget(self, gone: Sent) -> None:
        """Let go of a request whose end will not be sent again."""
        if gone.ends is None:
            return
        self._loose_ends.discard(gone.ends)
        self._busy.pop(gone.ends, None)
        lane = self._lanes.pop(gone.ends, None)
        for body in lane.bodies.values() if lane is not None else ():
            self._bodies.forget(body)
