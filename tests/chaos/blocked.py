"""The event loop stands still: nobody is dropped for what the server did not look at."""

from tests.chaos.crowd import crowd
from tests.chaos.player import Step, player
from tests.chaos.readings import reading
from tests.chaos.stage import Stage
from tests.chaos.waiting import until
from tests.server.conftest import Site
from vrbridge.server.loop_lag import measured_lag

_N_PLAYERS = 5
_STEPS: list[Step] = [("asset", 700_000 + number) for number in range(8)]


async def blocked_briefly(stage: Stage) -> None:
    """Half a second, several times: the lag is measured, and that is all."""
    n_times, seconds = stage.pick(10, short=2), 0.5
    async with stage.site() as site, measured_lag(site.metrics):
        await _block(site, n_times=n_times, seconds=seconds)
        lag_s = reading(site.metrics, "vrbridge_loop_lag_seconds_sum")
        stage.figures["measured_lag_s"] = lag_s
        # A measurement was due at most a quarter of a second after each block began.
        assert lag_s >= n_times * (seconds - 0.25)


async def blocked_beyond_the_stall_limit(stage: Stage) -> None:
    """Longer than `stall_s`: it was the server that did not look, not the players that did not read."""
    seconds = stage.pick(10.0, short=4.0)
    # Long enough that a player's process which waits for a core is not taken for one that does not read.
    async with stage.site(short={"stall_s": 2.0}) as site:
        await _block(site, n_times=2, seconds=seconds)
        stage.figures["blocked_s"] = seconds


async def _block(site: Site, *, n_times: int, seconds: float) -> None:
    """Block the loop while assets stream to players in another process, who go on reading."""
    async with crowd(site.url, _N_PLAYERS) as players, player(site.url, "blocker") as blocker:
        for turn in range(1, n_times + 1):
            await players.ask("mesh", _STEPS)
            await until(lambda: site.make.n_runs == turn * _N_PLAYERS)  # noqa: B023 - it is over within the turn
            assert await blocker.ask("dialogue", [("block", seconds), ("say", "that was long")])
            tally = await players.tally()
            tally.check()
            assert tally.n_connections == _N_PLAYERS, "a player was dropped"
        blocker.tally.check()
        assert blocker.tally.n_connections == 1
        assert reading(site.metrics, "vrbridge_stalls_total") == 0
