"""A real server with real models is stopped, or killed, while players wait for their results."""

import asyncio
import signal
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path
from random import Random
from typing import Any
from urllib.parse import urlsplit

from tests.chaos.kept import check_kept
from tests.chaos.stage import Stage
from tests.chaos.waiting import until
from tests.chaos.witness import Witness
from tests.integration.scene import RawScene, scene
from tests.integration.serving import Serving, children, serving
from vrbridge.client import Asset, Client, Done, RequestFailed, Restarted

_PROMPTS = ("oak planks", "grey granite", "red brick", "moss", "sand", "rusty iron")
_GOODBYE = 4490
_PATIENCE_S = 150
_UNHURRIED = {"VRBRIDGE_SERVER__DRAIN_S": "120", "VRBRIDGE_DIALOGUE__TOKEN_TIMEOUT_S": "120"}
"""On a busy machine the language model takes its time, which is not what is tried here."""


async def stopped_under_load(stage: Stage) -> None:
    """SIGTERM: everybody is told, what runs is delivered, and the process ends well."""
    async with _served(stage.folder) as server:
        started = _descendants(server.process.pid)
        async with AsyncExitStack() as stack:
            n_players = stage.pick(4, short=2)
            scenes = [await stack.enter_async_context(_scene(server.url, n)) for n in range(n_players)]
            for number, raw in enumerate(scenes):
                for id, (kind, params) in enumerate(_requests(stage, stage.random, number), start=1):
                    await raw.request(id, kind, params)
            for raw in scenes:
                await raw.until(lambda m: m["type"] == "accepted" and m["id"] == 3)
            server.process.send_signal(signal.SIGTERM)
            for raw in scenes:
                await _leaves_well(raw)
        assert await asyncio.to_thread(server.process.wait, 30) == 0
    await _nothing_is_left(started)
    stage.figures |= check_kept(stage.folder)


async def killed_under_load(stage: Stage) -> None:
    """SIGKILL: workers and the model die with the server; a new one on the same port and data goes on."""
    ends = asyncio.Event()
    async with AsyncExitStack() as stack:
        async with _served(stage.folder) as server:
            started = _descendants(server.process.pid)
            assert len(started) >= 3, "two workers and a language model"
            n_players = stage.pick(4, short=2)
            players = [await stack.enter_async_context(_asking(server.url, n)) for n in range(n_players)]
            asking = [
                asyncio.create_task(one.ask_on(stage, Random(stage.seed + number), ends=ends))
                for number, one in enumerate(players)
            ]
            await until(lambda: all(one.n_done for one in players), within_s=_PATIENCE_S)
            server.process.kill()
            await _nothing_is_left(started)
        async with _served(stage.folder, "--port", str(urlsplit(server.url).port)):
            n_before = [one.n_done for one in players]
            await until(
                lambda: all(one.n_done > n for one, n in zip(players, n_before, strict=True)),
                within_s=_PATIENCE_S,
            )
            ends.set()
            await asyncio.gather(*asking)
        stage.figures["restarted"] = sum(one.n_restarted for one in players)
        stage.figures["failed_retryably"] = sum(one.n_failed for one in players)
        stage.figures["done"] = sum(one.n_done for one in players)
        assert all(one.n_restarted for one in players), "whoever waited was told that it begins again"
        for one in players:
            assert not one.witness.faults, one.witness.faults
            assert one.witness.n_sessions == 2, "one session was lost, and no other"
    stage.figures |= check_kept(stage.folder)


@asynccontextmanager
async def _served(data: Path, *arguments: str) -> AsyncIterator[Serving]:
    """Start and stop a server while this loop goes on."""
    server = serving(data, *arguments, **_UNHURRIED)
    running = await asyncio.to_thread(server.__enter__)
    try:
        yield running
    finally:
        await asyncio.to_thread(server.__exit__, None, None, None)


def _requests(stage: Stage, random: Random, number: int) -> Sequence[tuple[str, dict[str, Any]]]:
    size_px = stage.pick(256, short=64)
    return (
        ("texture", {"prompt": random.choice(_PROMPTS), "size_px": size_px, "seed": number}),
        ("mesh", {"prompt": "barrel", "seed": number, "lods": 2}),
        ("dialogue", {"npc": "merchant", "text": "What do you sell?", "max_tokens": 12}),
    )


@asynccontextmanager
async def _scene(url: str, number: int) -> AsyncIterator[RawScene]:
    async with scene(url, client={"name": "test", "device": f"player-{number}"}) as raw:
        yield raw


async def _leaves_well(raw: RawScene) -> None:
    await raw.until(lambda m: m["type"] == "goaway")
    for id in (1, 2, 3):
        assert (await raw.end(id))["type"] == "done"
        for header in raw.of(id, "asset"):
            raw.body(header["role"], id)
    assert await raw.closed() == _GOODBYE


@dataclass
class _Asking:
    """A real client that asks for real things, one after the other."""

    client: Client
    witness: Witness
    n_done: int = 0
    n_restarted: int = 0
    n_failed: int = 0

    async def ask_on(self, stage: Stage, random: Random, *, ends: asyncio.Event) -> None:
        while not ends.is_set():
            kind, params = random.choice(_requests(stage, random, random.randrange(1000)))
            try:
                await self._ask(kind, params)
            except RequestFailed as failure:
                # A starved model may fall silent; whoever is told to ask again does.
                if not failure.retryable:
                    raise
                self.n_failed += 1

    async def _ask(self, kind: str, params: Mapping[str, Any]) -> None:
        n_assets = 0
        async for event in self.client.request(kind, params):
            if isinstance(event, Restarted):
                self.n_restarted += 1
                n_assets = 0
            elif isinstance(event, Asset):
                n_assets += 1
            elif isinstance(event, Done):
                assert bool(n_assets) == (kind != "dialogue")
                self.n_done += 1


@asynccontextmanager
async def _asking(url: str, number: int) -> AsyncIterator[_Asking]:
    witness = Witness()
    async with Client.connect(url, device=f"player-{number}", on_message=witness) as client:
        yield _Asking(client, witness)


def _descendants(pid: int) -> set[int]:
    direct = set(children(pid))
    return direct.union(*(_descendants(child) for child in direct)) if direct else direct


async def _nothing_is_left(pids: set[int]) -> None:
    await until(lambda: not any(_lives(pid) for pid in pids), within_s=15, what="the end of every child")


def _lives(pid: int) -> bool:
    try:
        return (Path("/proc") / str(pid) / "stat").read_text().rsplit(")", 1)[1].split()[0] != "Z"
    except OSError:
        return False
