"""A client core, a whole server and a network that does its worst, against what the protocol promises."""

import os
from typing import Any, Final

import msgpack
import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    initialize,
    precondition,
    rule,
    run_state_machine_as_test,
)

from tests.integration.network_model import Asked, Step
from tests.integration.network_world import LIMITS, Wire, World
from tests.protocol.receiver import Receiver
from vrbridge.client.core import ClientCore
from vrbridge.client.errors import RequestFailed
from vrbridge.client.outputs import Delivery, Output, Welcomed
from vrbridge.client.wire import encode

CHUNK_BYTES: Final = 256
WINDOW_BYTES: Final = 512
MAX_REQUESTS: Final = 8
TAKEN_OVER: Final = 4509
_MAX_ROUNDS: Final = 2000
_N_PARTS: Final = 4
_N_SEQUENCES: Final = int(os.environ.get("BAD_NETWORK_SEQUENCES", "2000"))

steps = st.lists(
    st.one_of(
        st.tuples(st.just("say"), st.text("ab ", min_size=1, max_size=5)),
        st.tuples(st.just("act"), st.sampled_from(["open", "wave"])),
        st.tuples(st.just("asset"), st.sampled_from([0, 1, 255, 256, 257, 700, 1500])),
        st.tuples(st.just("progress"), st.floats(0, 1)),
        st.tuples(st.just("wait"), st.just("")),
        st.tuples(st.just("fail"), st.just("out of ink")),
    ),
    max_size=6,
)

# How far a new connection comes before something else happens.
stages = st.sampled_from(["nothing", "connected", "hello", "welcome", "ack", "ack"])


class BadNetwork(RuleBasedStateMachine):
    """Every request's messages arrive once and in order, or the session is reported lost."""

    def __init__(self) -> None:
        super().__init__()
        self.world = World()
        self.core = ClientCore(
            token=None,
            client={"name": "test"},
            receive={"chunk_bytes": CHUNK_BYTES, "window_bytes": WINDOW_BYTES},
        )
        self.receiver = Receiver(chunk_bytes=CHUNK_BYTES, window_bytes=WINDOW_BYTES)
        self.asked: dict[int, Asked] = {}
        self.slots: dict[str, int] = {}
        self.wire: Wire | None = None
        # Connections that the client has left and that still deliver, or that the server takes for alive.
        self.ghosts: list[Wire] = []
        self.retired: list[tuple[str, str]] = []
        self.away_s = 0.0
        self.may_be_lost = False
        self.has_session = False

    @initialize()
    def begin(self) -> None:
        self.reach("ack")

    # The application

    @precondition(lambda self: len(self.asked) < MAX_REQUESTS)
    @rule(
        steps=steps,
        kind=st.sampled_from(["dialogue", "mesh"]),
        slot=st.sampled_from([None, None, "a", "b"]),
        priority=st.sampled_from(["interactive", "normal", "background"]),
        is_resent=st.booleans(),
    )
    def request(self, steps: list[Step], kind: str, slot: str | None, priority: str, is_resent: bool) -> None:
        id = len(self.asked) + 1
        gated = [(name, f"{id}" if name == "wait" else value) for name, value in steps]
        fields: dict[str, Any] = {"kind": kind, "params": {"steps": gated}, "priority": priority}
        if slot is not None:
            fields["slot"] = slot
            if slot in self.slots:
                self.asked[self.slots[slot]].ends.add("superseded")
            self.slots[slot] = id
        self.asked[id] = Asked(gated, kind, is_resent)
        assert self.core.request(fields, is_resent=is_resent) == id
        self.push()

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def cancel(self, data: st.DataObject) -> None:
        id = data.draw(st.sampled_from(sorted(self.asked)), "id")
        self.asked[id].ends.add("cancelled")
        self.core.cancel(id)
        self.push()

    @precondition(lambda self: self.asked)
    @rule(data=st.data())
    def go_on(self, data: st.DataObject) -> None:
        id = data.draw(st.sampled_from(sorted(self.asked)), "id")
        self.open_gate(id)
        self.world.settle()

    @rule()
    def flush(self) -> None:
        self.core.flush()
        self.push()

    @rule(
        message=st.sampled_from(
            [
                {"type": "ping", "t": 1.0},
                {"type": "forget", "scope": "session"},
                {"type": "skip", "asset": 999},
            ]
        )
    )
    def chat(self, message: dict[str, Any]) -> None:
        """What belongs to no request comes between what does."""
        self.core.send(message)
        self.push()

    @precondition(lambda self: self.wire is not None and self.whole_assets())
    @rule(data=st.data())
    def skip(self, data: st.DataObject) -> None:
        """What is skipped late, when all of it is here, costs nothing else."""
        number = data.draw(st.sampled_from(self.whole_assets()), "asset")
        self.core.send({"type": "skip", "asset": number})
        self.push()

    # The network

    @precondition(lambda self: self.wire is not None)
    @rule(n_up=st.sampled_from([0, 1, 2, 5, 100]), n_down=st.sampled_from([0, 1, 2, 5, 10, 100]))
    def exchange(self, n_up: int, n_down: int) -> None:
        assert self.wire is not None
        self.arrive(self.wire, n_up)
        for _ in range(n_down):
            if not self.take_one():
                return

    @precondition(lambda self: self.wire is not None)
    @rule(is_up_lost=st.booleans(), is_noticed=st.booleans(), reaches=stages)
    def cut(self, is_up_lost: bool, is_noticed: bool, reaches: str) -> None:
        """What is on its way to the client is lost; what it has sent may arrive later."""
        wire, self.wire = self.wire, None
        assert wire is not None
        self.core.end_connection()
        if is_up_lost or any(msgpack.unpackb(data)["type"] == "hello" for data in wire.up):
            wire.up.clear()
        if is_noticed:
            wire.socket.abort()
        self.ghosts.append(wire)
        self.world.settle()
        self.reach(reaches)

    @precondition(lambda self: self.wire is None)
    @rule(reaches=stages)
    def reconnect(self, reaches: str) -> None:
        self.reach(reaches)

    @precondition(lambda self: any(ghost.up for ghost in self.ghosts))
    @rule(data=st.data(), n=st.sampled_from([1, 3, 100]))
    def deliver_late(self, data: st.DataObject, n: int) -> None:
        late = [ghost for ghost in self.ghosts if ghost.up]
        self.arrive(late[data.draw(st.integers(0, len(late) - 1), "ghost")], n)

    @precondition(lambda self: any(ghost.socket.is_open for ghost in self.ghosts))
    @rule()
    def notice(self) -> None:
        """The server finds out that clients have left."""
        for ghost in self.ghosts:
            ghost.socket.abort()
        self.world.settle()

    @precondition(lambda self: self.wire is None)
    @rule(is_long=st.booleans())
    def stay_away(self, is_long: bool) -> None:
        self.notice()
        for asked in self.asked.values():
            if asked.kind != "dialogue":
                asked.ends.add("cancelled")
        seconds = 1.0 + (LIMITS.resume_window_s if is_long else LIMITS.away_grace_s)
        self.away_s += seconds
        self.may_be_lost |= self.away_s >= LIMITS.resume_window_s
        self.world.pass_time(seconds)

    @precondition(lambda self: self.retired)
    @rule(data=st.data())
    def try_retired_secret(self, data: st.DataObject) -> None:
        session, secret = data.draw(st.sampled_from(self.retired), "secret")
        thief = self.world.connect()
        resume = {"session": session, "secret": secret, "received": 0, "assets": []}
        hello = {"type": "hello", "version": 1, "client": {}, "receive": {"window_bytes": 0}}
        thief.socket.feed(msgpack.packb(hello | {"resume": resume}))
        self.world.settle()
        answer = thief.socket.take()
        assert answer is not None
        assert msgpack.unpackb(answer)["resumed"] is False, (
            "a secret is good for nothing after the first `ack`"
        )
        thief.socket.abort()

    def teardown(self) -> None:
        try:
            self.recover()
        finally:
            self.world.close()

    # What the rules are made of

    def recover(self) -> None:
        """Heal the network, and make sure that everything that was promised has come."""
        for _ in range(_MAX_ROUNDS):
            for id in self.asked:
                self.open_gate(id)
            if self.wire is None:
                self.connect()
            assert self.wire is not None
            n_moves = self.world.n_moves
            self.world.settle()
            self.arrive(self.wire, 100)
            while self.take_one():
                pass
            self.core.flush()
            self.push()
            if self.world.n_moves == n_moves and self.is_quiet():
                break
        for asked in self.asked.values():
            asked.check_end()
        self.world.check_runs()

    def whole_assets(self) -> list[int]:
        return [number for number, one in self.receiver.assets.items() if not one.is_incomplete]

    def is_quiet(self) -> bool:
        return self.wire is not None and not self.wire.up

    def reach(self, stage: str) -> None:
        """Begin a connection, and let its handshake come so far."""
        if stage == "nothing":
            return
        self.connect()
        assert self.wire is not None
        if stage in {"hello", "welcome", "ack"}:
            self.arrive(self.wire, 1)
        if stage in {"welcome", "ack"}:
            self.take_one()
        if stage == "ack" and self.wire is not None:
            self.arrive(self.wire, 100)

    def connect(self) -> None:
        self.wire = self.world.connect()
        self.core.start_connection()
        self.push()

    def open_gate(self, id: int) -> None:
        for kind in (self.world.talk, self.world.make):
            kind.gate(f"{id}").set()

    def push(self) -> None:
        """Put what the client has to say on its way."""
        while self.wire is not None and (message := self.core.take()) is not None:
            if message["type"] == "credit":
                self.receiver.limit = max(self.receiver.limit, message["limit"])
            self.wire.up.append(encode(message))

    def arrive(self, wire: Wire, n: int) -> None:
        """Let messages of the client arrive at the server, which acts on them."""
        for _ in range(min(n, len(wire.up))):
            data = wire.up.popleft()
            if wire.socket.is_open:
                wire.socket.feed(data)
                self.world.settle()
                self.note_arrival(wire, msgpack.unpackb(data))

    def note_arrival(self, wire: Wire, message: dict[str, Any]) -> None:
        """Check what the server has made of a message."""
        if message["type"] == "hello":
            self.note_hello(wire, message.get("resume"))
        elif message["type"] == "ack" and wire.used_secret is not None:
            self.retired.append((wire.session, wire.used_secret))
            wire.used_secret = None

    def note_hello(self, wire: Wire, resume: dict[str, Any] | None) -> None:
        answer = wire.socket.down[0]
        assert isinstance(answer, bytes), "`welcome` is the first that is sent"
        welcome = msgpack.unpackb(answer)
        wire.session = welcome["session"]
        if resume is None or not welcome["resumed"]:
            return
        wire.used_secret = resume["secret"]
        for ghost in self.ghosts:
            if ghost.session == wire.session:
                assert ghost.socket.close_code in {1006, TAKEN_OVER}, "one connection has the session"
                ghost.used_secret = None

    def take_one(self) -> bool:
        """Let the next message of the server arrive at the client; return False if there is none."""
        wire = self.wire
        if wire is None:
            return False
        data = wire.socket.take()
        if data is None:
            if not wire.socket.is_open:
                self.cut_off(wire)
            return False
        message = msgpack.unpackb(data)
        if message["type"] != "welcome":
            self.receiver.take(data)
        for output in self.core.receive(data):
            self.note(output)
        self.push()
        # There is room for the next one on the way.
        self.world.settle()
        return True

    def cut_off(self, wire: Wire) -> None:
        """The server has ended the connection, and the client finds out."""
        self.wire = None
        self.core.end_connection()
        wire.up.clear()
        self.ghosts.append(wire)

    def note(self, output: Output) -> None:
        match output:
            case Welcomed(is_resumed):
                self.welcome(is_resumed=is_resumed)
            case Delivery(id, event):
                self.asked[id].take(event)
                if isinstance(event, RequestFailed) and event.code == "rate_limited":
                    raise AssertionError("there is room for everything that is asked here")

    def welcome(self, *, is_resumed: bool) -> None:
        if is_resumed:
            self.receiver.reconnect()
            for asked in self.asked.values():
                asked.has_resumed = True
        else:
            assert self.may_be_lost or not self.has_session, "a session is lost only when its time is over"
            self.receiver = Receiver(chunk_bytes=CHUNK_BYTES, window_bytes=WINDOW_BYTES)
            if self.has_session:
                for asked in self.asked.values():
                    asked.ends |= {"lost"} if not asked.is_resent else set()
        self.has_session, self.may_be_lost, self.away_s = True, False, 0.0


@pytest.mark.timeout(600)
@pytest.mark.parametrize("part", range(_N_PARTS))
def test_a_bad_network_loses_nothing(part: int) -> None:
    run_state_machine_as_test(
        BadNetwork,
        settings=settings(
            max_examples=_N_SEQUENCES // _N_PARTS,
            stateful_step_count=30,
            deadline=None,
            print_blob=True,
            # How long it takes says nothing here: the machine may have other work.
            suppress_health_check=[HealthCheck.too_slow],
        ),
    )
