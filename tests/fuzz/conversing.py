"""Whatever a client says after `welcome`, every request of its session ends once, and every byte comes."""

import asyncio
import random
from collections.abc import AsyncGenerator, Iterator, Mapping
from typing import Any, Final

import msgpack

from tests.fuzz.mutator import MAX_INT, Mutator
from tests.protocol.receiver import Receiver
from tests.server.fakes import FakeAssets, FakeMemory, asset
from vrbridge.errors import InvalidParams, ProtocolError, RequestError
from vrbridge.jobs.events import Event, Finished, Progressed, Spoken
from vrbridge.jobs.kind import Asker, Estimate
from vrbridge.metrics import Metrics
from vrbridge.protocol.codec import decode_client
from vrbridge.protocol.messages import Ack, Credit, Hello, Receive, Request, Skip
from vrbridge.server.dispatch import Dispatch
from vrbridge.server.session import Session
from vrbridge.server.sessions import Sessions
from vrbridge.server.tokens import Grant
from vrbridge.settings import LimitSettings

_LIMITS: Final = LimitSettings(max_connections=10, max_open_requests=6)
_METRICS: Final = Metrics()
_N_MESSAGES: Final = 40
_WINDOW_BYTES: Final = 2000
_MAX_TURNS: Final = 10_000
"""Of the event loop, until everything must have ended."""
_PLENTY: Final = 1 << 40
_HEAD: Final = {"position": [0.0, 1.6, 0.0]}
_MESSAGES: Final[list[dict[str, Any]]] = [
    {"type": "request", "id": 1, "kind": "dialogue", "params": {"n": 3}},
    {
        "type": "request",
        "id": 2,
        "kind": "mesh",
        "params": {"n": 2},
        "slot": "wall",
        "priority": "background",
    },
    {
        "type": "request",
        "id": 3,
        "kind": "mesh",
        "params": {"n": 1},
        "anchor": {"object": "gate"},
        "slot": "wall",
    },
    {"type": "request", "id": 4, "kind": "mesh", "params": {"n": 4}, "deadline_s": 60.0},
    {"type": "cancel", "id": 1},
    {
        "type": "context",
        "head": _HEAD,
        "focus": "gate",
        "nearby": [{"id": "gate", "position": [0.0, 0.0, -1.0]}],
    },
    {"type": "credit", "limit": 4000},
    {"type": "ack", "received": 3},
    {"type": "skip", "asset": 1},
    {"type": "heard", "id": 1, "characters": 2},
    {"type": "forget", "scope": "session"},
    {"type": "ping", "t": 1.0},
    {"type": "hello", "version": 1},
]


class _Echo:
    """Says and makes as much as it is asked for, up to five times."""

    def __init__(self, name: str) -> None:
        self.name = name

    def capability(self) -> Mapping[str, Any] | None:
        return {}

    def check(self, params: Mapping[str, Any], asker: Asker) -> int:
        n = params.get("n")
        if not isinstance(n, int) or not 0 <= n <= 5:
            raise InvalidParams("`n` must be 0 to 5.", field="params.n")
        return n

    def admit(self, checked: int, asker: Asker) -> Estimate:
        return Estimate(0, None)

    async def run(self, checked: int, asker: Asker) -> AsyncGenerator[Event, None]:
        for number in range(checked):
            yield Spoken("word ")
            yield Progressed("work", number / checked)
            await asyncio.sleep(0)
            yield asset(300 * number)
        yield Finished({"n": checked}, {})


class _Connection:
    def take_over(self) -> None:
        raise AssertionError("nobody else comes")

    def give_up(self) -> None:
        raise AssertionError("all bytes are at hand")


def cases(rng: random.Random) -> Iterator[list[bytes]]:
    """Yield conversations: a number that decides how they mix, and then the messages."""
    words = [*range(1, 9), "wall", "gate", "mesh", "dialogue", {"n": 5}, {"n": 0}, 10_000, MAX_INT]
    mutator = Mutator(rng, _MESSAGES, words)
    right = [bytes(msgpack.packb(message)) for message in _MESSAGES]
    while True:
        said = [rng.choice(right) if rng.random() < 0.3 else mutator.next() for _ in range(_N_MESSAGES)]
        yield [rng.randbytes(8), *said]


async def check(case: list[bytes]) -> None:
    """Make sure that all is well with a conversation."""
    sessions = Sessions(_LIMITS, _METRICS, FakeAssets())
    kinds = {name: _Echo(name) for name in ("dialogue", "mesh")}
    dispatch = Dispatch(kinds, FakeMemory(), _LIMITS, _METRICS)
    receive = Receive(chunk_bytes=256, window_bytes=_WINDOW_BYTES)
    session, _ = sessions.greet(Hello(version=1, receive=receive), Grant("ann"), _Connection())
    try:
        await _Conversation(session, dispatch).hold(random.Random(case[0]), case[1:])
    finally:
        await sessions.close()


class _Conversation:
    """Both ends of a session.

    Args:
        session: The server's end.
        dispatch: Acts on messages.
    """

    def __init__(self, session: Session, dispatch: Dispatch) -> None:
        self._session = session
        self._dispatch = dispatch
        self._client = Receiver(chunk_bytes=256, window_bytes=_WINDOW_BYTES)

    async def hold(self, rng: random.Random, said: list[bytes]) -> None:
        for data in said:
            self._say(data)
            for _ in range(rng.choice((0, 0, 1, 3))):
                await asyncio.sleep(0)
            self._listen(rng.choice((0, 1, 5, 50)))
        self._say(bytes(msgpack.packb({"type": "credit", "limit": _PLENTY})))
        for _ in range(_MAX_TURNS):
            self._listen(1000)
            if not self._session.ledger.open and not self._session.outbox.has_pending:
                break
            await asyncio.sleep(0)
        assert not self._session.ledger.open, "every request comes to its end"
        self._is_whole()

    def _say(self, data: bytes) -> None:
        """Do as a connection does with what it reads."""
        try:
            message = decode_client(data)
            self._note(message)
            self._dispatch.handle(self._session, message)
        except ProtocolError:
            return
        except RequestError as error:
            self._dispatch.complain(self._session, error)

    def _note(self, message: object) -> None:
        client = self._client
        match message:
            case Credit(limit=limit):
                client.limit = max(client.limit, limit)
            case Skip(asset=number) if number in client.assets:
                client.assets[number].is_skipped = True
            case Request(id=id) if id in client.requests and client.requests[id].is_ended:
                # Its end may come once more, now that it is asked for.
                del client.requests[id]
            case Ack(received=received) if received > client.received:
                return
            case _:
                return

    def _listen(self, n_messages: int) -> None:
        outbox = self._session.outbox
        for _ in range(n_messages):
            data = outbox.next(now=0.0)
            if data is None:
                assert not outbox.missing(), "all bytes are at hand"
                return
            self._client.take(data)
            self._session.note_sent()

    def _is_whole(self) -> None:
        for id, request in self._client.requests.items():
            assert request.is_ended, f"request {id} has no end"
            texts = [message for message in request.messages if message["type"] == "text"]
            offset = 0
            for message in texts:
                assert message["offset"] == offset
                offset += len(message["text"])
        for number, assembly in self._client.assets.items():
            if not assembly.is_skipped:
                body = asset(assembly.n_bytes).body
                assert bytes(assembly.data) == bytes(body), f"asset {number} is not whole"
