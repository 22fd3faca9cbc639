"""Servers named a and b, in this process or in their own, and players of them."""

import os
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from tests.chaos.player import Player, Tally, player
from tests.integration.proxies import Proxy
from tests.integration.serving import Serving
from tests.server.conftest import Site, open_site_in
from vrbridge.bench.fake_server import FakeServer
from vrbridge.bench.servers import Server, scripted_server
from vrbridge.client import Client, Restarted, TextPiece

NAMES = ("a", "b")


@asynccontextmanager
async def two_sites(folder: Path, **server: Any) -> AsyncIterator[dict[str, Site]]:
    """Start servers named a and b; keywords are further settings."""
    async with AsyncExitStack() as stack:
        sites = [open_site_in(folder, server={"name": name, **server}) for name in NAMES]
        yield {name: await stack.enter_async_context(site) for name, site in zip(NAMES, sites, strict=True)}


def ports(sites: Mapping[str, Site]) -> list[int]:
    return [sites[name].listener.port for name in NAMES]


def home(client: Client) -> str:
    """Return the name of the server that a client's session lives in."""
    return client.session.partition("-")[0]


def at_home(players: list[Player]) -> dict[str, list[Player]]:
    return {name: [one for one in players if home(one.client) == name] for name in NAMES}


@asynccontextmanager
async def joined(front: Proxy, n_players: int, **options: Any) -> AsyncIterator[list[Player]]:
    """Connect players, one after the other."""
    async with AsyncExitStack() as stack:
        yield [
            await stack.enter_async_context(player(front.url, f"player {number}", **options))
            for number in range(n_players)
        ]


def check(players: list[Player]) -> None:
    """Make sure that everybody got everything once, and nobody lost a session."""
    total = Tally()
    for one in players:
        total.add(one.tally)
    total.check()
    assert total.n_restarted == 0


@asynccontextmanager
async def two_processes(folder: Path) -> AsyncIterator[dict[str, Server]]:
    """Start servers with scripted generators that can be killed."""
    async with AsyncExitStack() as stack:

        async def start(name: str) -> Server:
            (folder / name).mkdir()
            config = FakeServer(data=str(folder / name), name=name, n_workers=1, service_s={"texture": 60.0})
            return await stack.enter_async_context(scripted_server(config, folder / f"{name}.log"))

        yield {name: await start(name) for name in NAMES}


def port(server: Server | Serving) -> int:
    found = urlsplit(server.url).port
    assert found is not None
    return found


async def heard(client: Client, n_words: int) -> list[object]:
    return [event async for event in client.dialogue("smith", "Hello?", max_tokens=n_words)]


def check_whole(events: Sequence[object]) -> None:
    """Make sure that an answer is what its end says it is."""
    said = "".join(event.text for event in events if isinstance(event, TextPiece))
    assert getattr(events[-1], "text", None) == said != ""


async def until_restarted(events: AsyncIterator[object]) -> AsyncIterator[object]:
    """Yield what comes before a request begins anew, which it must."""
    async for event in events:
        if isinstance(event, Restarted):
            return
        yield event
    raise AssertionError("it ended as if nothing had been")


def send(server: Server, number: signal.Signals) -> None:
    assert server.pid is not None
    os.kill(server.pid, number)
