"""Everybody loses the server in the same moment and comes back."""

import asyncio
import os
from collections import Counter
from collections.abc import AsyncIterator, Sequence
from contextlib import AsyncExitStack, asynccontextmanager

from tests.chaos.crowd import Crowd, crowd
from tests.chaos.player import Step, Tally
from tests.chaos.relay import relay
from tests.chaos.stage import Stage
from tests.chaos.waiting import until
from tests.server.conftest import Site

_N_PROCESSES = 2
_OUTAGE_S = 1.0
_RESUME_TARGET_S = 15.0
"""The project's target for 1,000 players, on a machine that has nothing else to do."""
_MAX_SHARE_A_SECOND = 0.4
"""Clients are told to come back after 1 to 5 seconds: a quarter of them in each."""
_MAX_SHARE_A_SECOND_IN_SHORT = 0.7
"""Beside other tests a machine holds arrivals up and lets them through together; no spread at all is 1."""
_PATIENCE_S = 110.0
_BEFORE: list[Step] = [("say", "Before "), ("wait", "storm"), ("say", "and after."), ("asset", 30_000)]
_AFTER: list[Step] = [("say", "Still "), ("say", "here.")]


async def listener_lost(stage: Stage) -> None:
    """The listener is gone with all its connections, and back: all resume, no job runs twice."""
    n_players = stage.pick(1000, short=200)
    stage.figures["load_before"] = os.getloadavg()[0]
    is_quiet = os.getloadavg()[0] <= (os.cpu_count() or 1)
    async with (
        stage.site(max_connections=n_players) as site,
        relay(site.listener.port) as door,
        _crowds(door.url, n_players) as crowds,
    ):
        await _all_ask(crowds, "dialogue", _BEFORE)
        await until(lambda: site.talk.n_arrived_at("storm") == n_players, within_s=_PATIENCE_S)
        door.deafen()
        door.cut()
        await until(lambda: _n_connected(site) == 0, within_s=_PATIENCE_S, what="the loss of everybody")
        # What ends while its player is away must not be lost.
        site.talk.gate("storm").set()
        await asyncio.sleep(_OUTAGE_S)
        await door.listen()
        resumed_s = await until(
            lambda: _n_connected(site) == n_players, within_s=_PATIENCE_S, what="the return of everybody"
        )
        tally = await _tally(crowds)
        tally.check()
        assert tally.n_done == n_players
        assert tally.n_restarted == 0, "no session was lost"
        # On a machine that is too busy a client may lose its connection once more.
        assert tally.n_resumed >= n_players
        stage.figures["resumed"] = tally.n_resumed
        await _all_ask(crowds, "dialogue", _AFTER)
        (await _tally(crowds)).check()
        _check_runs(site, 2 * n_players)
        stage.figures |= {"players": n_players, "resumed_in_s": resumed_s, "jobs": site.talk.n_runs}
        assert stage.is_short or not is_quiet or resumed_s <= _RESUME_TARGET_S


async def server_replaced(stage: Stage) -> None:
    """The server says goodbye and another takes its place: players come spread out and ask again."""
    n_players = stage.pick(1000, short=200)
    async with AsyncExitStack() as first, stage.site(max_connections=n_players) as later:
        site = await first.enter_async_context(stage.site(max_connections=n_players))
        async with relay(site.listener.port) as door, _crowds(door.url, n_players) as crowds:
            await _all_ask(crowds, "dialogue", _AFTER)
            (await _tally(crowds)).check()
            door.arrivals.clear()
            await site.listener.drain()
            await first.aclose()
            door.target = later.listener.port
            back_s = await until(
                lambda: _n_connected(later) == n_players, within_s=_PATIENCE_S, what="the return of everybody"
            )
            share = _largest_share(door.arrivals)
            await _all_ask(crowds, "dialogue", _AFTER)
            (await _tally(crowds)).check()
            stage.figures |= {"players": n_players, "back_in_s": back_s, "largest_share_a_second": share}
            assert share <= stage.pick(_MAX_SHARE_A_SECOND, short=_MAX_SHARE_A_SECOND_IN_SHORT)


def _n_connected(site: Site) -> int:
    return sum(session.connection is not None for session in site.sessions.all)


def _check_runs(site: Site, n_expected: int) -> None:
    ids = {(asker.session, asker.request_id) for asker in site.talk.askers}
    assert site.talk.n_runs == len(ids) == n_expected, "every id runs once"


def _largest_share(arrivals: Sequence[float]) -> float:
    """Return the largest part of all arrivals that falls into one second, wherever that second begins."""
    times = sorted(arrivals)
    begins = 0
    most: Counter[str] = Counter()
    for ends, at in enumerate(times):
        while times[begins] < at - 1.0:
            begins += 1
        most["second"] = max(most["second"], ends - begins + 1)
    return most["second"] / len(times)


@asynccontextmanager
async def _crowds(url: str, n_players: int) -> AsyncIterator[list[Crowd]]:
    async with AsyncExitStack() as stack:
        share = n_players // _N_PROCESSES
        joining = [crowd(url, share, name=f"crowd-{number}") for number in range(_N_PROCESSES)]
        yield list(await asyncio.gather(*(stack.enter_async_context(one) for one in joining)))


async def _all_ask(crowds: Sequence[Crowd], kind: str, steps: Sequence[Step]) -> None:
    for one in crowds:
        await one.ask(kind, steps)


async def _tally(crowds: Sequence[Crowd]) -> Tally:
    total = Tally()
    for one in crowds:
        total.add(await one.tally())
    return total
