"""A server's share in a bucket: asked within bounds, filled in the background, quiet while it is away."""

import asyncio
import logging
from pathlib import Path

import pytest

from tests.chaos.relay import Relay, relay
from tests.s3_server import S3Server
from tests.sharing_gateways import PATIENCE_S, PNG, Counts, gateway
from vrbridge.errors import BucketAway, SettingsError
from vrbridge.memory.asset_store import digest_of
from vrbridge.memory.result_cache import Owner
from vrbridge.settings import AssetSettings
from vrbridge.sharing import shared_assets

pytestmark = pytest.mark.usefixtures("credentials")

ANN = Owner("ann", "s1")
ANN_AGAIN = Owner("ann", "s2")
BOB = Owner("bob", "s3")


def _break(way: Relay) -> None:
    """Have nobody reach the server any more, until its port is the target again."""
    way.target = 1
    way.cut()


def _objects(server: S3Server, bucket: str) -> list[str]:
    """Return the keys in a bucket that are there for somebody."""
    kept = ("shared/assets/", "shared/results/", "shared/owners/", "shared/claims/", "shared/uses/")
    return [key for key in server.keys(bucket) if key.startswith(kept)]


async def test_a_result_of_one_server_answers_a_repeat_on_another(s3: S3Server, tmp_path: Path) -> None:
    bucket = s3.new_bucket()
    async with gateway(tmp_path / "one", s3, bucket) as one, gateway(tmp_path / "two", s3, bucket) as two:
        assert await two.recalled("k", BOB) is None
        await one.make("k", ANN, b"stone", b"moss")
        await one.uploaded(1)
        recalled = await two.keeper.recall("k", BOB)
        assert recalled is not None
        assert [(a.role, bytes(a.body), a.meta) for a in recalled[0]] == [
            ("part 0", b"stone", {"n": 0}),
            ("part 1", b"moss", {"n": 1}),
        ]
        assert recalled[1] == {"model": "m"}
        assert two.counts.reads["result", "hit"] == 1
        assert two.counts.reads["result", "miss"] == 1
        # From now on it has a copy.
        await two.uploaded(1)
        assert await two.recalled("k", BOB) == [b"stone", b"moss"]
        assert two.counts.reads["result", "hit"] == 1


async def test_an_asset_of_one_server_is_fetched_by_its_digest_from_another(
    s3: S3Server, tmp_path: Path
) -> None:
    bucket = s3.new_bucket()
    async with gateway(tmp_path / "one", s3, bucket) as one, gateway(tmp_path / "two", s3, bucket) as two:
        asset = await one.keeper.keep("preview", PNG, b"stone", {})
        await one.keeper.remember("k", [asset], {}, ANN)
        await one.uploaded(1)
        assert await two.keeper.fetch(asset.digest) == (PNG, b"stone")
        assert await two.keeper.fetch("sha256:" + "0" * 64) is None
        assert await two.keeper.fetch("../../results/k") is None


async def test_keeping_does_not_wait_for_an_upload(s3: S3Server, tmp_path: Path) -> None:
    async with relay(s3.port) as way:
        async with gateway(tmp_path / "one", way, s3.new_bucket(), flush_s=0.1) as one:
            way.up.stall()
            await one.make("k", ANN, b"stone")
            assert await one.recalled("k", ANN) == [b"stone"]
            assert one.counts.uploads["done"] == 0
            assert one.counts.waiting_bytes() == len(b"stone")
        assert one.counts.uploads["lost"] == 1


async def test_what_was_accepted_is_uploaded_before_the_server_has_stopped(
    s3: S3Server, tmp_path: Path
) -> None:
    bucket = s3.new_bucket()
    async with gateway(tmp_path / "one", s3, bucket, flush_s=PATIENCE_S) as one:
        for number in range(10):
            await one.make(f"k{number}", ANN, b"stone %d" % number)
    async with gateway(tmp_path / "two", s3, bucket) as two:
        for number in range(10):
            assert await two.recalled(f"k{number}", BOB) == [b"stone %d" % number]


async def test_the_same_bytes_are_there_once_whoever_makes_them(s3: S3Server, tmp_path: Path) -> None:
    bucket = s3.new_bucket()
    async with gateway(tmp_path / "one", s3, bucket) as one, gateway(tmp_path / "two", s3, bucket) as two:
        async with asyncio.TaskGroup() as tasks:
            for number in range(4):
                tasks.create_task(one.make(f"k{number}", ANN, b"stone"))
                tasks.create_task(two.make(f"k{number}", BOB, b"stone"))
        await one.uploaded(4)
        await two.uploaded(4)
        assert len([key for key in _objects(s3, bucket) if key.startswith("shared/assets/")]) == 1
        # Neither writer has overwritten that the other one's player asked, too.
        assert await one.keeper.forget(player="ann", session=None) == 1
    async with gateway(tmp_path / "three", s3, bucket) as three:
        for number in range(4):
            assert await three.recalled(f"k{number}", BOB) == [b"stone"]


async def test_a_player_is_forgotten_by_any_server(s3: S3Server, tmp_path: Path) -> None:
    bucket = s3.new_bucket()
    async with gateway(tmp_path / "one", s3, bucket) as one, gateway(tmp_path / "two", s3, bucket) as two:
        await one.make("mine", ANN, b"stone", b"moss")
        await one.make("ours", ANN, b"wall")
        await one.uploaded(2)
        assert await two.recalled("ours", BOB) == [b"wall"]
        await two.uploaded(1)
        assert await two.keeper.forget(player="ann", session="another") == 0
        assert await two.keeper.forget(player="ann", session=None) == 2
    async with gateway(tmp_path / "three", s3, bucket) as three:
        assert await three.recalled("mine", BOB) is None
        assert await three.recalled("ours", BOB) == [b"wall"]
        await three.uploaded(1)
        assert await three.keeper.forget(player="bob", session=None) == 1
    assert _objects(s3, bucket) == []


async def test_a_session_is_forgotten_and_another_of_the_same_player_is_not(
    s3: S3Server, tmp_path: Path
) -> None:
    bucket = s3.new_bucket()
    async with gateway(tmp_path / "one", s3, bucket) as one, gateway(tmp_path / "two", s3, bucket) as two:
        await one.make("k", ANN, b"stone")
        await one.make("l", ANN_AGAIN, b"moss")
        await one.uploaded(2)
        assert await two.keeper.forget(player="ann", session="s1") == 1
        assert await two.recalled("k", BOB) is None
        assert await two.recalled("l", BOB) == [b"moss"]


async def test_no_server_keeps_a_copy_of_what_another_was_asked_to_forget(
    s3: S3Server, tmp_path: Path
) -> None:
    bucket = s3.new_bucket()
    async with gateway(tmp_path / "one", s3, bucket, notice_every_s=0.05) as one:
        await one.make("mine", ANN, b"stone")
        await one.make("ours", ANN, b"wall")
        assert await one.recalled("ours", BOB) == [b"wall"]
        await one.uploaded(3)
        async with gateway(tmp_path / "two", s3, bucket) as two:
            assert await two.keeper.forget(player="ann", session=None) == 1
        await one.has_heard()
        assert one.files == {_hex(b"wall")}
        assert await one.recalled("mine", BOB) is None
        assert await one.recalled("ours", BOB) == [b"wall"]


async def test_a_server_that_was_stopped_erases_its_copies_when_it_starts(
    s3: S3Server, tmp_path: Path
) -> None:
    bucket = s3.new_bucket()
    async with gateway(tmp_path / "one", s3, bucket) as one:
        await one.make("mine", ANN, b"stone")
        await one.uploaded(1)
    async with gateway(tmp_path / "two", s3, bucket) as two:
        await two.keeper.forget(player="ann", session=None)
    async with gateway(tmp_path / "one", s3, bucket) as one:
        await one.has_heard()
        assert one.files == set()


async def test_a_damaged_asset_is_refused_and_made_anew(
    s3: S3Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bucket = s3.new_bucket()
    async with gateway(tmp_path / "one", s3, bucket) as one, gateway(tmp_path / "two", s3, bucket) as two:
        asset = await one.keeper.keep("preview", PNG, b"stone", {})
        await one.keeper.remember("k", [asset], {}, ANN)
        await one.uploaded(1)
        [name] = [key for key in _objects(s3, bucket) if key.startswith("shared/assets/")]
        s3.put(bucket, name, b"other bytes")
        assert await two.recalled("k", BOB) is None
        assert two.counts.reads["asset", "damaged"] == 1
        assert asset.digest in caplog.text
        s3.put(bucket, name, b"other bytes")
        assert await two.keeper.fetch(asset.digest) is None
        await two.make("k", BOB, b"stone")
        await two.uploaded(1)
    async with gateway(tmp_path / "three", s3, bucket) as three:
        assert await three.recalled("k", BOB) == [b"stone"]


async def test_an_asset_that_has_vanished_counts_as_unknown_and_is_shared_again_once_made(
    s3: S3Server, tmp_path: Path
) -> None:
    bucket = s3.new_bucket()
    async with gateway(tmp_path / "one", s3, bucket) as one, gateway(tmp_path / "two", s3, bucket) as two:
        await one.make("k", ANN, b"stone", b"moss")
        await one.uploaded(1)
        s3.delete(bucket, next(key for key in _objects(s3, bucket) if key.startswith("shared/assets/")))
        assert await two.recalled("k", BOB) is None
        await two.make("k", BOB, b"stone", b"moss")
        await two.uploaded(1)
    async with gateway(tmp_path / "three", s3, bucket) as three:
        assert await three.recalled("k", BOB) == [b"stone", b"moss"]


async def test_while_the_bucket_is_away_players_go_on_and_what_they_made_is_shared_when_it_is_back(
    s3: S3Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    caplog.set_level(logging.INFO)
    bucket = s3.new_bucket()
    async with relay(s3.port) as way, gateway(tmp_path / "one", way, bucket) as one:
        _break(way)
        for number in range(5):
            assert await one.recalled(f"k{number}", ANN) is None
            await one.make(f"k{number}", ANN, b"stone %d" % number)
            assert await one.recalled(f"k{number}", ANN) == [b"stone %d" % number]
        with pytest.raises(BucketAway) as away:
            await one.keeper.fetch("sha256:" + "0" * 64)
        assert away.value.retryable
        await one.counts.until(lambda: one.counts.uploads["failed"] > 0)
        assert one.counts.reads["result", "skipped"] > 0
        assert caplog.text.count("can't be reached") == 1
        way.target = s3.port
        await one.uploaded(5)
        async with asyncio.timeout(PATIENCE_S):
            while "Shared assets are back" not in caplog.text:
                assert await one.recalled("never made", ANN) is None
        assert caplog.text.count("can't be reached") == 1
        async with gateway(tmp_path / "two", s3, bucket) as two:
            for number in range(5):
                assert await two.recalled(f"k{number}", BOB) == [b"stone %d" % number]
    assert not any(word in caplog.text for word in ("ann", "s1", "not-a-secret", "tester"))


async def test_forgetting_while_the_bucket_is_away_can_be_asked_for_again(
    s3: S3Server, tmp_path: Path
) -> None:
    bucket = s3.new_bucket()
    async with relay(s3.port) as way, gateway(tmp_path / "one", way, bucket) as one:
        await one.make("k", ANN, b"stone")
        await one.uploaded(1)
        _break(way)
        with pytest.raises(BucketAway) as away:
            await one.keeper.forget(player="ann", session=None)
        assert away.value.retryable
        assert away.value.retry_after_s
        # What is wrong there is for the operator.
        assert away.value.reason not in str(away.value)
        # What this server has is gone already.
        assert one.files == set()
        way.target = s3.port
        assert await one.keeper.forget(player="ann", session=None) == 1
    assert _objects(s3, bucket) == []


async def test_what_waits_to_be_uploaded_is_forgotten_with_its_player(s3: S3Server, tmp_path: Path) -> None:
    bucket = s3.new_bucket()
    async with relay(s3.port) as way, gateway(tmp_path / "one", way, bucket) as one:
        _break(way)
        for number in range(8):
            await one.make(f"k{number}", ANN, b"stone %d" % number)
        await one.make("b", BOB, b"moss")
        with pytest.raises(BucketAway):
            await one.keeper.forget(player="ann", session=None)
        assert one.counts.waiting_bytes() == len(b"moss")
        way.target = s3.port
        await one.uploaded(1)
        await one.keeper.forget(player="bob", session=None)
        await one.keeper.forget(player="ann", session=None)
    assert _objects(s3, bucket) == []


async def test_a_bucket_that_says_nothing_costs_a_request_its_timeout_once(
    s3: S3Server, tmp_path: Path
) -> None:
    bucket = s3.new_bucket()
    async with relay(s3.port) as way, gateway(tmp_path, way, bucket, lookup_timeout_s=0.05) as one:
        way.up.stall()
        for number in range(20):
            assert await one.recalled(f"k{number}", ANN) is None
        # One more each time that a pause is over, if this takes so long.
        assert 1 <= one.counts.reads["result", "away"] <= 5
        assert one.counts.reads["result", "away"] + one.counts.reads["result", "skipped"] == 20


async def test_a_bucket_that_is_too_slow_to_be_asked_takes_uploads_and_is_told_of_once(
    s3: S3Server, tmp_path: Path, caplog: pytest.LogCaptureFixture
) -> None:
    bucket = s3.new_bucket()
    async with relay(s3.port) as way, gateway(tmp_path, way, bucket, lookup_timeout_s=0.05) as one:
        way.down.delay_s = 0.1
        for number in range(3):
            assert await one.recalled(f"k{number}", ANN) is None
            await one.make(f"k{number}", ANN, b"stone %d" % number)
            await one.uploaded(number + 1)
        assert one.counts.reads["result", "away"] >= 1
        assert caplog.text.count("can't be reached") == 1
        assert "are back" not in caplog.text


async def test_a_server_does_not_erase_what_a_player_asked_it_for_after_having_been_forgotten(
    s3: S3Server, tmp_path: Path
) -> None:
    bucket = s3.new_bucket()
    async with gateway(tmp_path / "one", s3, bucket, notice_every_s=0.01) as one:
        await one.make("before", ANN, b"stone")
        await one.uploaded(1)
        await one.keeper.forget(player="ann", session=None)
        await one.make("after", ANN, b"moss")
        async with gateway(tmp_path / "two", s3, bucket) as two:
            await two.make("k", BOB, b"wall")
            await two.keeper.forget(player="bob", session=None)
        await one.has_heard()
        assert one.files == {_hex(b"moss")}
        assert await one.recalled("after", ANN) == [b"moss"]


async def test_what_is_shared_waits_within_a_bound_and_the_rest_is_counted(
    s3: S3Server, tmp_path: Path
) -> None:
    bucket = s3.new_bucket()
    bounds = {"max_bytes": 10 << 20, "max_waiting_mb": 1, "flush_s": 0.1}
    async with relay(s3.port) as way, gateway(tmp_path, way, bucket, **bounds) as one:
        way.up.stall()
        for number in range(4):
            await one.make(f"k{number}", ANN, bytes([number]) * 400_000)
        assert one.counts.waiting_bytes() == 800_000
        assert one.counts.uploads["lost"] == 2
        assert await one.recalled("k3", ANN) == [b"\3" * 400_000]


async def test_a_bucket_that_can_not_be_used_is_told_of_at_start(s3: S3Server, tmp_path: Path) -> None:
    with pytest.raises(SettingsError) as missing:
        async with gateway(tmp_path, s3, "no-such-bucket"):
            pass
    assert "there is no such bucket" in missing.value.message
    async with relay(s3.port) as way:
        way.target = 1
        with pytest.raises(SettingsError) as unreachable:
            async with gateway(tmp_path, way, "bucket"):
                pass
    assert "it does not answer" in unreachable.value.message
    async with relay(s3.port) as way:
        way.up.stall()
        with pytest.raises(SettingsError) as silent:
            async with gateway(tmp_path, way, s3.new_bucket(), start_timeout_s=0.2):
                pass
    assert "in time" in silent.value.message


async def test_missing_credentials_are_told_of_at_start(
    s3: S3Server, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.delenv("AWS_SECRET_ACCESS_KEY")
    monkeypatch.delenv("AWS_ACCESS_KEY_ID")
    with pytest.raises(SettingsError) as missing:
        async with gateway(tmp_path, s3, s3.new_bucket()):
            pass
    assert "no credentials were found" in missing.value.message


async def test_a_folder_of_another_layout_is_refused(s3: S3Server, tmp_path: Path) -> None:
    bucket = s3.new_bucket()
    async with gateway(tmp_path, s3, bucket):
        assert s3.keys(bucket) == ["shared/vrbridge.json"]
    s3.put(bucket, "shared/vrbridge.json", b'{"layout": 99}')
    with pytest.raises(SettingsError) as other:
        async with gateway(tmp_path, s3, bucket):
            pass
    assert "another version" in other.value.message


async def test_without_an_address_nothing_is_shared() -> None:
    async with shared_assets(AssetSettings(), Counts()) as sharing:
        assert sharing is None


def _hex(body: bytes) -> str:
    return digest_of(body).removeprefix("sha256:")
