"""A headset that is taken off: the player's whole process stands still, and its sockets with it."""

import asyncio

from tests.chaos.crowd import crowd
from tests.chaos.player import Step
from tests.chaos.stage import Stage
from tests.chaos.waiting import until
from vrbridge.settings import LimitSettings

_SHORT = {"stall_s": 1.0, "resume_window_s": 4.0}
_STEPS: list[Step] = [("progress", 0.5), ("wait", "asleep"), ("asset", 3 << 20), ("asset", 400_000)]


async def suspended(stage: Stage, *, for_s: float) -> None:
    """A player is suspended while an asset starts to stream.

    Shorter than a stall: nothing happens. Shorter than the window: aborted, resumed, nothing lost. Longer:
    the session is reported lost, and the client library asks again.

    Args:
        stage: Scaled down, the time ends with the state that belongs to it.
        for_s: Seconds, at full length.
    """
    async with stage.site(short=_SHORT) as site, crowd(site.url, 1) as players:
        # Scaled down or not, it is the same case.
        limits = LimitSettings()
        is_stalled = for_s > limits.stall_s
        is_lost = for_s > limits.stall_s + limits.resume_window_s
        await players.ask("mesh", _STEPS)
        await until(lambda: site.make.n_arrived_at("asleep"))
        (session,) = site.sessions.all
        players.suspend()
        started = asyncio.get_running_loop().time()
        site.make.gate("asleep").set()
        if is_stalled:
            stage.figures["aborted_after_s"] = await until(lambda: session.connection is None)
        if is_lost:
            lost_s = await until(lambda: session not in site.sessions.all, within_s=for_s)
            stage.figures["lost_after_abort_s"] = lost_s
        await _rest_of(stage, for_s, started)
        assert (session.connection is None) == is_stalled
        assert (session not in site.sessions.all) == is_lost
        players.resume()
        tally = await players.tally()
        tally.check()
        assert tally.n_restarted == int(is_lost)
        assert tally.n_resumed == int(is_stalled and not is_lost)
        assert site.make.n_runs == 1 + is_lost, "a job runs again only where its session was lost"
        # The player goes on.
        await players.ask("dialogue", [("say", "Welcome "), ("say", "back.")])
        (await players.tally()).check()
        stage.figures["connections"] = tally.n_connections


async def _rest_of(stage: Stage, for_s: float, started: float) -> None:
    if not stage.is_short:
        await asyncio.sleep(max(0.0, started + for_s - asyncio.get_running_loop().time()))
