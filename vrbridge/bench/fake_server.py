"""The product's server in front of generators that are scripted; a process of its own.

Run as `python -m vrbridge.bench.fake_server CONFIG`, a JSON object (`FakeServer`). It says `ready URL`, then
once a second how late its event loop was (`Lags`), one JSON object a line. SIGTERM or the end of standard
input ends it.
"""

import asyncio
import cProfile
import io
import pstats
import signal
import sys
from collections.abc import AsyncIterator
from contextlib import AsyncExitStack, asynccontextmanager
from pathlib import Path

import msgspec

from vrbridge.bench import event_loop
from vrbridge.bench.fake_dialogue import PacedDialogue
from vrbridge.bench.fake_work import FACTORY
from vrbridge.bench.lag import Lag, LagMeter
from vrbridge.jobs.asset_keeper import AssetKeeper
from vrbridge.jobs.generated import GeneratedAssets
from vrbridge.jobs.kind import Kind
from vrbridge.jobs.mesh import MeshKind, MeshOffer
from vrbridge.jobs.texture import TextureKind, TextureOffer
from vrbridge.memory.asset_store import AssetStore
from vrbridge.memory.result_cache import ResultCache
from vrbridge.metrics import Metrics
from vrbridge.scheduling.pool import WorkerPool
from vrbridge.scheduling.threads import Threads
from vrbridge.server.access import Access
from vrbridge.server.dispatch import Dispatch
from vrbridge.server.garbage import look_seldom
from vrbridge.server.listener import Listener
from vrbridge.server.pages import Pages
from vrbridge.server.sessions import Sessions
from vrbridge.server.static_site import StaticSite
from vrbridge.server.tokens import Tokens
from vrbridge.settings import LimitSettings, ServerSettings, WorkerSettings, assets_dir

_MODEL = "scripted"
_MAX_ASSETS_BYTES = 256 << 20
_TOLD_EVERY_S = 1.0
_N_PROFILE_LINES = 45
_KEY = b"no token is asked for on loopback"


class FakeServer(msgspec.Struct, frozen=True, kw_only=True):
    """What the scripted server is like.

    Args:
        data: Folder for assets.
        limits: As the product has them.
        n_workers: Worker processes.
        service_s: Seconds that a worker takes, by call.
        words_hz: Words a second of one answer.
        name: Of this server among several.
        drain_s: How long running requests may take to finish once it is told to end.
        profile: File for what the event loop's thread spent its time on. None: nothing is measured, which
            makes it faster.
    """

    data: str
    limits: LimitSettings = LimitSettings()
    n_workers: int = 2
    service_s: dict[str, float] = msgspec.field(default_factory=lambda: {"texture": 0.1, "mesh": 0.08})
    words_hz: float = 12.0
    name: str = ""
    drain_s: float = 1.0
    profile: str | None = None


class Lags(msgspec.Struct, frozen=True):
    """How late the event loop was since the last time."""

    lags: list[Lag]


class _Nobody:
    """Remembers nothing."""

    async def heard(self, *, session: str, player: str, request_id: int, characters: int) -> None:
        """Do nothing."""

    async def forget(self, *, scope: str, session: str, player: str) -> int:
        """There is nothing."""
        return 0


@asynccontextmanager
async def running(config: FakeServer) -> AsyncIterator[Listener]:
    """Start all parts as the product does, and hand out the listener."""
    metrics = Metrics()
    settings = ServerSettings(port=0, name=config.name, drain_s=config.drain_s)
    access = Access(settings, Tokens(_KEY))
    async with AsyncExitStack() as stack:
        disk = await stack.enter_async_context(Threads(1, name="disk"))
        keeper = await disk.run(_open_keeper, Path(config.data), disk)
        pool = WorkerPool(
            factory=FACTORY,
            config={"service_s": config.service_s},
            settings=WorkerSettings(count=config.n_workers),
            limits=config.limits,
            metrics=metrics,
        )
        await stack.enter_async_context(pool)
        kinds = _kinds(config, pool, keeper)
        sessions = Sessions(config.limits, metrics, keeper, server=config.name)
        stack.push_async_callback(sessions.close)
        dispatch = Dispatch(kinds, _Nobody(), config.limits, metrics)
        pages = Pages(
            access=access,
            assets=keeper,
            metrics=metrics,
            parts=lambda: {"server": not dispatch.is_draining},
            site=StaticSite(assets_dir() / "pages"),
            disk=disk,
            name=config.name,
        )
        listener = Listener(
            settings,
            limits=config.limits,
            access=access,
            sessions=sessions,
            dispatch=dispatch,
            pages=pages,
            metrics=metrics,
        )
        yield await stack.enter_async_context(listener)


def _kinds(config: FakeServer, pool: WorkerPool, keeper: AssetKeeper) -> dict[str, Kind]:
    def assets(kind: str) -> GeneratedAssets:
        return GeneratedAssets(
            kind,
            model=_MODEL,
            device="none",
            workers=pool.scheduler,
            keeper=keeper,
            degrades=config.limits.degrade,
        )

    return {
        "dialogue": PacedDialogue(config.words_hz),
        "texture": TextureKind(
            assets("texture"), offer=TextureOffer(_MODEL), max_size_px=2048, check_text=_allow
        ),
        "mesh": MeshKind(
            assets("mesh"), offer=MeshOffer(_MODEL), max_faces=20000, max_texture_px=2048, check_text=_allow
        ),
    }


def _allow(text: str, field: str) -> None:
    """Let every text pass."""


def _open_keeper(folder: Path, disk: Threads) -> AssetKeeper:
    store = AssetStore(folder / "assets", max_bytes=_MAX_ASSETS_BYTES)
    return AssetKeeper(store, ResultCache(folder / "results", store), disk)


async def _serve(config: FakeServer, profile: cProfile.Profile | None) -> None:
    lags: list[Lag] = []
    async with running(config) as listener:
        look_seldom()
        _say(f"ready {listener.url}")
        measuring = asyncio.create_task(LagMeter(lags.append).run(), name="lag")
        telling = asyncio.create_task(_tell(lags), name="telling")
        if profile is not None:
            profile.enable()
        await _told_to_end()
        if profile is not None:
            profile.disable()
        for task in (measuring, telling):
            task.cancel()
        await listener.drain()


async def _tell(lags: list[Lag]) -> None:
    while True:
        await asyncio.sleep(_TOLD_EVERY_S)
        _say(msgspec.json.encode(Lags(lags)).decode())
        lags.clear()


async def _told_to_end() -> None:
    """Return at SIGTERM, or when whoever started this is gone."""
    loop = asyncio.get_running_loop()
    reader = asyncio.StreamReader()
    loop.add_signal_handler(signal.SIGTERM, reader.feed_eof)
    await loop.connect_read_pipe(lambda: asyncio.StreamReaderProtocol(reader), sys.stdin)
    await reader.read()


def _say(line: str) -> None:
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def _report(profile: cProfile.Profile) -> str:
    text = io.StringIO()
    stats = pstats.Stats(profile, stream=text).strip_dirs()
    stats.sort_stats("tottime").print_stats(_N_PROFILE_LINES)
    stats.sort_stats("cumulative").print_stats(_N_PROFILE_LINES)
    return text.getvalue()


def main(config: FakeServer) -> None:
    """Serve until standard input ends."""
    profile = cProfile.Profile() if config.profile is not None else None
    event_loop.run(_serve(config, profile))
    if profile is not None and config.profile is not None:
        Path(config.profile).write_text(_report(profile))


if __name__ == "__main__":
    main(msgspec.json.decode(sys.argv[1], type=FakeServer))
