"""The asset store and the result cache, and what other servers share, without blocking the event loop."""

from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Protocol, TypeVar

from vrbridge.errors import Unavailable
from vrbridge.jobs.events import AssetReady
from vrbridge.memory.asset_store import AssetStore, digest_of
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

        What another server has is handed on and not kept: nobody here asked for it, so that nobody's
        forgetting would erase it.

        Raises:
            Unavailable: If that can't be said at present.
        """
        stored = await self._disk.run(self._store.read, digest)
        if stored is not None:
            return stored.media_type, stored.body
        located = None if self._shared is None else await self._shared.locate(digest)
        if self._shared is None or located is None:
            return None
        media_type, body = located
        if not (await self._disk.run(_are_whole, [(digest, body)]))[digest]:
            await self._shared.discard(digest, media_type)
            return None
        return located

    def pin(self, digest: str) -> None:
        """Keep an asset from being dropped for room; see `AssetStore.pin`. Never waits."""
        self._store.pin(digest)

    def unpin(self, digest: str) -> None:
        """Take one pin back; see `AssetStore.unpin`. Never waits."""
        self._store.unpin(digest)

    async def recall(
        self, key: str, owner: Owner, *, is_shared: bool = True
    ) -> tuple[list[AssetReady], dict[str, object]] | None:
        """Return assets and result of an earlier answer, or None.

        Args:
            key: Of the request.
            owner: Who asks.
            is_shared: Whether another server can have it.
        """
        recalled = await self._disk.run(self._recall, key, owner)
        if self._shared is None:
            return recalled
        if recalled is None and is_shared:
            recalled = await self._recall_shared(self._shared, key, owner)
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
        found = await shared.bodies(missing)
        bodies = {a.digest: body for a, body in zip(missing, found, strict=True) if body is not None}
        are_whole = await self._disk.run(_are_whole, list(bodies.items()))
        for asset in [a for a in missing if not are_whole.get(a.digest, True)]:
            await shared.discard(asset.digest, asset.media_type)
        if not all(are_whole.get(asset.digest, False) for asset in missing):
            return None
        events = await self._disk.run(self._adopt, key, result, bodies, owner)
        return None if events is None else (events, result.result)

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

    def _adopt(
        self, key: str, result: CachedResult, bodies: Mapping[str, memoryview], owner: Owner
    ) -> list[AssetReady] | None:
        """Keep a result of another server with its assets, or nothing of it; None if one has gone meanwhile.

        Raises:
            Unavailable: If there is no room for it.
        """
        events, brought, is_kept = [], [], False
        try:
            for asset in result.assets:
                stored = self._store.open(asset.digest)
                if stored is None:
                    if asset.digest not in bodies:
                        return None
                    stored = self._store.put(bodies[asset.digest], asset.media_type)
                    brought.append(asset.digest)
                events.append(AssetReady(asset.role, asset.media_type, asset.digest, stored.body, asset.meta))
            is_kept = self._cache.remember(key, result, owner)
            return events
        finally:
            if not is_kept:
                # What has no owner here would outlive the forgetting of those who asked for it.
                for digest in brought:
                    self._store.drop(digest)

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


def _are_whole(bodies: Sequence[tuple[str, memoryview]]) -> dict[str, bool]:
    """Return of each digest whether these are its bytes."""
    return {digest: digest_of(body) == digest for digest, body in bodies}


def _refused() -> Unavailable:
    text = "Not all assets could be erased; the server's disk refuses. Try again later."
    return Unavailable(text, retry_after_s=_RETRY_S)


def _cached(assets: Sequence[AssetReady], result: dict[str, object]) -> CachedResult:
    assets_kept = tuple(CachedAsset(a.role, a.media_type, a.digest, dict(a.meta)) for a in assets)
    return CachedResult(assets_kept, result)
