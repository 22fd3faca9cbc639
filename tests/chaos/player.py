"""A player: the real client, who knows what each answer has to be."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from random import Random
from typing import Any

from tests.chaos.witness import Witness
from tests.server.fakes import asset
from vrbridge.client import (
    Accepted,
    ActionEvent,
    Asset,
    Client,
    Done,
    Progressed,
    RequestFailed,
    Restarted,
    TextPiece,
)

Step = tuple[str, Any]
WORDS = ("stone ", "river ", "lantern ", "ash ", "harbour ", "moss ", "ember ", "willow ")


@dataclass
class Tally:
    """What players saw, all together.

    Args:
        n_asked: Requests.
        n_done: Those that ended in what was asked for.
        n_restarted: How often a request began again because its session was lost.
        n_resumed: Sessions that went on after a lost connection.
        n_connections: Connections of all players.
        failed: Error code → requests.
        faults: What must not have happened.
    """

    n_asked: int = 0
    n_done: int = 0
    n_restarted: int = 0
    n_resumed: int = 0
    n_connections: int = 0
    failed: Counter[str] = field(default_factory=Counter)
    faults: list[str] = field(default_factory=list)

    def add(self, other: "Tally") -> None:
        """Add what another player saw."""
        self.n_asked += other.n_asked
        self.n_done += other.n_done
        self.n_restarted += other.n_restarted
        self.n_resumed += other.n_resumed
        self.n_connections += other.n_connections
        self.failed.update(other.failed)
        self.faults += other.faults

    def check(self, *, may_fail: Sequence[str] = ()) -> None:
        """Raise AssertionError unless every request ended as it should, or in one of these errors."""
        assert not self.faults, self.faults[:5]
        assert set(self.failed) <= set(may_fail), self.failed
        assert self.n_done + self.failed.total() == self.n_asked, self


class Player:
    """One client and what it asks for.

    Args:
        client: Connected.
        witness: Its tap.
    """

    def __init__(self, client: Client, witness: Witness) -> None:
        self.client = client
        self.witness = witness
        self._tally = Tally()

    @property
    def tally(self) -> Tally:
        """What this player saw so far."""
        tally = self._tally
        tally.n_connections = self.client.n_connections
        tally.n_resumed = self.witness.n_resumed
        repeated = [key for key, n_ends in self.witness.ends.items() if n_ends != 1]
        tally.faults = tally.faults + self.witness.faults + [f"two ends of {key}" for key in repeated]
        return tally

    async def ask(self, kind: str, steps: Sequence[Step]) -> bool:
        """Have a scripted kind carry steps out, compare what comes; return whether it was done."""
        self._tally.n_asked += 1
        ticket = self.client.request(kind, {"steps": [list(step) for step in steps]})
        got = _Got()
        try:
            async for event in ticket:
                if isinstance(event, Restarted):
                    self._tally.n_restarted += 1
                    got = _Got()
                else:
                    got.take(event)
        except RequestFailed as failure:
            self._tally.failed[failure.code] += 1
            return False
        except AssertionError as error:
            self._tally.faults.append(f"request {ticket.id}: {error}")
        self._tally.faults += [f"request {ticket.id}: {fault}" for fault in got.compare(steps)]
        self._tally.n_done += got.is_done
        return got.is_done


@dataclass
class _Got:
    is_accepted: bool = False
    is_done: bool = False
    text: str = ""
    final_text: str = ""
    digests: list[str] = field(default_factory=list)
    actions: list[str] = field(default_factory=list)

    def take(self, event: object) -> None:
        assert not self.is_done, "something came after the end"
        match event:
            case Accepted():
                assert not self.is_accepted, "it was accepted twice"
                self.is_accepted = True
            case TextPiece(text=text, offset=offset):
                assert offset == len(self.text), f"text at {offset} after {len(self.text)}"
                self.text += text
            case Asset(digest=digest):
                self.digests.append(digest)
            case ActionEvent(name=name):
                self.actions.append(name)
            case Done(result=result):
                assert self.is_accepted, "done without having been accepted"
                self.final_text, self.is_done = str(result.get("text")), True
            case Progressed():
                pass

    def compare(self, steps: Sequence[Step]) -> list[str]:
        faults = []
        said = "".join(value for name, value in steps if name == "say")
        if not (self.text == said == self.final_text):
            faults.append(f"said {self.text!r}, not {said!r}")
        if self.digests != [asset(value).digest for name, value in steps if name == "asset"]:
            faults.append(f"{len(self.digests)} assets, or wrong ones")
        if self.actions != [value for name, value in steps if name == "act"]:
            faults.append(f"actions {self.actions}")
        return faults


def random_steps(random: Random, *, max_asset_bytes: int) -> tuple[str, list[Step]]:
    """Return a kind and what it is to do: speech, actions, progress and assets in any mixture."""
    if random.random() < 0.5:
        words: list[Step] = [("say", random.choice(WORDS)) for _ in range(random.randint(1, 40))]
        if random.random() < 0.3:
            words.append(("act", "open"))
        return "dialogue", words
    steps: list[Step] = []
    for _ in range(random.randint(1, 3)):
        steps.append(("progress", round(random.random(), 3)))
        steps.append(("asset", random.randint(1, max_asset_bytes)))
    return "mesh", steps


@asynccontextmanager
async def player(url: str, name: str, **options: Any) -> AsyncIterator[Player]:
    """Connect a player of this name."""
    witness = Witness()
    async with Client.connect(url, device=name, on_message=witness, **options) as client:
        yield Player(client, witness)


async def play_on(player: Player, random: Random, *, ends: asyncio.Event, max_asset_bytes: int) -> None:
    """Ask one thing after the other, until the event is set."""
    while not ends.is_set():
        await player.ask(*random_steps(random, max_asset_bytes=max_asset_bytes))
        # Two players of the same process shall not go in step.
        await asyncio.sleep(0.02 * random.random())
