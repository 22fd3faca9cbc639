"""A scene that always asks for the same, and notes everything that it gets."""

import asyncio
import contextlib
import hashlib
from collections import Counter, defaultdict
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgpack

from tests.integration.cutting_relay import Cut, Way, cutting_relay
from tests.protocol.receiver import Receiver
from tests.server.conftest import Site
from vrbridge.client import Asset, CannotConnect, Client, Done, Progressed, RequestFailed, TextPiece, Ticket
from vrbridge.client.events import Accepted, Event

CHUNK_BYTES = 256
WINDOW_BYTES = 1024
N_REQUESTS = 7
_UNBOUNDED = 1 << 60
_PATIENCE_S = 60
_SPEECH = ["Oh", ", ", "it", " is", " you", ". ", "So", "up", "?", " ", "Hm", "!"]


class Transcript:
    """What the application saw of each request, and what its client took off the wire."""

    def __init__(self) -> None:
        self.events: dict[str, list[object]] = defaultdict(list)
        self.n_welcomes = 0
        self.n_messages = 0
        self.sent: Counter[str] = Counter()
        self._fractions: dict[str, float] = defaultdict(float)
        self._wire = Receiver(chunk_bytes=CHUNK_BYTES, window_bytes=_UNBOUNDED)

    def tap(self, direction: str, message: Mapping[str, Any]) -> None:
        """Check a message of the server against all before it, over all connections."""
        if direction == "sent":
            self.sent[message["type"]] += 1
            return
        self.n_messages += 1
        if message["type"] == "welcome":
            assert message["resumed"] == (self.n_welcomes > 0), "a session is never lost by a cut"
            self.n_welcomes += 1
            if message["resumed"]:
                self._wire.reconnect()
            return
        self._wire.take(msgpack.packb(message))

    def note(self, name: str, event: Event) -> None:
        """Note an event in a form that is the same each time."""
        match event:
            case Progressed(_, fraction):
                # How many there are depends on time; that they go forward does not.
                assert fraction >= self._fractions[name]
                self._fractions[name] = fraction
            case Asset():
                digest = "sha256:" + hashlib.sha256(event.data).hexdigest()
                assert digest == event.digest
                self.events[name].append((event.role, len(event.data), digest))
            case Done():
                self.events[name].append(("done", dict(event.result)))
            case Accepted():
                self.events[name].append(("accepted", event.anchor))
            case _:
                self.events[name].append(event)


class RecordedScene:
    """Asks for speech, props, failures and their ends on one client.

    Args:
        client: Connected.
        transcript: Where everything is noted.
    """

    def __init__(self, client: Client, transcript: Transcript) -> None:
        self._client = client
        self._transcript = transcript
        self._accepted = asyncio.Event()

    async def play(self) -> None:
        """Return once every request has ended."""
        async with asyncio.timeout(_PATIENCE_S), asyncio.TaskGroup() as tasks:
            tasks.create_task(self._talk())
            tasks.create_task(self._ask("prop", "mesh", _prop(600, 520), anchor={"object": "table"}))
            tasks.create_task(self._ask("failure", "dialogue", [["say", "Wait"], ["fail", "out of ink"]]))
            tasks.create_task(self._give_up())
            tasks.create_task(self._change_mind())
            tasks.create_task(self._ask("background", "mesh", [["asset", 300]], priority="background"))
            tasks.create_task(self._look())

    async def _talk(self) -> None:
        says = [["say", text] for text in _SPEECH * 2]
        says.insert(5, ["act", "open"])
        await self._ask("speech", "dialogue", says)
        # How much there was to forget depends on the scenes before this one.
        self._transcript.events["forgotten"] = [await self._client.forget("session") >= 0]

    async def _give_up(self) -> None:
        """Cancel an answer after its third piece."""
        ticket = self._request("dialogue", [["say", "a"], ["say", "b"], ["say", "c"], ["wait", "never"]])
        async for event in self._following("cancelled", ticket):
            if event == TextPiece("c", 2):
                ticket.cancel()

    async def _change_mind(self) -> None:
        """Ask for something else in the same slot."""
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(self._ask("superseded", "mesh", [["wait", "never"]], slot="wall"))
            await self._accepted.wait()
            tasks.create_task(self._ask("newer", "mesh", _prop(300), slot="wall"))

    async def _look(self) -> None:
        self._client.update_context(head={"position": [0, 1.7, 0], "orientation": [0, 0, 0, 1]})
        with contextlib.suppress(ConnectionError):
            await self._client.ping()

    async def _ask(self, name: str, kind: str, steps: Sequence[object], **options: Any) -> None:
        async for event in self._following(name, self._request(kind, steps, **options)):
            if name == "superseded" and isinstance(event, Accepted):
                self._accepted.set()

    def _request(self, kind: str, steps: Sequence[object], **options: Any) -> Ticket:
        return self._client.request(kind, {"steps": steps}, **options)

    async def _following(self, name: str, ticket: Ticket) -> AsyncIterator[Event]:
        try:
            async for event in ticket:
                self._transcript.note(name, event)
                yield event
        except RequestFailed as failure:
            self._transcript.events[name].append(("failed", failure.code))


def _prop(*sizes: int) -> list[list[object]]:
    steps: list[list[object]] = [["progress", 0.1]]
    for n_bytes in sizes:
        steps += [["asset", n_bytes], ["progress", 0.9]]
    return steps


@dataclass(frozen=True, slots=True)
class Played:
    """What came of one scene.

    Args:
        transcript: What was seen.
        session: Its name.
        n_cut: How many connections were cut.
        n_bytes: What went each way on each connection.
    """

    transcript: Transcript
    session: str
    n_cut: int
    n_bytes: tuple[Mapping[Way, int], ...]


async def play(port: int, cuts: Sequence[Cut | None] = ()) -> Played:
    """Play the scene at a port of this machine, through connections that are cut."""
    async with cutting_relay(port, cuts) as relay:
        for _ in range(len(cuts) + 1):
            transcript = Transcript()
            try:
                async with Client.connect(
                    relay.url,
                    chunk_bytes=CHUNK_BYTES,
                    window_bytes=WINDOW_BYTES,
                    on_message=transcript.tap,
                    random=lambda: 0.0,
                ) as client:
                    await RecordedScene(client, transcript).play()
                    session = client.session
            except CannotConnect:
                # Nobody has been promised anything before the first `welcome`.
                assert transcript.n_welcomes == 0
                continue
            return Played(transcript, session, relay.n_cut, relay.n_bytes)
        raise AssertionError("a connection that nobody cuts is welcomed")


def check_runs(sites: Sequence[Site], played: Sequence[Played]) -> None:
    """Make sure that every request of these scenes ran once, and only once on all of these servers."""
    kinds = [kind for site in sites for kind in (site.talk, site.make)]
    runs = Counter((asker.session, asker.request_id) for kind in kinds for asker in kind.askers)
    assert set(runs.values()) == {1}, "no id runs twice"
    for scene in played:
        assert all((scene.session, id) in runs for id in range(1, N_REQUESTS + 1))
    assert sum(kind.n_runs for kind in kinds) == N_REQUESTS * len(played) == len(runs)
