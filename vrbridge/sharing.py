"""This server's share in a bucket of assets: asked within bounds, filled in the background."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from types import TracebackType
from typing import Protocol, Self, TypeVar

from vrbridge.errors import BucketAway, SettingsError, Unavailable
from vrbridge.memory.bucket_address import open_bucket
from vrbridge.memory.notices import Forgotten, HashedOwner, Notices, hashed, hashed_owner
from vrbridge.memory.result_cache import CachedAsset, CachedResult, Owner
from vrbridge.memory.shared_assets import Objects, Publication, SharedAssets
from vrbridge.scheduling.circuit import Circuit
from vrbridge.scheduling.deliveries import Deliveries
from vrbridge.scheduling.spread import spread
from vrbridge.settings import AssetSettings

T = TypeVar("T")

# Looks are mostly waiting; the bodies that are read at once are what takes memory.
_LOOKS_AT_ONCE = 64
_BODIES_AT_ONCE = 16
_UPLOADS_AT_ONCE = 4
_MAX_UPLOADS = 4096
_MAX_KNOWN = 16384
_DAY_S = 86400.0
_OWN_S = 60.0
_MARK = "vrbridge.json"
_MARK_TEXT = b'{"layout": 1}\n'
_ADVICE = (
    "Check `[assets]` url, endpoint and region, the credentials in the environment (AWS_ACCESS_KEY_ID, "
    "AWS_SECRET_ACCESS_KEY, or the machine's role), and that they may list, read, write and delete there."
)
_LATE = "it does not answer in time"
_log = logging.getLogger(__name__)


class Observer(Protocol):
    """Is told what goes in and out."""

    def shared_read(self, what: str, outcome: str, seconds: float | None = None) -> None:
        """Count a look into the bucket; see `Metrics.shared_read`."""
        ...

    def shared_upload(self, outcome: str) -> None:
        """Count an attempt to upload a result; see `Metrics.shared_upload`."""
        ...

    def watch_shared(self, waiting_bytes: Callable[[], int]) -> None:
        """Be able to ask how much waits to be uploaded."""
        ...


@dataclass(frozen=True)
class _Upload:
    """A result on its way, and when it was asked for."""

    publication: Publication
    asked_at: float

    @property
    def n_bytes(self) -> int:
        """Of its assets."""
        return self.publication.n_bytes


@asynccontextmanager
async def shared_assets(settings: AssetSettings, metrics: Observer) -> AsyncIterator["Sharing | None"]:
    """Look once at the bucket, share assets through it, and finish uploads at the end; None if none is set.

    Raises:
        SettingsError: If the bucket can't be used.
    """
    if settings.url is None:
        yield None
        return
    bucket = open_bucket(settings)
    await check(bucket, within_s=settings.start_timeout_s)
    async with Sharing(bucket, settings, metrics) as sharing:
        yield sharing


async def check(bucket: Objects, *, within_s: float) -> None:
    """Write, read, list and delete once.

    Raises:
        SettingsError: If the bucket can't be used.
    """
    try:
        async with asyncio.timeout(within_s):
            mark = await bucket.read(_MARK)
            is_other = mark is not None and bytes(mark) != _MARK_TEXT
            if not is_other:
                await bucket.write(_MARK, _MARK_TEXT)
            await bucket.keys("owners/none")
            await bucket.remove("owners/none")
    except BucketAway as error:
        raise SettingsError(f"`assets.url` can't be used: {error.reason}. {_ADVICE}") from error
    except TimeoutError as error:
        raise SettingsError(f"`assets.url` can't be used: {_LATE}. {_ADVICE}") from error
    if is_other:
        raise SettingsError("`assets.url` holds what another version of vrbridge wrote; take another folder.")


class Sharing:
    """Implements `Shared` of `jobs.asset_keeper`; a context manager that owns the uploads.

    While the bucket is away it is hardly asked, so that nobody waits for it; the operator is told once.

    Args:
        bucket: Where to.
        settings: Bounds.
        metrics: Told of every look and upload.
    """

    def __init__(self, bucket: Objects, settings: AssetSettings, metrics: Observer) -> None:
        self._assets = SharedAssets(bucket, spread)
        self._settings = settings
        self._metrics = metrics
        self._circuit = Circuit()
        self._looks = asyncio.Semaphore(_LOOKS_AT_ONCE)
        self._reads = asyncio.Semaphore(_BODIES_AT_ONCE)
        # What is published or on its way, oldest first.
        self._known: dict[tuple[str, HashedOwner], None] = {}
        self._heard: set[Forgotten] = set()
        # Whom this server forgot itself, and when.
        self._told: dict[tuple[str, str | None], float] = {}
        # What of `look` and `upload` failed at last.
        self._failing: set[str] = set()
        self._uploads: Deliveries[_Upload] = Deliveries(
            self._upload,
            name="upload",
            max_bytes=settings.max_waiting_mb << 20,
            max_items=_MAX_UPLOADS,
            at_once=_UPLOADS_AT_ONCE,
            attempt_s=2 * settings.transfer_timeout_s,
            flush_s=settings.flush_s,
            on_ended=metrics.shared_upload,
        )
        metrics.watch_shared(lambda: self._uploads.n_bytes)

    async def __aenter__(self) -> Self:
        await self._uploads.__aenter__()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._uploads.__aexit__(kind, error, trace)

    async def find(self, key: str) -> CachedResult | None:
        """Return a result of any server, or None if none is found within `lookup_timeout_s`."""
        with suppress(BucketAway):
            async with self._looks:
                return await self._ask("result", self._assets.find(key), self._settings.lookup_timeout_s)
        return None

    async def bodies(self, assets: Sequence[CachedAsset]) -> list[memoryview | None]:
        """Return the bytes of assets, not checked; None for those not found within `fetch_timeout_s`."""

        async def read(asset: CachedAsset) -> memoryview | None:
            with suppress(BucketAway):
                return await self._body(asset.digest, asset.media_type, self._settings.fetch_timeout_s)
            return None

        return await spread(read, assets)

    async def locate(self, digest: str) -> tuple[str, memoryview] | None:
        """Return media type and bytes, not checked, of an asset that is known by its digest only.

        Raises:
            BucketAway: If it can't be said whether there is one.
        """
        async with self._looks:
            look = self._assets.media_type(digest)
            media_type = await self._ask("asset", look, self._settings.fetch_timeout_s)
        if media_type is None:
            return None
        body = await self._body(digest, media_type, self._settings.transfer_timeout_s)
        return None if body is None else (media_type, body)

    async def discard(self, digest: str, media_type: str) -> None:
        """Remove an asset whose bytes are not those of its digest, so that it can be uploaded again."""
        _log.warning("A shared asset is damaged and was removed: %s", digest)
        self._metrics.shared_read("asset", "damaged")
        with suppress(BucketAway):
            await self._assets.discard(digest, media_type)

    def publish(self, publication: Publication) -> None:
        """Have a result uploaded, unless that was done already; never waits.

        While too much waits it is not shared, which is counted.
        """
        mark = (publication.key, hashed_owner(publication.owner))
        if mark in self._known and not publication.is_fresh:
            return
        if self._uploads.offer(_Upload(publication, time.time())):
            self._known[mark] = None
            if len(self._known) > _MAX_KNOWN:
                del self._known[next(iter(self._known))]

    async def forget(self, *, player: str, session: str | None) -> frozenset[str]:
        """Erase what only this player (or this session of theirs) asked for, wherever; return the digests.

        Raises:
            BucketAway: If not everything could be erased; asking again goes on with what is left.
        """

        def is_theirs(owner: Owner) -> bool:
            return owner.player == player and session in (None, owner.session)

        notice = Forgotten(hashed(player), None if session is None else hashed(session), time.time())
        self._unlearn(Notices([notice]))
        self._told[notice[:2]] = notice.at
        try:
            async with asyncio.timeout(self._settings.transfer_timeout_s):
                await self._uploads.withdraw(lambda upload: is_theirs(upload.publication.owner))
                return await self._assets.forget(player=player, session=session, day=_day(time.time()))
        except TimeoutError as error:
            raise BucketAway(_LATE) from error

    @asynccontextmanager
    async def heeding(self, forget: Callable[[Notices], Awaitable[None]]) -> AsyncIterator[None]:
        """Have those forgotten here who asked another server to be, for as long as the context lasts.

        Args:
            forget: Erases this server's own copies; may raise Unavailable, and is called again then.
        """
        task = asyncio.create_task(self._heed(forget), name="notices")
        try:
            yield
        finally:
            task.cancel()
            await asyncio.wait([task])

    async def _heed(self, forget: Callable[[Notices], Awaitable[None]]) -> None:
        # All there are at first, since this server may have been stopped for long.
        days: tuple[str | None, ...] = (None,)
        while True:
            now = time.time()
            try:
                found = {notice for day in days for notice in await self._assets.forgotten(day)}
                if new := [notice for notice in found - self._heard if not self._is_own(notice)]:
                    self._unlearn(Notices(new))
                    await forget(Notices(new))
                self._heard = found
                self._told = {who: at for who, at in self._told.items() if at > now - _DAY_S}
                days = (_day(now - _DAY_S), _day(now))
            except Unavailable as error:
                # The bucket's being away is told of where it is used.
                if not isinstance(error, BucketAway):
                    _log.warning("Whom other servers were asked to forget: %s", error)
            await asyncio.sleep(self._settings.notice_every_s)

    def _is_own(self, notice: Forgotten) -> bool:
        """Return whether this server gave a notice; what it has of them is newer, and may be in use."""
        told_at = self._told.get(notice[:2])
        return told_at is not None and abs(notice.at - told_at) < _OWN_S

    def _unlearn(self, notices: Notices) -> None:
        for mark in [mark for mark in self._known if notices.cover(mark[1], 0.0)]:
            del self._known[mark]

    async def _body(self, digest: str, media_type: str, within_s: float) -> memoryview | None:
        async with self._reads:
            return await self._ask("asset", self._assets.body(digest, media_type), within_s)

    async def _ask(self, what: str, answer: Coroutine[object, object, T | None], within_s: float) -> T | None:
        began = time.monotonic()
        if not self._circuit.may_ask(began):
            answer.close()
            self._metrics.shared_read(what, "skipped")
            raise BucketAway("it did not answer just now")
        try:
            async with asyncio.timeout(within_s):
                found = await answer
        except (BucketAway, TimeoutError) as error:
            self._metrics.shared_read(what, "away", time.monotonic() - began)
            away = error if isinstance(error, BucketAway) else BucketAway(_LATE)
            self._circuit.fail(time.monotonic())
            self._fails("look", away)
            raise away from None
        self._circuit.succeed()
        self._works("look")
        self._metrics.shared_read(what, "miss" if found is None else "hit", time.monotonic() - began)
        return found

    async def _upload(self, upload: _Upload, is_withdrawn: Callable[[], bool]) -> None:
        try:
            await self._assets.publish(
                upload.publication, asked_at=upload.asked_at, is_withdrawn=is_withdrawn
            )
        except BucketAway as error:
            self._fails("upload", error)
            raise
        self._works("upload")

    def _fails(self, part: str, error: BucketAway) -> None:
        if not self._failing:
            _log.warning("Shared assets can't be reached: %s; going on with this server's own", error.reason)
        self._failing.add(part)

    def _works(self, part: str) -> None:
        if part in self._failing:
            self._failing.discard(part)
            # A bucket that is too slow to be asked may well take uploads.
            if not self._failing:
                _log.warning("Shared assets are back")


def _day(at: float) -> str:
    """Return the day of a time in seconds since 1970, such as `2030-12-31`, in UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime(at))
