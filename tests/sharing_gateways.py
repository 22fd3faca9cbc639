"""Assets and results of several servers over one bucket, without the rest of the servers."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

from tests.chaos.relay import Relay
from tests.s3_server import S3Server
from vrbridge.jobs.asset_keeper import AssetKeeper
from vrbridge.memory.asset_store import AssetStore
from vrbridge.memory.notices import Notices
from vrbridge.memory.result_cache import Owner, ResultCache
from vrbridge.scheduling.threads import Threads
from vrbridge.settings import AssetSettings
from vrbridge.sharing import Sharing, shared_assets

PNG = "image/png"
PATIENCE_S = 60.0
# What is slow on a busy machine is not away.
UNHURRIED = {"lookup_timeout_s": PATIENCE_S, "fetch_timeout_s": PATIENCE_S, "notice_every_s": 3600.0}


class Counts:
    """Counts what goes in and out; implements `Observer`."""

    def __init__(self) -> None:
        self.reads: Counter[tuple[str, str]] = Counter()
        self.uploads: Counter[str] = Counter()
        self.waiting_bytes: Callable[[], int] = lambda: 0
        self._changed = asyncio.Event()

    def shared_read(self, what: str, outcome: str, seconds: float | None = None) -> None:
        """Count."""
        assert (seconds is None) == (outcome in ("skipped", "damaged"))
        self.reads[what, outcome] += 1
        self._changed.set()

    def shared_upload(self, outcome: str) -> None:
        """Count."""
        self.uploads[outcome] += 1
        self._changed.set()

    def watch_shared(self, waiting_bytes: Callable[[], int]) -> None:
        """Be able to ask."""
        self.waiting_bytes = waiting_bytes

    async def until(self, is_so: Callable[[], bool]) -> None:
        """Wait until something is so."""
        async with asyncio.timeout(PATIENCE_S):
            while not is_so():
                self._changed.clear()
                await self._changed.wait()


@dataclass
class Gateway:
    """One server's assets and results, and its share in a bucket."""

    folder: Path
    keeper: AssetKeeper
    counts: Counts
    heard: asyncio.Event = field(default_factory=asyncio.Event)

    async def make(self, key: str, owner: Owner, *bodies: bytes) -> None:
        """Keep and remember what a generator has just made."""
        assets = [await self.keeper.keep(f"part {n}", PNG, body, {"n": n}) for n, body in enumerate(bodies)]
        await self.keeper.remember(key, assets, {"model": "m"}, owner)

    async def recalled(self, key: str, owner: Owner) -> list[bytes] | None:
        """Return the bytes of a repeat's assets."""
        recalled = await self.keeper.recall(key, owner)
        return None if recalled is None else [bytes(asset.body) for asset in recalled[0]]

    async def uploaded(self, n_results: int) -> None:
        """Wait until so many results have been uploaded."""
        await self.counts.until(lambda: self.counts.uploads["done"] >= n_results)

    async def heed(self, notices: Notices) -> None:
        """Forget whom another server was asked to forget."""
        await self.keeper.forget_copies(notices)
        self.heard.set()

    async def has_heard(self) -> None:
        """Wait until it has done so once."""
        async with asyncio.timeout(PATIENCE_S):
            await self.heard.wait()

    @property
    def files(self) -> set[str]:
        """Digits of the assets that it has itself."""
        return {path.stem for path in (self.folder / "assets").glob("*/*")}


@asynccontextmanager
async def gateway(
    folder: Path, server: S3Server | Relay, bucket: str, *, max_bytes: float = 1 << 20, **settings: float
) -> AsyncIterator[Gateway]:
    """Start one server's part, and finish its uploads at the end."""
    endpoint = server.endpoint if isinstance(server, S3Server) else f"http://{urlsplit(server.url).netloc}"
    given = AssetSettings(url=f"s3://{bucket}/shared", endpoint=endpoint, **(UNHURRIED | settings))  # type: ignore[arg-type]  # numbers, all of them
    counts = Counts()
    async with AsyncExitStack() as stack:
        disk = await stack.enter_async_context(Threads(1, name="disk"))
        sharing = await stack.enter_async_context(shared_assets(given, counts))
        assert isinstance(sharing, Sharing)
        store = AssetStore(folder / "assets", max_bytes=int(max_bytes))
        keeper = AssetKeeper(store, ResultCache(folder / "results", store), disk, shared=sharing)
        started = Gateway(folder, keeper, counts)
        await stack.enter_async_context(sharing.heeding(started.heed))
        yield started
