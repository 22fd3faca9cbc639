"""Whatever others say in their `hello`, the owner of a session goes on with it and nothing is lost."""

import asyncio
import random
from collections.abc import Iterator
from typing import Any, Final

import msgpack

from tests.fuzz.mutator import MAX_INT, Mutator
from tests.fuzz.story import PLENTY, Story
from tests.protocol.outboxes import content
from tests.server.fakes import FakeAssets
from vrbridge.errors import BadMessage, ProtocolError, UnknownType
from vrbridge.metrics import Metrics
from vrbridge.protocol.codec import decode_client
from vrbridge.protocol.messages import Hello, Receive, Resume
from vrbridge.server.session import Session
from vrbridge.server.sessions import Sessions
from vrbridge.server.tokens import Grant
from vrbridge.settings import LimitSettings

ANN: Final = Grant("ann")
BOB: Final = Grant("bob")
_CHUNK_BYTES: Final = 256
# As long as the real ones, so that they can take their place in the bytes.
SESSION: Final = b"<the session id>"
SECRET: Final = b"<the secret of the session here>"
PREVIOUS: Final = b"<the secret that was used again>"
_HELLO: Final[dict[str, Any]] = {
    "type": "hello",
    "version": 1,
    "client": {"device": "ann"},
    "receive": {"chunk_bytes": _CHUNK_BYTES, "window_bytes": 1 << 20},
}
_LIMITS: Final = LimitSettings(max_connections=1000)
_METRICS: Final = Metrics()
_TRIES: Final = 20


class _Connection:
    """Notes whether it was told to go."""

    def __init__(self) -> None:
        self.is_over = False

    def take_over(self) -> None:
        self.is_over = True

    def give_up(self) -> None:
        self.is_over = True


def cases(rng: random.Random) -> Iterator[list[bytes]]:
    """Yield stories: a number that decides what has happened, and then one `hello` after the other."""
    while True:
        received = rng.randrange(12)
        assets = [
            {"asset": rng.randint(1, 4), "offset": rng.choice((0, 1, 100, 256, 1000))} for _ in range(2)
        ]
        resume = {"session": SESSION.decode(), "secret": SECRET.decode(), "received": received}
        with_assets = resume | {"assets": assets[: rng.randrange(3)]}
        replayed = with_assets | {"secret": PREVIOUS.decode()}
        messages = [_HELLO | {"resume": words} for words in (resume, with_assets, replayed)]
        mutator = Mutator(
            rng, messages, [SESSION.decode(), SECRET.decode(), received, rng.randrange(20), MAX_INT]
        )
        yield [rng.randbytes(8), *(mutator.next() for _ in range(_TRIES))]


async def check(case: list[bytes]) -> None:
    """Make sure that all is well with a story."""
    sessions = Sessions(_LIMITS, _METRICS, FakeAssets())
    try:
        _check(sessions, random.Random(case[0]), case[1:])
        # What is lost ends in a task of its own.
        await asyncio.sleep(0)
    finally:
        await sessions.close()


def _check(sessions: Sessions, rng: random.Random, tries: list[bytes]) -> None:
    connection = _Connection()
    session, _ = sessions.greet(Hello(version=1, receive=_receive()), ANN, connection)
    story = Story(session.outbox, rng)
    story.happen(rng.randrange(40))
    if rng.random() < 0.5:
        connection = _resumed(sessions, session, story, connection)
        story.happen(rng.randrange(10))
    if rng.random() < 0.5:
        sessions.leave(session, connection)
    for data in tries:
        hello = _hello(_filled(data, session))
        if hello is None:
            continue
        grant = ANN if rng.random() < 0.7 else BOB
        if _may_go_on(session, hello.resume, grant):
            _claim(sessions, session, story, hello)
            return
        before = (
            session.secret,
            tuple(session.earlier_secrets),
            session.connection,
            session.outbox.n_unacknowledged,
        )
        other, is_resumed = sessions.greet(hello, grant, _Connection())
        assert not is_resumed
        assert other is not session
        assert before == (
            session.secret,
            tuple(session.earlier_secrets),
            session.connection,
            session.outbox.n_unacknowledged,
        )
        assert not connection.is_over
    _resumed(sessions, session, story, connection)
    story.happen(5)
    story.finish()
    story.send()
    _is_whole(story)


def _receive() -> Receive:
    return Receive(chunk_bytes=_CHUNK_BYTES, window_bytes=1 << 20)


def _filled(data: bytes, session: Session) -> bytes:
    previous = session.earlier_secrets[-1] if session.earlier_secrets else "-" * len(PREVIOUS)
    words = {SESSION: session.id, SECRET: session.secret, PREVIOUS: previous}
    for placeholder, word in words.items():
        assert len(placeholder) == len(word)
        data = data.replace(placeholder, word.encode())
    return data


def _hello(data: bytes) -> Hello | None:
    try:
        message = decode_client(data)
    except (ProtocolError, BadMessage, UnknownType):
        return None
    return message if isinstance(message, Hello) else None


def _may_go_on(session: Session, resume: Resume | None, grant: Grant) -> bool:
    secrets = {session.secret, *session.earlier_secrets}
    return (
        resume is not None
        and resume.session == session.id
        and resume.secret in secrets
        and grant.player == "ann"
    )


def _claim(sessions: Sessions, session: Session, story: Story, hello: Hello) -> None:
    """Come back with the right secret, from wherever the `hello` says."""
    assert hello.resume is not None
    received = hello.resume.received
    offsets = {asset.asset: asset.offset for asset in hello.resume.assets}
    can_go_on = story.can_go_on(received, offsets)
    other, is_resumed = sessions.greet(hello, ANN, _Connection())
    assert is_resumed is can_go_on
    if not can_go_on:
        assert other is not session
        assert session not in sessions.all, "what is lost is lost"
        return
    assert other is session
    n_seen = len(story.log)
    session.outbox.credit(PLENTY)
    again, bodies = story.resent()
    assert again[: n_seen - received] == story.log[received:], "the same messages once more"
    seqs = [msgpack.unpackb(data)["seq"] for data in again]
    assert seqs == list(range(received + 1, received + 1 + len(again)))
    for asset, offset in offsets.items():
        request, _, n_bytes = story.headers[asset]
        if request not in story.cancelled:
            assert bodies[asset] == content(str(n_bytes))[offset:], "an asset goes on from its offset"


def _resumed(sessions: Sessions, session: Session, story: Story, connection: _Connection) -> _Connection:
    """Have the owner come back from where it is."""
    is_connected = session.connection is connection
    used = session.secret
    assets = [{"asset": asset, "offset": offset} for asset, offset in story.offsets().items()]
    resume = {"session": session.id, "secret": used, "received": len(story.log), "assets": assets}
    hello = _hello(msgpack.packb(_HELLO | {"resume": resume}))
    assert hello is not None
    again = _Connection()
    assert sessions.greet(hello, ANN, again) == (session, True)
    assert connection.is_over is is_connected
    assert session.secret != used
    assert session.earlier_secrets[-1] == used
    session.outbox.credit(PLENTY)
    story.acknowledged = len(story.log)
    return again


def _is_whole(story: Story) -> None:
    assert sorted(story.ends) == list(range(1, story.n_requests + 1)), "every request has ended"
    for asset, (request, _, n_bytes) in story.headers.items():
        if request not in story.cancelled:
            assert story.bodies[asset] == content(str(n_bytes)), "every asset is whole"
