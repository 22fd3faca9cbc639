"""The asset store and the result cache, and what other servers share, without blocking the event loop."""

from collections.abc import Awaitable, Callable, Sequence
from typing import Protocol, TypeVar

from vrbridge.errors import Unavailable
from vrbridge.jobs.events import AssetReady
from vrbridge.memory.asset_store import AssetStore, StoredAsset
from vrbridge.memory.notices import Notices, hashed_owner
from vrbridge.memory.result_cache import CachedAsset, CachedResult, Owner, ResultCache
from vrbridge.memory.shared_assets import Publication

T = TypeVar("T")

_RETRY_S = 5.0


class Disk(Protocol):
    """Runs a function on the thread that owns the disk."""

    def run(self, function: Callable[..., T], /, *arguments: object) -> Awaitable[T]:
        """Return what the function returns, or raise what it raises."""
        ...


class Shared(Protocol):
    """What several servers have in common; asked for what this one does not have."""

    async def find(self, key: str) -> CachedResult | None:
        """Return a result, or None if none is found in time."""
        ...

    async def bodies(self, assets: Sequence[CachedAsset]) -> list[memoryview | None]:
        """Return the bytes of assets, not checked; None for those that are not found in time."""
        ...

    async def locate(self, digest: str) -> tuple[str, memoryview] | None:
        """Return media type and bytes of an asset, not checked.

        Raises:
            Unavailable: If that can't be said at present.
        """
        ...

    async def discard(self, digest: str, media_type: str) -> None:
        """Remove an asset that is damaged."""
        ...

    def publish(self, publication: Publication) -> None:
        """Share a result soon; never waits."""
        ...

    async def forget(self, *, player: str, session: str | None) -> frozenset[str]:
        """Erase what only this player (or this session of theirs) asked for; return the assets' digests.

        Raises:
            Unavailable: If not all of it could be erased.
        """
        ...


class AssetKeeper:
    """Keeps assets and finished results; every method may be awaited by any job.

    An asset is shared once its request is done, under the name of who asked, so that it can be erased again.

    Args:
        store: The bytes, by digest.
        cache: The results, by what was asked.
        disk: One thread, since store and cache take one caller at a time.
        shared: What other servers have. None: there is only this one.
    """

    def __init__(
        self, store: AssetStore, cache: ResultCache, disk: Disk, *, shared: Shared | None = None
    ) -> None:
        self._store = store
        self._cache = cache
        self._disk = disk
        self._shared = shared

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
        """Return media type and bytes of an asset, or None if it is not kept.

        Raises:
            Unavailable: If that can't be said at present.
        """
        stored = await self._disk.run(self._store.open, digest)
        if stored is None and self._shared is not None:
            located = await self._shared.locate(digest)
            stored = located and await self._adopt(self._shared, digest, *located)
        return (stored.media_type, stored.body) if stored else None

    def pin(self, digest: str) -> None:
        """Keep an asset from being dropped for room; see `AssetStore.pin`. Never waits."""
        self._store.pin(digest)

    def unpin(self, digest: str) -> None:
        """Take one pin back; see `AssetStore.unpin`. Never waits."""
        self._store.unpin(digest)

    async def recall(self, key: str, owner: Owner) -> tuple[list[AssetReady], dict[str, object]] | None:
        """Return assets and result of an earlier answer, or None."""
        recalled = await self._disk.run(self._recall, key, owner)
        if self._shared is None:
            return recalled
        recalled = recalled or await self._recall_shared(self._shared, key, owner)
        if recalled is not None:
            self._publish(key, *recalled, owner, is_fresh=False)
        return recalled

    async def remember(
        self, key: str, assets: Sequence[AssetReady], result: dict[str, object], owner: Owner
    ) -> None:
        """Keep an answer for whoever asks the same again."""
        await self._disk.run(self._cache.remember, key, _cached(assets, result), owner)
        self._publish(key, assets, result, owner, is_fresh=True)

    async def forget(self, *, player: str, session: str | None) -> int:
        """Erase the assets that only this player (or this session of theirs) asked for; return how many.

        Raises:
            Unavailable: If the disk, or what is shared, refuses; what is left is erased by asking again.
        """
        try:
            gone = await self._disk.run(self._forget, player, session)
        except OSError as error:
            raise _refused() from error
        if self._shared is not None:
            gone |= await self._shared.forget(player=player, session=session)
        return len(gone)

    def _publish(
        self,
        key: str,
        assets: Sequence[AssetReady],
        result: dict[str, object],
        owner: Owner,
        *,
        is_fresh: bool,
    ) -> None:
        if self._shared is None:
            return
        bodies = {asset.digest: asset.body for asset in assets}
        self._shared.publish(Publication(key, _cached(assets, result), owner, bodies, is_fresh))

    async def _recall_shared(
        self, shared: Shared, key: str, owner: Owner
    ) -> tuple[list[AssetReady], dict[str, object]] | None:
        """Bring a result of another server, if all of it is there and as it was."""
        result = await shared.find(key)
        if result is None:
            return None
        here = [await self._disk.run(self._store.open, asset.digest) for asset in result.assets]
        missing = [asset for asset, stored in zip(result.assets, here, strict=True) if stored is None]
        bodies = dict(zip((a.digest for a in missing), await shared.bodies(missing), strict=True))
        events = []
        for asset, stored in zip(result.assets, here, strict=True):
            body = bodies.get(asset.digest)
            if stored is None and body is not None:
                stored = await self._adopt(shared, asset.digest, asset.media_type, body)
            if stored is None:
                return None
            events.append(AssetReady(asset.role, asset.media_type, asset.digest, stored.body, asset.meta))
        await self._disk.run(self._cache.remember, key, result, owner)
        return events, result.result

    async def forget_copies(self, notices: Notices) -> None:
        """Erase here what players asked other servers to forget.

        Raises:
            Unavailable: If the disk refuses.
        """

        def is_gone(owner: Owner, asked_at: float) -> bool:
            return notices.cover(hashed_owner(owner), asked_at)

        try:
            await self._disk.run(self._cache.forget_where, is_gone)
        except OSError as error:
            raise _refused() from error

    async def _adopt(
        self, shared: Shared, digest: str, media_type: str, body: memoryview
    ) -> StoredAsset | None:
        """Keep an asset of another server, or return None if it is damaged."""
        stored = await self._disk.run(self._store.adopt, digest, body, media_type)
        if stored is None:
            await shared.discard(digest, media_type)
        return stored

    def _forget(self, player: str, session: str | None) -> frozenset[str]:
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


def _refused() -> Unavailable:
    text = "Not all assets could be erased; the server's disk refuses. Try again later."
    return Unavailable(text, retry_after_s=_RETRY_S)


def _cached(assets: Sequence[AssetReady], result: dict[str, object]) -> CachedResult:
    assets_kept = tuple(CachedAsset(a.role, a.media_type, a.digest, dict(a.meta)) for a in assets)
    return CachedResult(assets_kept, result)
