"""The asset store and the result cache, reached without blocking the event loop."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from vrbridge.errors import Unavailable
from vrbridge.jobs.events import AssetReady
from vrbridge.memory.asset_store import AssetStore
from vrbridge.memory.result_cache import CachedAsset, CachedResult, Owner, ResultCache

T = TypeVar("T")

_RETRY_S = 5.0


class Disk(Protocol):
    """Runs a function on the thread that owns the disk."""

    def run(self, function: Callable[..., T], /, *arguments: object) -> Awaitable[T]:
        """Return what the function returns, or raise what it raises."""
        ...


class AssetKeeper:
    """Keeps assets and finished results; every method may be awaited by any job.

    Args:
        store: The bytes, by digest.
        cache: The results, by what was asked.
        disk: One thread, since store and cache take one caller at a time.
    """

    def __init__(self, store: AssetStore, cache: ResultCache, disk: Disk) -> None:
        self._store = store
        self._cache = cache
        self._disk = disk

    async def keep(
        self, role: str, media_type: str, data: bytes | memoryview, meta: dict[str, object]
    ) -> AssetReady:
        """Store an asset and return it as an event.

        Raises:
            Unavailable: If there is no room for it.
        """
        stored = await self._disk.run(self._store.put, data, media_type)
        return AssetReady(role, media_type, stored.digest, stored.body, meta)

    async def fetch(self, digest: str) -> tuple[str, memoryview | bytes] | None:
        """Return media type and bytes of an asset, or None if it is not kept."""
        stored = await self._disk.run(self._store.open, digest)
        return (stored.media_type, stored.body) if stored else None

    def pin(self, digest: str) -> None:
        """Keep an asset from being dropped for room; see `AssetStore.pin`. Never waits."""
        self._store.pin(digest)

    def unpin(self, digest: str) -> None:
        """Take one pin back; see `AssetStore.unpin`. Never waits."""
        self._store.unpin(digest)

    async def recall(self, key: str, owner: Owner) -> tuple[list[AssetReady], dict[str, object]] | None:
        """Return assets and result of an earlier answer, or None."""
        return await self._disk.run(self._recall, key, owner)

    async def remember(
        self, key: str, assets: Sequence[AssetReady], result: dict[str, object], owner: Owner
    ) -> None:
        """Keep an answer for whoever asks the same again."""
        cached = tuple(CachedAsset(a.role, a.media_type, a.digest, dict(a.meta)) for a in assets)
        await self._disk.run(self._cache.remember, key, CachedResult(cached, result), owner)

    async def forget(self, *, player: str, session: str | None) -> int:
        """Erase the assets that only this player (or this session of theirs) asked for; return how many.

        Raises:
            Unavailable: If the disk refuses; what is left is erased by asking again.
        """
        try:
            return await self._disk.run(self._forget, player, session)
        except OSError as error:
            text = "Not all assets could be erased; the server's disk refuses. Try again later."
            raise Unavailable(text, retry_after_s=_RETRY_S) from error

    def _forget(self, player: str, session: str | None) -> int:
        return self._cache.forget(player=player, session=session)

    def _recall(self, key: str, owner: Owner) -> tuple[list[AssetReady], dict[str, object]] | None:
        result = self._cache.recall(key, owner)
        if result is None:
            return None
        events = []
        for asset in result.assets:
            stored = self._store.open(asset.digest)
            if stored is None:
                return None
            events.append(AssetReady(asset.role, asset.media_type, asset.digest, stored.body, asset.meta))
        return events, result.result
