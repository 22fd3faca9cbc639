"""One scenario from the first connection to the last word."""

import asyncio
import contextlib
import tempfile
import time
from collections.abc import AsyncIterator, Callable, Sequence
from contextlib import AbstractAsyncContextManager, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import msgspec

from vrbridge.bench.crew import Crew, crew
from vrbridge.bench.fake_server import FakeServer
from vrbridge.bench.lag import Lag
from vrbridge.bench.open_files import allow_sockets
from vrbridge.bench.process_cost import Cost, children, cost, memory_bytes
from vrbridge.bench.recording import Recording
from vrbridge.bench.scenario import Phase, Scenario, at_capacity
from vrbridge.bench.servers import Server, product_server, scripted_server, wasted_now, watched
from vrbridge.bench.troupe import Cast
from vrbridge.settings import LimitSettings

_SPARE_CONNECTIONS = 64
_SETTLE_S = 1.0
_LEAD_S = 0.2
"""So that every process has its orders before a phase begins."""
_LAST_WISHES_S = 12.0
_LAST_WORDS_S = 60.0
"""A real language model that many have asked takes its time."""

OnStep = Callable[[str, float], None]
"""Called with what happens now, and the seconds of the scenario that are over."""


@dataclass(frozen=True, kw_only=True)
class Options:
    """How a load test is run.

    Args:
        url: Of a running server. None: one is started for each scenario.
        is_scripted: Whether the server that is started has scripted generators.
        token: None where the server wants none.
        seed: Decides who asks for what and when.
        n_processes: For players.
        folder: For logs.
        profile: Whether a scripted server notes what it spends its time on.
    """

    url: str | None
    is_scripted: bool
    token: str | None
    seed: int
    n_processes: int
    folder: Path
    profile: bool = False


@dataclass(frozen=True)
class Span:
    """A phase as it was; times are those of `time.monotonic`.

    Args:
        phase: With the rates that were meant.
        start: When it began.
        n_made: Materials that came in it.
        work_s: Seconds that generators worked on them.
        server: What the server's own process cost meanwhile. None: not known.
        workers: What the processes cost that it has started, likewise.
        players: What the processes with players cost.
    """

    phase: Phase
    start: float
    n_made: int
    work_s: float
    server: Cost | None
    workers: Cost | None
    players: Cost | None

    @property
    def end(self) -> float:
        """When it was to end."""
        return self.start + self.phase.seconds


@dataclass(kw_only=True)
class Run:
    """What happened in a scenario.

    Args:
        scenario: As planned.
        connect_s: How long it took until everybody was connected.
        memory_before: Bytes of the server before anybody was connected. None: not known.
        memory_connected: Once everybody was.
        memory_used: At the end of the last phase.
        capacity_hz: Materials a second when they were always asked for. None: was not measured.
        wasted_s: Work on requests that ended without a result, by the code that they ended with. None: not
            known.
        spans: The phases.
        lags: How late the server's event loop was.
        recording: Of all players.
    """

    scenario: Scenario
    connect_s: float = 0.0
    memory_before: int | None = None
    memory_connected: int | None = None
    memory_used: int | None = None
    capacity_hz: float | None = None
    wasted_s: dict[str, float] | None = None
    spans: list[Span] = field(default_factory=list)
    lags: list[Lag] = field(default_factory=list)
    recording: Recording = field(default_factory=Recording)

    def span(self, name: str) -> Span:
        """Return the phase of this name."""
        return next(span for span in self.spans if span.phase.name == name)


async def conduct(scenario: Scenario, options: Options, on_step: OnStep) -> Run:
    """Go through a scenario.

    Raises:
        SettingsError: If the system does not allow so many sockets.
        Unavailable: If a server does not start, or does not let the players in.
    """
    n_players = scenario.n_players
    allow_sockets(n_players)
    run = Run(scenario=scenario)
    on_step("starting", 0.0)
    with tempfile.TemporaryDirectory(prefix="vrbridge-load-") as data:
        async with _server(scenario, options, Path(data)) as server:
            casts = _casts(scenario, options, server)
            wasted_before = await wasted_now(server.url)
            log_path = options.folder / f"{scenario.name}-players.log"
            with log_path.open("wb") as log:
                async with crew(casts, Path(data), log) as players:
                    await _connect(run, server, players, on_step)
                    await _go_through(run, server, players, on_step)
                    on_step("leaving", scenario.seconds)
                    within_s = _LAST_WISHES_S if server.is_stamped else _LAST_WORDS_S
                    run.recording = await players.end(within_s=within_s)
            run.wasted_s = _since(wasted_before, await wasted_now(server.url))
            run.lags = server.lags
    return run


def _since(before: dict[str, float] | None, after: dict[str, float] | None) -> dict[str, float] | None:
    if before is None or after is None:
        return None
    return {reason: seconds - before.get(reason, 0.0) for reason, seconds in after.items()}


async def _connect(run: Run, server: Server, players: Crew, on_step: OnStep) -> None:
    await asyncio.sleep(_SETTLE_S)
    run.memory_before = _memory(server)
    started = time.monotonic()
    await players.enter(lambda n_connected: on_step(f"{n_connected} connected", 0.0))
    run.connect_s = time.monotonic() - started
    await asyncio.sleep(_SETTLE_S)
    run.memory_connected = _memory(server)


async def _go_through(run: Run, server: Server, players: Crew, on_step: OnStep) -> None:
    over_s = 0.0
    for planned in run.scenario.phases:
        n_loaded = sum(run.scenario.groups[group] for group in planned.loaded if group in planned.habits)
        phase = at_capacity(planned, capacity_hz=run.capacity_hz or 0.0, n_players=max(1, n_loaded))
        async with _told(phase, over_s, on_step):
            span = await _span(phase, server, players)
        if phase.name == "capacity":
            run.capacity_hz = span.n_made / phase.seconds
        run.spans.append(span)
        over_s += phase.seconds
    run.memory_used = _memory(server)


async def _span(phase: Phase, server: Server, players: Crew) -> Span:
    start = time.monotonic() + _LEAD_S
    own = [] if server.pid is None else [server.pid]
    workers = [] if server.pid is None else children(server.pid)
    groups = (own, workers, players.pids)
    before = [cost(pids) for pids in groups]
    n_made, work_s = await players.act(phase, start=start)
    after = [cost(pids) for pids in groups]
    used = [b and a and a - b for b, a in zip(before, after, strict=True)]
    return Span(phase, start, n_made, work_s, *used)


@asynccontextmanager
async def _told(phase: Phase, over_s: float, on_step: OnStep) -> AsyncIterator[None]:
    """Tell every second how far it is, as long as the block lasts."""

    async def tell() -> None:
        started = time.monotonic()
        while True:
            on_step(phase.name, over_s + min(phase.seconds, time.monotonic() - started))
            await asyncio.sleep(0.5)

    telling = asyncio.create_task(tell(), name="progress")
    try:
        yield
    finally:
        telling.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await telling


def _server(scenario: Scenario, options: Options, data: Path) -> AbstractAsyncContextManager[Server]:
    if options.url is not None:
        return watched(options.url)
    max_connections = scenario.n_players + _SPARE_CONNECTIONS
    log = options.folder / f"{scenario.name}-server.log"
    if not options.is_scripted:
        return product_server(data, log, max_connections=max_connections)
    profile = str(options.folder / f"{scenario.name}-profile.txt") if options.profile else None
    limits = msgspec.structs.replace(LimitSettings(), max_connections=max_connections)
    return scripted_server(FakeServer(data=str(data), limits=limits, profile=profile), log)


def _casts(scenario: Scenario, options: Options, server: Server) -> Sequence[Cast]:
    """Deal the players out, so that every process has some of each group."""
    n_processes = min(options.n_processes, scenario.n_players)
    return [
        Cast(
            url=server.url,
            players={
                number: scenario.group_of(number) for number in range(first, scenario.n_players, n_processes)
            },
            token=options.token,
            seed=options.seed,
            reads_stamps=server.is_stamped,
        )
        for first in range(n_processes)
    ]


def _memory(server: Server) -> int | None:
    return None if server.pid is None else memory_bytes(server.pid)
