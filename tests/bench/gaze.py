"""How soon the order of work follows what the player looks at."""

import asyncio
import random
import tempfile
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

from tests.bench.figures import Figure
from tests.server.rings import BEHIND_VIEW, IN_VIEW, N_PLACES, context, place
from vrbridge.bench.fake_server import FakeServer
from vrbridge.bench.servers import scripted_server
from vrbridge.client import Client
from vrbridge.settings import LimitSettings

_N_ROUNDS: Final = 10
_N_WORKERS: Final = 2
_MATERIAL_S: Final = 0.05
_N_BEFORE_TURN: Final = 12
_FOLLOWS_MS: Final = 100.0


@dataclass
class _Watch:
    """Notes when each material was begun and complete; its preview comes as its work begins."""

    begun: dict[int, float] = field(default_factory=dict)
    done: dict[int, float] = field(default_factory=dict)
    changed: asyncio.Event = field(default_factory=asyncio.Event)

    def take(self, direction: str, message: Mapping[str, Any]) -> None:
        if direction == "received" and message["type"] == "asset":
            self.begun.setdefault(message["id"], time.perf_counter())
        if direction == "received" and message["type"] == "done":
            self.done[message["id"]] = time.perf_counter()
        self.changed.set()

    async def until_done(self, n_done: int) -> None:
        while len(self.done) < n_done:
            self.changed.clear()
            await self.changed.wait()


@dataclass(frozen=True)
class _Round:
    """What one player saw.

    Args:
        in_view_ms: From asking until all in view was complete.
        n_behind_first: Materials behind the player that were complete before.
        followed_ms: From turning round until a material in the new view was begun.
        n_late: Materials of the old view that were begun 100 ms after the turn or later, before those of the
            new view.
    """

    in_view_ms: float
    n_behind_first: int
    followed_ms: float
    n_late: int


async def figures() -> list[Figure]:
    """Have a player wait for 64 materials all around, and turn round in the middle of it."""
    with tempfile.TemporaryDirectory() as folder:
        config = FakeServer(
            data=folder,
            limits=LimitSettings(max_open_requests=N_PLACES),
            n_workers=_N_WORKERS,
            service_s={"texture": _MATERIAL_S, "mesh": _MATERIAL_S},
        )
        async with scripted_server(config, Path(folder) / "server.log") as server:
            rounds = [await _round(server.url, number) for number in range(_N_ROUNDS)]
    how = f"{N_PLACES} materials of {_MATERIAL_S * 1e3:.0f} ms, {_N_WORKERS} workers"
    return [
        Figure("all six in view complete", [r.in_view_ms for r in rounds], "ms", note=how),
        Figure("complete behind before that", [r.n_behind_first for r in rounds], "", 0, note=how),
        Figure("turned round → new view begun", [r.followed_ms for r in rounds], "ms", _FOLLOWS_MS, note=how),
        Figure("old view begun 100 ms later", [r.n_late for r in rounds], "", 0, note=how),
    ]


async def _round(url: str, number: int) -> _Round:
    watch = _Watch()
    async with Client.connect(url, device=f"player {number}", on_message=watch.take) as client:
        client.update_context(**context(is_turned=False))
        # Heard before what follows: the order of work is the one of the view from the beginning.
        await client.ping()
        asked = time.perf_counter()
        places = list(range(N_PLACES))
        random.Random(number).shuffle(places)
        # One more for each worker to be busy with while the rest is asked for.
        tickets = [client.request("texture", _params(1000 + number * 10 + n)) for n in range(_N_WORKERS)]
        n_first = len(tickets)
        tickets += [
            client.request("texture", _params(number * 100 + at), anchor=place(at))
            for at in places[: N_PLACES - n_first]
        ]
        at = {ticket.id: spot for ticket, spot in zip(tickets[n_first:], places, strict=False)}
        await watch.until_done(n_first + _N_BEFORE_TURN)
        turned = time.perf_counter()
        client.update_context(**context(is_turned=True))
        await watch.until_done(len(tickets))
    return _seen(watch, at, asked=asked, turned=turned)


def _params(seed: int) -> dict[str, Any]:
    return {"prompt": "wall", "size_px": 64, "seed": seed}


def _seen(watch: _Watch, at: dict[int, int], *, asked: float, turned: float) -> _Round:
    done = {at[id]: when for id, when in watch.done.items() if id in at}
    begun = {at[id]: when for id, when in watch.begun.items() if id in at}
    complete = max(done[spot] for spot in IN_VIEW & set(done))
    new_view = sorted(begun[spot] for spot in BEHIND_VIEW & set(begun))
    late = (when for spot, when in begun.items() if not _is_behind(spot))
    return _Round(
        in_view_ms=(complete - asked) * 1e3,
        n_behind_first=sum(when < complete for spot, when in done.items() if _is_behind(spot)),
        followed_ms=(new_view[0] - turned) * 1e3,
        n_late=sum(turned + _FOLLOWS_MS / 1e3 < when < new_view[-1] for when in late),
    )


def _is_behind(spot: int) -> bool:
    return N_PLACES // 4 <= spot < 3 * N_PLACES // 4
