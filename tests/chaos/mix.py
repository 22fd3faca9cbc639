"""Everything at once, at random: players behind links that break, and peers that mean no good."""

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from random import Random
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import WebSocketException

from tests.chaos.player import Player, Tally, play_on, player
from tests.chaos.readings import reading
from tests.chaos.relay import Direction, Relay, relay
from tests.chaos.stage import Stage
from tests.server.conftest import Site
from vrbridge.server.port import SUBPROTOCOL

_MAX_ASSET_BYTES = 400_000
_RECOVERY_S = 100.0
"""By then every back-off has ended, and the keepalive has found whatever died without a word."""
_LIMITS: dict[str, Any] = {"stall_s": 1.5, "hello_timeout_s": 1.0, "resume_window_s": 2.5}
"""Little patience, so that every state is reached often."""


@dataclass
class _Linked:
    player: Player
    link: Relay
    random: Random


async def mixed(stage: Stage) -> None:
    """Each request ends exactly once, in order, with the right bytes, or its session was reported lost."""
    n_players = stage.pick(12, short=4)
    ends = asyncio.Event()
    faults: Counter[str] = Counter()
    async with stage.site(**_LIMITS) as site, contextlib.AsyncExitStack() as stack:
        linked = [
            await stack.enter_async_context(_linked(site, Random(f"{stage.seed}/{number}"), number))
            for number in range(n_players)
        ]
        playing = [
            asyncio.create_task(play_on(one.player, one.random, ends=ends, max_asset_bytes=_MAX_ASSET_BYTES))
            for one in linked
        ]
        spoiling = [asyncio.create_task(_spoil(one, faults, ends)) for one in linked]
        spoiling.append(asyncio.create_task(_disturb(site, Random(f"{stage.seed}/peers"), ends)))
        await asyncio.sleep(stage.pick(stage.minutes * 60, short=4.0))
        ends.set()
        await asyncio.gather(*spoiling)
        async with asyncio.timeout(_RECOVERY_S):
            await asyncio.gather(*playing)
        total = Tally()
        for one in linked:
            total.add(one.player.tally)
        total.check()
        _check_runs(site, total)
        stage.figures |= {
            "requests": total.n_done,
            "connections": total.n_connections,
            "resumed": total.n_resumed,
            "lost": total.n_restarted,
            "stalls": reading(site.metrics, "vrbridge_stalls_total"),
        } | {f"faults_{name}": n for name, n in sorted(faults.items())}


def _check_runs(site: Site, total: Tally) -> None:
    """No id of a session runs twice; a request runs again only where its session was reported lost."""
    for kind in (site.talk, site.make):
        ids = {(asker.session, asker.request_id) for asker in kind.askers}
        assert kind.n_runs == len(ids)
    n_runs = site.talk.n_runs + site.make.n_runs
    assert total.n_done <= n_runs <= total.n_done + total.n_restarted


@asynccontextmanager
async def _linked(site: Site, random: Random, number: int) -> AsyncIterator[_Linked]:
    async with (
        relay(site.listener.port, seed=number) as link,
        player(link.url, f"player-{number}", give_up_s=_RECOVERY_S, random=random.random) as one,
    ):
        yield _Linked(one, link, random)


async def _spoil(one: _Linked, faults: Counter[str], ends: asyncio.Event) -> None:
    """Spoil a player's link in one way after the other, each for a while; leave it whole at the end."""
    while not ends.is_set():
        name = one.random.choice(sorted(_FAULTS))
        faults[name] += 1
        _FAULTS[name](one.link, one.random)
        await _pause(one.random.uniform(0.2, 3.0), ends)
        one.link.heal()
        await _pause(one.random.uniform(0.0, 1.0), ends)


async def _pause(seconds: float, ends: asyncio.Event) -> None:
    with contextlib.suppress(TimeoutError):
        await asyncio.wait_for(ends.wait(), seconds)


def _either(link: Relay, random: Random) -> Direction:
    return random.choice((link.up, link.down))


def _late(link: Relay, random: Random) -> None:
    for direction in (link.up, link.down):
        direction.delay_s, direction.jitter_s = random.uniform(0, 0.2), random.uniform(0, 0.2)


def _slow(link: Relay, random: Random) -> None:
    link.down.bytes_per_s = random.choice((5_000.0, 50_000.0, 1_000_000.0))


def _cut(link: Relay, random: Random) -> None:
    link.cut(is_reset=random.random() < 0.5)


def _cut_and_stall(link: Relay, random: Random) -> None:
    link.cut(is_reset=random.random() < 0.5)
    link.down.stall()
    link.up.stall()


def _swallow_one_way(link: Relay, random: Random) -> None:
    _either(link, random).swallow()


def _swallow_both_ways(link: Relay, random: Random) -> None:
    link.up.swallow()
    link.down.swallow()


def _stall(link: Relay, random: Random) -> None:
    _either(link, random).stall()


def _half_close(link: Relay, random: Random) -> None:
    link.half_close(toward_client=random.random() < 0.5)


_FAULTS = {
    "late": _late,
    "slow": _slow,
    "cut": _cut,
    "cut_and_stall": _cut_and_stall,
    "swallow_one_way": _swallow_one_way,
    "swallow_both_ways": _swallow_both_ways,
    "stall": _stall,
    "half_close": _half_close,
}


async def _disturb(site: Site, random: Random, ends: asyncio.Event) -> None:
    """Send peers that talk nonsense, say nothing, or leave in the middle."""
    async with asyncio.TaskGroup() as tasks:
        while not ends.is_set():
            tasks.create_task(_nonsense(site, random.randbytes(random.randrange(1, 200)), random.random()))
            await _pause(random.uniform(0.05, 0.3), ends)


async def _nonsense(site: Site, data: bytes, chance: float) -> None:
    if chance < 0.5:
        _, writer = await asyncio.open_connection("127.0.0.1", site.listener.port)
        writer.write(data)
        await asyncio.sleep(chance)
        writer.transport.abort()
        return
    with contextlib.suppress(OSError, WebSocketException):
        async with connect(site.url, subprotocols=[SUBPROTOCOL], compression=None) as peer:
            await peer.send(data)
            await peer.wait_closed()
