"""This server's share in a bucket of assets: asked within bounds, filled in the background."""

import asyncio
import logging
import secrets
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass
from functools import partial
from types import TracebackType
from typing import Protocol, Self, TypeVar
from weakref import WeakValueDictionary

from vrbridge.errors import BucketAway, SettingsError, Unavailable
from vrbridge.memory.bucket_address import open_bucket
from vrbridge.memory.known_uploads import KnownUploads, Mark
from vrbridge.memory.notices import Forgotten, HashedOwner, Notices, OwnNotices, hashed, hashed_owner
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
# What players ask for by its digest may take long, and holds up no request.
_LOCATED_AT_ONCE = 16
_UPLOADS_AT_ONCE = 4
_MAX_UPLOADS = 4096
_MAX_KNOWN = 16384
_DAY_S = 86400.0
# S3 refuses requests of machines whose clocks are 15 minutes off.
_MAX_LAG_S = 1000.0
# What was sent and given up may still arrive.
_STRAGGLING_S = 5.0
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
    def mark(self) -> Mark:
        """What it is, and for whom."""
        return self.publication.key, hashed_owner(self.publication.owner)

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
        self._located = asyncio.Semaphore(_LOCATED_AT_ONCE)
        self._known = KnownUploads(_MAX_KNOWN)
        # Two uploads of the same have the same claims: one that is taken back would take the other's.
        self._uploading: WeakValueDictionary[Mark, asyncio.Lock] = WeakValueDictionary()
        self._attempt_s = 2 * settings.transfer_timeout_s
        # Another one at each start, since what is known of its own notices ends with it.
        self._name = secrets.token_hex(8)
        self._own = OwnNotices()
        self._heard: set[Forgotten] = set()
        # What of `look` and `upload` failed at last.
        self._failing: set[str] = set()
        self._uploads: Deliveries[_Upload] = Deliveries(
            self._upload,
            name="upload",
            max_bytes=settings.max_waiting_mb << 20,
            max_items=_MAX_UPLOADS,
            at_once=_UPLOADS_AT_ONCE,
            # With the wait for another upload of the same.
            attempt_s=2 * self._attempt_s,
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
            return await self._ask(
                "result", lambda: self._assets.find(key), self._settings.lookup_timeout_s, self._looks
            )
        return None

    async def bodies(self, assets: Sequence[CachedAsset]) -> list[memoryview | None]:
        """Return the bytes of assets, not checked; None for those not found within `fetch_timeout_s`."""

        async def read(asset: CachedAsset) -> memoryview | None:
            with suppress(BucketAway):
                return await self._ask(
                    "asset",
                    lambda: self._assets.body(asset.digest, asset.media_type),
                    self._settings.fetch_timeout_s,
                    self._reads,
                )
            return None

        return await spread(read, assets)

    async def locate(self, digest: str) -> tuple[str, memoryview] | None:
        """Return media type and bytes, not checked, of an asset that is known by its digest only.

        Raises:
            BucketAway: If it can't be said whether there is one.
        """
        media_type = await self._ask(
            "asset",
            lambda: self._assets.media_type(digest),
            self._settings.fetch_timeout_s,
            self._located,
        )
        if media_type is None:
            return None
        body = await self._ask(
            "asset",
            lambda: self._assets.body(digest, media_type),
            self._settings.transfer_timeout_s,
            self._located,
        )
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
        upload = _Upload(publication, time.time())
        if upload.mark in self._known and not publication.is_fresh:
            return
        if self._uploads.offer(upload):
            self._known.add(upload.mark)

    async def forget(self, *, player: str, session: str | None) -> frozenset[str]:
        """Erase what only this player (or this session of theirs) asked for, wherever; return the digests.

        Raises:
            BucketAway: If not everything could be erased; asking again goes on with what is left.
        """

        def is_theirs(owner: Owner) -> bool:
            return owner.player == player and session in (None, owner.session)

        who = hashed(player), None if session is None else hashed(session)
        self._own.begin(who, time.time())
        self._known.forget(Notices([Forgotten(*who, time.time())]))
        straggling_s = _STRAGGLING_S
        try:
            async with asyncio.timeout(self._settings.transfer_timeout_s):
                await self._uploads.withdraw(lambda upload: is_theirs(upload.publication.owner))
                gone = await self._assets.forget(
                    player=player, session=session, day=_day(time.time()), giver=self._name
                )
            straggling_s = 0.0
            return gone
        except TimeoutError as error:
            raise BucketAway(_LATE) from error
        finally:
            self._own.end(who, time.time() + straggling_s)

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
            self._own.drop(before=now - _DAY_S)
            try:
                await self._hear(days, forget)
                days = (_day(now - _DAY_S), _day(now))
            except BucketAway:
                # That is told of where it is used.
                pass
            except Unavailable as error:
                _log.warning("Whom other servers were asked to forget: %s", error)
            except Exception:  # noqa: BLE001 - logged, and whoever asks to be forgotten later must be heard
                _log.exception("Whom other servers were asked to forget: this failed, and is tried again")
            await asyncio.sleep(self._settings.notice_every_s)

    async def _hear(self, days: Iterable[str | None], forget: Callable[[Notices], Awaitable[None]]) -> None:
        found = {notice for day in days for notice in await self._assets.forgotten(day)}
        # What this server has of those who asked itself is newer, and may be in use.
        if new := [notice for notice in found - self._heard if notice.giver != self._name]:
            notices = self._by_own_clock(new, await self._lag_s())
            self._known.forget(notices)
            await forget(notices)
        self._heard = found

    async def _is_forgotten(
        self, owner: HashedOwner, notices: Iterable[Forgotten], *, asked_at: float, began_at: float
    ) -> bool:
        others = [notice for notice in notices if notice.giver != self._name]
        if self._by_own_clock(others, _MAX_LAG_S).cover(owner, asked_at, began_at=began_at):
            exact = self._by_own_clock(others, await self._lag_s())
            if exact.cover(owner, asked_at, began_at=began_at):
                return True
        return self._own.cover(owner, asked_at, began_at=began_at)

    async def _lag_s(self) -> float:
        return await self._assets.lag_s(secrets.token_hex(8), time.time)

    def _by_own_clock(self, notices: Iterable[Forgotten], lag_s: float) -> Notices:
        """Return notices of other servers, each taking no longer than it would here."""
        erasing_s = lag_s + self._settings.transfer_timeout_s + _STRAGGLING_S
        return Notices(n._replace(at=n.at + lag_s, until=n.at + erasing_s) for n in notices)

    async def _ask(
        self, what: str, answer: Callable[[], Awaitable[T | None]], within_s: float, turns: asyncio.Semaphore
    ) -> T | None:
        """Ask within a time, of which waiting for a turn is a part."""
        asked_at: float | None = None
        found = None
        try:
            async with asyncio.timeout(within_s), turns:
                if self._circuit.may_ask(time.monotonic()):
                    asked_at = time.monotonic()
                    found = await answer()
        except (BucketAway, TimeoutError) as error:
            if asked_at is not None:
                away = error if isinstance(error, BucketAway) else BucketAway(_LATE)
                self._metrics.shared_read(what, "away", time.monotonic() - asked_at)
                # Who had to wait for a turn may not have left it the time to answer.
                if error is away or time.monotonic() - asked_at >= within_s / 2:
                    self._circuit.fail(time.monotonic())
                    self._fails("look", away)
                raise away from None
        if asked_at is None:
            self._metrics.shared_read(what, "skipped")
            raise BucketAway("it did not answer just now")
        self._circuit.succeed()
        self._works("look")
        self._metrics.shared_read(what, "miss" if found is None else "hit", time.monotonic() - asked_at)
        return found

    async def _upload(self, upload: _Upload, is_withdrawn: Callable[[], bool]) -> None:
        turn = self._uploading.setdefault(upload.mark, asyncio.Lock())
        async with turn:
            is_forgotten = partial(self._is_forgotten, asked_at=upload.asked_at, began_at=time.time())
            try:
                async with asyncio.timeout(self._attempt_s):
                    stays = await self._assets.publish(
                        upload.publication, is_forgotten=is_forgotten, is_withdrawn=is_withdrawn
                    )
            except (BucketAway, TimeoutError) as error:
                away = error if isinstance(error, BucketAway) else BucketAway(_LATE)
                self._fails("upload", away)
                raise away from None
        self._works("upload")
        if not stays:
            # Whoever asks for it again shares it.
            self._known.discard(upload.mark)

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
