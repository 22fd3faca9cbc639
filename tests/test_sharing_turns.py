"""Who forgets, uploads and asks at the same time, over a bucket whose clock and answers are scripted."""

import asyncio
import logging
import time
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager

import pytest

from tests.memory_bucket import MemoryBucket
from tests.sharing_gateways import PATIENCE_S, PNG, UNHURRIED, Counts
from vrbridge.errors import BucketAway
from vrbridge.memory.asset_store import digest_of
from vrbridge.memory.notices import Notices, hashed_owner
from vrbridge.memory.result_cache import CachedAsset, CachedResult, Owner
from vrbridge.memory.shared_assets import Publication
from vrbridge.settings import AssetSettings
from vrbridge.sharing import Sharing

ANN = Owner("ann", "s1")
# Longer than one server erases, and than tests take; less than clocks may be apart.
A_WHILE_S = 300.0


class Server:
    """One server's share, and what it counted."""

    def __init__(self, sharing: Sharing, counts: Counts) -> None:
        self.sharing = sharing
        self.counts = counts

    async def upload(self, body: bytes, *, is_fresh: bool = False) -> None:
        """Publish a result of one asset, and wait until nothing is under way; it need not stay."""
        digest = digest_of(body)
        result = CachedResult((CachedAsset("preview", PNG, digest, {}),), {})
        self.sharing.publish(Publication(body.hex(), result, ANN, {digest: body}, is_fresh))
        await self.counts.until(lambda: self.counts.waiting_bytes() == 0)


@asynccontextmanager
async def server(bucket: MemoryBucket, **settings: float) -> AsyncIterator[Server]:
    given = AssetSettings(url="s3://bucket/shared", **(UNHURRIED | settings))  # type: ignore[arg-type]  # numbers
    counts = Counts()
    async with Sharing(bucket, given, counts) as sharing:
        yield Server(sharing, counts)


async def settled() -> None:
    """Let everybody go on until they wait for the bucket."""
    for _ in range(1000):
        await asyncio.sleep(0)


def clock(ahead_s: float) -> Callable[[], float]:
    """Return a clock that tells whole seconds, as S3's does."""
    return lambda: float(int(time.time() + ahead_s))


async def test_what_a_player_makes_after_having_been_forgotten_is_shared_at_once() -> None:
    bucket = MemoryBucket(clock(0.0))
    async with server(bucket) as one:
        await one.sharing.forget(player="ann", session=None)
        await one.upload(b"stone")
        assert bucket.has_bytes(b"stone")


@pytest.mark.parametrize("ahead_s", [-600.0, 0.0, 600.0])
async def test_what_a_player_makes_a_while_after_another_server_forgot_them_is_shared(ahead_s: float) -> None:
    bucket = MemoryBucket(clock(ahead_s))
    async with server(bucket) as one, server(bucket) as two:
        await one.sharing.forget(player="ann", session=None)
        await two.upload(b"stone")
        # The other one may be erasing still.
        assert not any(key.startswith(("assets/", "owners/", "clocks/")) for key in bucket.objects)
        bucket.age("forgotten", A_WHILE_S)
        await two.upload(b"stone")
        assert bucket.has_bytes(b"stone")


@pytest.mark.parametrize("ahead_s", [-600.0, 0.0, 600.0])
async def test_only_what_was_asked_for_before_is_erased_whatever_the_buckets_clock_says(
    ahead_s: float,
) -> None:
    bucket = MemoryBucket(clock(ahead_s))
    heard: asyncio.Queue[Notices] = asyncio.Queue()
    async with server(bucket) as one, server(bucket) as two:
        await one.sharing.forget(player="ann", session=None)
        after = time.time()
        async with two.sharing.heeding(heard.put), asyncio.timeout(PATIENCE_S):
            notices = await heard.get()
        assert notices.cover(hashed_owner(ANN), after)
        assert not notices.cover(hashed_owner(ANN), time.time() + PATIENCE_S)


async def test_what_is_uploaded_while_its_player_is_forgotten_is_shared_by_a_repeat_only() -> None:
    bucket = MemoryBucket(clock(0.0))
    async with server(bucket) as one:
        bucket.stall("forgotten/")
        forgetting = asyncio.create_task(one.sharing.forget(player="ann", session=None))
        await bucket.is_stalled.wait()
        upload = asyncio.create_task(one.upload(b"stone"))
        await settled()
        bucket.go_on()
        await asyncio.gather(forgetting, upload)
        assert bucket.left() == set()
        await one.upload(b"stone")
        assert bucket.has_bytes(b"stone")


async def test_two_uploads_of_the_same_go_one_after_the_other() -> None:
    bucket = MemoryBucket(clock(0.0))
    async with server(bucket) as one:
        bucket.stall("results/")
        uploads = [asyncio.create_task(one.upload(b"stone", is_fresh=True)) for _ in range(2)]
        await bucket.is_stalled.wait()
        await settled()
        assert bucket.n_stalled == 1
        bucket.go_on()
        await asyncio.gather(*uploads)
        assert one.counts.uploads["done"] == 2


async def test_those_who_fetch_by_digest_hold_up_no_result() -> None:
    bucket = MemoryBucket(clock(0.0))
    async with server(bucket) as one:
        bodies = [b"stone %d" % number for number in range(40)]
        for body in bodies:
            await one.upload(body)
        bucket.stall("assets/")
        pages = [asyncio.create_task(one.sharing.locate(digest_of(body))) for body in bodies]
        await bucket.is_stalled.wait()
        await settled()
        asset = CachedAsset("preview", PNG, digest_of(bodies[0]), {})
        # What was asked before goes on waiting.
        bucket.stall("nothing")
        [found] = await one.sharing.bodies([asset])
        assert found is not None
        assert bytes(found) == bodies[0]
        bucket.go_on()
        assert [page and bytes(page[1]) for page in await asyncio.gather(*pages)] == bodies


async def test_waiting_for_a_turn_is_a_part_of_the_time_and_no_failure_of_the_bucket() -> None:
    bucket = MemoryBucket(clock(0.0))
    async with server(bucket, fetch_timeout_s=1.0) as one:
        bodies = [b"stone %d" % number for number in range(16)]
        for body in bodies:
            await one.upload(body)
        bucket.stall("assets/")
        pages = [asyncio.create_task(one.sharing.locate(digest_of(body))) for body in bodies]
        await bucket.is_stalled.wait()
        await settled()
        with pytest.raises(BucketAway):
            async with asyncio.timeout(PATIENCE_S / 2):
                await one.sharing.locate(digest_of(b"moss"))
        assert one.counts.reads["asset", "skipped"] == 1
        assert one.counts.reads["asset", "away"] == 0
        # It is asked on.
        assert await one.sharing.find("unknown") is None
        assert one.counts.reads["result", "miss"] == 1
        bucket.go_on()
        await asyncio.gather(*pages)


async def test_a_fault_does_not_end_hearing_whom_others_forgot(caplog: pytest.LogCaptureFixture) -> None:
    bucket = MemoryBucket(clock(0.0))
    heard = asyncio.Event()
    faults = [KeyError("a fault")]

    async def forget(notices: Notices) -> None:
        if faults:
            raise faults.pop()
        heard.set()

    async with server(bucket) as one, server(bucket, notice_every_s=0.01) as two:
        await one.sharing.forget(player="ann", session=None)
        async with two.sharing.heeding(forget), asyncio.timeout(PATIENCE_S):
            await heard.wait()
    assert "a fault" in caplog.text


async def test_uploads_that_hang_are_told_of_once(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.WARNING)
    bucket = MemoryBucket(clock(0.0))
    async with server(bucket, transfer_timeout_s=0.02) as one:
        bucket.stall("owners/")
        upload = asyncio.create_task(one.upload(b"stone"))
        await one.counts.until(lambda: one.counts.uploads["failed"] >= 2)
        assert caplog.text.count("can't be reached: it does not answer in time") == 1
        bucket.go_on()
        await upload
        assert "Shared assets are back" in caplog.text
