"""Assets and results in a bucket that several servers use at once.

Nothing is read, changed and written back. What makes it right is the order, and that a bucket shows at once
what was written:

* Who asked is written before what they got, and names its assets: whatever lies there is found from who is to
  be forgotten, wherever an upload broke off.
* Who forgets gives notice first; who uploads looks for that in the end. Of two at once, the later one has
  seen the other, even where something is uploaded long after it was asked for. What is uploaded while
  something of its owner may still be erased is taken back: it would be erased in part.
* Who forgets takes their own claims back before looking for others': of two at once, the later one sees none.

An asset that is erased in the moment in which somebody else gets it is missing there, and is made anew when
it is asked for; nothing is left behind that nobody can have erased.
"""

from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol, TypeVar

import msgspec

from vrbridge.errors import BucketAway
from vrbridge.memory import shared_keys
from vrbridge.memory.notices import Forgotten, HashedOwner, read_notice
from vrbridge.memory.result_cache import CachedResult, Owner
from vrbridge.memory.shared_keys import AssetName, Claim

T = TypeVar("T")
U = TypeVar("U")

_GRAIN_S = 1.0
"""S3 tells times in whole seconds."""
_NOTHING: frozenset[str] = frozenset()


class Objects(Protocol):
    """A bucket; every method raises BucketAway if it can't be asked."""

    async def read(self, key: str) -> memoryview | None:
        """Return an object, or None."""
        ...

    async def has(self, key: str) -> bool:
        """Return whether there is an object."""
        ...

    async def write(self, key: str, data: bytes | memoryview) -> None:
        """Put an object in place."""
        ...

    async def remove(self, key: str) -> None:
        """Remove an object if it is there."""
        ...

    async def keys(self, folder: str) -> list[str]:
        """Return the keys in a folder and below."""
        ...

    async def times(self, folder: str) -> list[tuple[str, float]]:
        """Return the keys in a folder and below, and when each was written, in seconds since 1970."""
        ...

    async def first(self, folder: str) -> str | None:
        """Return any key in a folder or below, or None."""
        ...


class Spread(Protocol):
    """Awaits a function for many things, a few at once."""

    def __call__(self, function: Callable[[T], Awaitable[U]], items: Iterable[T], /) -> Awaitable[list[U]]:
        """Return the results in the order of the items."""
        ...


@dataclass(frozen=True)
class Publication:
    """A result that somebody asked for, on its way into the bucket.

    Args:
        key: Of the request.
        result: What answered it.
        owner: Who asked.
        bodies: Digest → bytes of its assets.
        is_fresh: Whether it was made just now. Otherwise the bucket probably has it.
    """

    key: str
    result: CachedResult
    owner: Owner
    bodies: Mapping[str, memoryview | bytes]
    is_fresh: bool = True

    @property
    def n_bytes(self) -> int:
        """Of all assets."""
        return sum(len(body) for body in self.bodies.values())


class SharedAssets:
    """Puts results into a bucket, finds them there, and erases them.

    Every method raises BucketAway if the bucket can't be asked, and can be repeated then.

    Args:
        objects: The bucket.
        spread: How many things are asked for at once.
    """

    def __init__(self, objects: Objects, spread: Spread) -> None:
        self._objects = objects
        self._spread = spread

    async def publish(
        self,
        publication: Publication,
        *,
        is_forgotten: Callable[[HashedOwner, Sequence[Forgotten]], Awaitable[bool]],
        is_withdrawn: Callable[[], bool] = lambda: False,
    ) -> bool:
        """Put a result with its assets into the bucket, as far as they are not there.

        Args:
            publication: What to put there.
            is_forgotten: Gets the owner, and the bucket's notices of that player; whether nothing may stay.
            is_withdrawn: Whether its owner is to be forgotten; looked at between the steps.

        Returns:
            Whether it stays there.
        """
        claim = shared_keys.claim_of(publication.owner, publication.key, publication.result.assets)
        await self._objects.write(claim.by_owner, claim.content)
        await self._objects.write(claim.by_result, b"")

        async def put(asset: AssetName) -> None:
            await self._objects.write(claim.by_asset(asset), b"")
            if not is_withdrawn() and not await self._objects.has(asset.key):
                await self._objects.write(asset.key, publication.bodies[asset.digest])

        await self._spread(put, claim.assets)
        if not is_withdrawn():
            await self._put_result(publication)
        notices = await self._notices(shared_keys.forgotten_of(claim.owner.player))
        if is_withdrawn() or await is_forgotten(claim.owner, notices):
            await self._leave(claim)
            return False
        return True

    async def find(self, key: str) -> CachedResult | None:
        """Return a result, or None if there is none that can be read."""
        data = await self._objects.read(shared_keys.result_object(key))
        try:
            result = None if data is None else msgspec.json.decode(data, type=CachedResult)
        except msgspec.DecodeError:
            return None
        return result if result is not None and shared_keys.are_known(result.assets) else None

    async def body(self, digest: str, media_type: str) -> memoryview | None:
        """Return the bytes of an asset as they are in the bucket, not checked; None if it is not there."""
        return await self._objects.read(AssetName(digest, media_type).key)

    async def media_type(self, digest: str) -> str | None:
        """Return what kind of asset has a digest, or None if the bucket has none."""
        folder = shared_keys.uses_of(digest)
        use = None if folder is None else await self._objects.first(folder)
        return None if use is None else shared_keys.used_media_type(use)

    async def discard(self, digest: str, media_type: str) -> None:
        """Remove an asset that is damaged, so that it is uploaded again once it was made again."""
        await self._objects.remove(AssetName(digest, media_type).key)

    async def forget(self, *, player: str, session: str | None, day: str, giver: str) -> frozenset[str]:
        """Erase what only this player (or this session of theirs) asked for; return the assets' digests.

        If it is interrupted, asking again finds what is left.

        Args:
            player: Whose.
            session: None: of all sessions.
            day: Such as `2030-12-31`.
            giver: What this server is called in its notices.
        """
        for notice in shared_keys.notices_of(player, session, day=day, giver=giver):
            await self._objects.write(notice, b"")
        owned = await self._objects.keys(shared_keys.owned_by(player, session))
        return _NOTHING.union(*await self._spread(self._forget, owned))

    async def forgotten(self, day: str | None = None) -> list[Forgotten]:
        """Return who asked to be forgotten on a day, or ever; read from the bucket's notices."""
        folder = shared_keys.NOTICES if day is None else f"{shared_keys.NOTICES}/{day}"
        return await self._notices(folder)

    async def lag_s(self, name: str, clock: Callable[[], float]) -> float:
        """Return what to add to a time of the bucket's for one of another clock that is surely not earlier.

        That is how far the other clock is ahead, and a little more for the way there and the bucket's grain.

        Args:
            name: That nobody else uses at the same time.
            clock: The other clock.
        """
        folder, key = shared_keys.clock_of(name)
        await self._objects.write(key, b"")
        written_by = clock()
        times = [at for _, at in await self._objects.times(folder)]
        await self._objects.remove(key)
        if not times:
            raise BucketAway("it does not show what was written")
        return written_by - times[0] + _GRAIN_S

    async def _notices(self, folder: str) -> list[Forgotten]:
        found = await self._objects.times(folder)
        notices = (read_notice(shared_keys.notice_in(key), at) for key, at in found)
        return [notice for notice in notices if notice is not None]

    async def _put_result(self, publication: Publication) -> None:
        key = shared_keys.result_object(publication.key)
        # What was made anew replaces a result whose assets are gone.
        if publication.is_fresh or not await self._objects.has(key):
            ownerless = msgspec.structs.replace(publication.result, owners=(), asked_at=())
            await self._objects.write(key, msgspec.json.encode(ownerless))

    async def _forget(self, by_owner: str) -> frozenset[str]:
        content = await self._objects.read(by_owner)
        claim = None if content is None else shared_keys.read_claim(by_owner, content)
        if claim is None:
            await self._objects.remove(by_owner)
            return _NOTHING
        return await self._leave(claim)

    async def _leave(self, claim: Claim) -> frozenset[str]:
        """Erase what a claim was on, as far as nobody else has one, and return the assets' digests."""

        async def erase(asset: AssetName) -> str | None:
            await self._objects.remove(claim.by_asset(asset))
            if await self._objects.first(asset.uses) is not None:
                return None
            await self._objects.remove(asset.key)
            return asset.digest

        await self._objects.remove(claim.by_result)
        if await self._objects.first(shared_keys.claims_on(claim.key)) is None:
            await self._objects.remove(shared_keys.result_object(claim.key))
        erased = await self._spread(erase, claim.assets)
        # After the rest, since that is where a repeated attempt begins.
        await self._objects.remove(claim.by_owner)
        return frozenset(digest for digest in erased if digest is not None)
