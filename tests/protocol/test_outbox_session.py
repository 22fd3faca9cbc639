"""The outbox against a client that checks every message, over any history of requests and connections."""

from typing import Any

from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, invariant, precondition, rule

from tests.protocol.receiver import Receiver
from vrbridge.protocol.delivery_window import DeliveryWindow
from vrbridge.protocol.lane import PROGRESS_INTERVAL_S
from vrbridge.protocol.messages import (
    Accepted,
    AssetHeader,
    Done,
    Error,
    Forgotten,
    Pong,
    Progress,
    SequencedMessage,
    Text,
)
from vrbridge.protocol.outbox import Outbox

CHUNK_BYTES = 10
WINDOW_BYTES = 35
PLENTY = 1 << 30


class Session(RuleBasedStateMachine):
    """A server with an outbox, a network that loses what it carries, and a client."""

    def __init__(self) -> None:
        super().__init__()
        self.window = DeliveryWindow()
        self.outbox = Outbox(
            replay_messages=10_000,
            window=self.window,
            weigh=lambda request_id: self.weights.get(request_id, 0.0),
            on_hold=self.hold,
            on_release=self.release,
        )
        self.weights: dict[int, float] = {}
        self.held: list[str] = []
        self.markers: list[int] = []
        self.digests: dict[str, bytes] = {}
        self.client = Receiver(chunk_bytes=CHUNK_BYTES, window_bytes=WINDOW_BYTES)
        self.now = 0.0
        self.wire: list[bytes] = []
        self.is_connected = False
        self.n_sent = 0
        self.meant: dict[int, list[SequencedMessage]] = {}
        self.contents: dict[int, bytes] = {}
        self.open: set[int] = set()
        self.cancelled: set[int] = set()
        self.progress_at: dict[int, float] = {}
        self.n_meant_loose = 0
        self.connect()

    def connect(self) -> None:
        assert self.outbox.attach(
            received=self.client.received,
            assets=self.client.offsets(),
            chunk_bytes=CHUNK_BYTES,
            window_bytes=WINDOW_BYTES,
        )
        self.is_connected = True

    def hold(self, digest: str) -> None:
        self.held.append(digest)

    def release(self, digest: str) -> None:
        self.held.remove(digest)

    def put(self, message: Any) -> None:
        self.meant[message.id].append(message)
        self.outbox.put(message, now=self.now)

    # The server's jobs.

    @rule(tier=st.integers(0, 2), is_dialogue=st.booleans())
    def open_request(self, tier: int, is_dialogue: bool) -> None:
        number = len(self.meant) + 1
        self.outbox.open(number, tier=tier, is_dialogue=is_dialogue)
        self.meant[number] = []
        self.open.add(number)
        self.put(Accepted(id=number, position=0))

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def speak(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.open)))
        self.put(Text(id=number, text="word", offset=len(self.meant[number])))

    @precondition(lambda self: self.open)
    @rule(data=st.data())
    def progress(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.open)))
        self.put(Progress(id=number, stage="work", fraction=len(self.meant[number]) / 1000))

    @precondition(lambda self: self.open)
    @rule(data=st.data(), size=st.sampled_from([0, 1, 9, 10, 11, 40, 95]))
    def make_asset(self, data: st.DataObject, size: int) -> None:
        number = data.draw(st.sampled_from(sorted(self.open)))
        content = bytes(number + place & 0xFF for place in range(size))
        digest = f"sha256:{number}-{size}"
        self.digests[digest] = content
        header = AssetHeader(id=number, role="lod", media_type="x/y", bytes=size, digest=digest, meta={})
        asset = self.outbox.put_asset(header, content, now=self.now)
        self.contents[asset] = content
        self.meant[number].append(header)

    @precondition(lambda self: self.open)
    @rule(data=st.data(), is_good=st.booleans())
    def end(self, data: st.DataObject, is_good: bool) -> None:
        number = data.draw(st.sampled_from(sorted(self.open)))
        last = (
            Done(id=number, result={}, timing={})
            if is_good
            else Error(id=number, code="internal", message="Broken.", retryable=True)
        )
        self.meant[number].append(last)
        self.outbox.close(number, last, now=self.now)
        self.open.discard(number)

    @precondition(lambda self: self.meant)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        number = data.draw(st.sampled_from(sorted(self.meant)))
        error = Error(id=number, code="cancelled", message="Cancelled.", retryable=False)
        if self.outbox.cancel(number, error, now=self.now):
            self.cancelled.add(number)
            self.open.discard(number)

    @rule()
    def answer_ping(self) -> None:
        self.outbox.put(Pong(t=1.0, server_s=self.now), now=self.now)

    @rule()
    def say_something_loose(self) -> None:
        self.outbox.put(Forgotten(scope="session", items=1), now=self.now)
        self.n_meant_loose += 1

    @precondition(lambda self: self.meant)
    @rule(data=st.data())
    def look(self, data: st.DataObject) -> None:
        self.weights = {data.draw(st.sampled_from(sorted(self.meant))): 1.0}

    # The network and the client.

    @rule(n=st.integers(1, 12))
    def send(self, n: int) -> None:
        for _ in range(n):
            message = self.outbox.next(now=self.now)
            if message is not None:
                self.window.sent(len(message), now=self.now)
            marker = self.window.mark(now=self.now, is_full=self.outbox.has_bulk)
            if marker is not None:
                self.markers.append(marker)
            if message is None:
                return
            assert self.is_connected
            self.wire.append(message)

    @precondition(lambda self: self.markers)
    @rule(n=st.integers(1, 4))
    def answer_markers(self, n: int) -> None:
        for marker in self.markers[:n]:
            self.window.arrived(marker, now=self.now)
        del self.markers[:n]

    @rule()
    def fetch_missing(self) -> None:
        for asset, digest in self.outbox.missing():
            self.outbox.supply(asset, memoryview(self.digests[digest]))

    @rule()
    def bring_what_nobody_asked_for(self) -> None:
        for number, content in self.contents.items():
            self.outbox.supply(number, memoryview(content))

    @rule(n=st.integers(1, 12))
    def arrive(self, n: int) -> None:
        for _ in range(min(n, len(self.wire))):
            self.receive(self.wire.pop(0))

    def receive(self, data: bytes) -> None:
        message = self.client.take(data)
        if message["type"] == "asset":
            assert len(self.contents[message["asset"]]) == message["bytes"]

    @rule(more=st.integers(0, 60))
    def grant(self, more: int) -> None:
        if self.is_connected:
            self.client.limit += more
            self.outbox.credit(self.client.limit)

    @rule()
    def acknowledge(self) -> None:
        if self.is_connected:
            self.outbox.ack(self.client.received)

    @precondition(lambda self: self.is_connected and self.client.offsets())
    @rule(data=st.data())
    def skip(self, data: st.DataObject) -> None:
        asset = data.draw(st.sampled_from(sorted(self.client.offsets())))
        self.client.assets[asset].is_skipped = True
        self.outbox.skip(asset)

    @rule(n_arrived=st.integers(0, 12))
    def lose_connection(self, n_arrived: int) -> None:
        self.arrive(n_arrived)
        self.wire.clear()
        self.markers.clear()
        self.outbox.detach()
        self.is_connected = False

    @precondition(lambda self: not self.is_connected)
    @rule()
    def come_back(self) -> None:
        self.client.reconnect()
        self.connect()

    @rule(data=st.data())
    def try_the_impossible(self, data: st.DataObject) -> None:
        """Every one of these is refused, and nothing changes: the other rules would notice."""
        offsets = self.client.offsets()
        cases: list[tuple[int, dict[int, int]]] = [
            (self.client.received + len(self.wire) + 1000, offsets),
            (self.client.received, offsets | {len(self.contents) + 1: 0}),
            (self.client.received, offsets | {0: 0}),
        ]
        cases += [
            (self.client.received, offsets | {number: len(self.contents[number]) + 1}) for number in offsets
        ]
        received, assets = data.draw(st.sampled_from(cases))
        assert not self.outbox.attach(
            received=received, assets=assets, chunk_bytes=CHUNK_BYTES, window_bytes=PLENTY
        )

    @rule(seconds=st.sampled_from([0.01, 0.05, 0.1, 1.0]))
    def wait(self, seconds: float) -> None:
        self.now += seconds

    # What is always true.

    @invariant()
    def has_pending_is_the_truth(self) -> None:
        if not self.outbox.has_pending:
            assert self.outbox.next(now=self.now + 1.0) is None
            assert self.outbox.pending_bytes == 0
            assert self.outbox.wake_at is None
        if self.outbox.wake_at is not None:
            assert self.outbox.wake_at <= self.now + PROGRESS_INTERVAL_S

    def teardown(self) -> None:
        self.lose_connection(0)
        self.come_back()
        self.client.limit = PLENTY
        self.outbox.credit(PLENTY)
        for number in sorted(self.open):
            self.meant[number].append(last := Done(id=number, result={}, timing={}))
            self.outbox.close(number, last, now=self.now)
        while self.outbox.has_pending:
            self.send(12)
            self.fetch_missing()
            self.arrive(12)
            self.answer_markers(4)
        self.arrive(len(self.wire))
        assert not self.outbox.has_pending
        assert self.outbox.has_room
        assert self.outbox.n_unfinished == 0
        for number in self.meant:
            self.check_request(number)
        for number, asset in self.client.assets.items():
            if not asset.is_skipped:
                assert bytes(asset.data) == self.contents[number]
        assert sum(message["type"] == "forgotten" for message in self.client.loose) == self.n_meant_loose
        self.outbox.ack(self.client.received)
        assert self.outbox.n_unacknowledged == 0
        assert self.held == []
        assert self.outbox.kept_bytes == 0

    def check_request(self, number: int) -> None:
        came = self.client.requests[number]
        assert came.is_ended
        kinds = [message["type"] for message in came.messages if message["type"] != "progress"]
        meant = [
            str(message.__struct_config__.tag)
            for message in self.meant[number]
            if not isinstance(message, Progress)
        ]
        if number in self.cancelled:
            assert kinds[-1] == "error"
            assert kinds[:-1] == meant[: len(kinds) - 1]
        else:
            assert kinds == meant
        fractions = [message["fraction"] for message in came.messages if message["type"] == "progress"]
        assert fractions == sorted(set(fractions))
        texts = [message["offset"] for message in came.messages if message["type"] == "text"]
        assert texts == [m.offset for m in self.meant[number] if isinstance(m, Text)][: len(texts)]


TestSession = Session.TestCase
TestSession.settings = settings(max_examples=150, stateful_step_count=60, deadline=None)
