"""Objects in a bucket of a real server that speaks S3."""

import mmap
from pathlib import Path

import pytest

from tests.s3_server import S3Server, s3_server
from vrbridge.errors import BucketAway
from vrbridge.memory.bucket import Bucket, reason_of
from vrbridge.memory.bucket_address import open_bucket
from vrbridge.scheduling.spread import spread
from vrbridge.settings import AssetSettings

pytestmark = pytest.mark.usefixtures("credentials")


def _bucket(endpoint: str, name: str, folder: str = "/some/folder") -> Bucket:
    return open_bucket(AssetSettings(url=f"s3://{name}{folder}", endpoint=endpoint))


def _content(found: memoryview | None) -> bytes | None:
    return None if found is None else bytes(found)


async def test_what_is_written_is_read_until_it_is_removed(s3: S3Server) -> None:
    bucket = _bucket(s3.endpoint, s3.new_bucket())
    assert await bucket.read("a/b") is None
    assert not await bucket.has("a/b")
    await bucket.write("a/b", b"first")
    await bucket.write("a/b", b"second")
    assert _content(await bucket.read("a/b")) == b"second"
    assert await bucket.has("a/b")
    await bucket.remove("a/b")
    await bucket.remove("a/b")
    assert await bucket.read("a/b") is None


async def test_a_mapped_file_of_several_parts_arrives_whole(s3: S3Server, tmp_path: Path) -> None:
    bucket = _bucket(s3.endpoint, s3.new_bucket())
    content = bytes(range(256)) * 50_000
    (tmp_path / "file").write_bytes(content)
    with (tmp_path / "file").open("rb") as file:
        mapped = mmap.mmap(file.fileno(), 0, access=mmap.ACCESS_READ)
    await bucket.write("large", memoryview(mapped))
    assert _content(await bucket.read("large")) == content


async def test_keys_are_those_of_a_folder_and_below_it_and_of_no_other(s3: S3Server) -> None:
    name = s3.new_bucket()
    bucket = _bucket(s3.endpoint, name)
    for key in ("a/1", "a/b/2", "ab/3", "c"):
        await bucket.write(key, b"")
    assert await bucket.keys("a") == ["a/1", "a/b/2"]
    assert await bucket.first("a") == "a/1"
    assert await bucket.first("a/b") == "a/b/2"
    assert await bucket.first("d") is None
    assert await _bucket(s3.endpoint, name, "/other").keys("a") == []
    assert await _bucket(s3.endpoint, name, "").keys("some") == [
        f"some/folder/{key}" for key in ("a/1", "a/b/2", "ab/3", "c")
    ]


async def test_more_keys_than_one_answer_holds_are_all_listed(s3: S3Server) -> None:
    bucket = _bucket(s3.endpoint, s3.new_bucket())
    written = {f"many/{number:04}" for number in range(1005)}
    await spread(lambda key: bucket.write(key, b""), written)
    assert set(await bucket.keys("many")) == written


async def test_the_time_of_an_object_is_when_it_was_last_written(s3: S3Server) -> None:
    bucket = _bucket(s3.endpoint, s3.new_bucket())
    await bucket.write("a/b", b"")
    [(key, first)] = await bucket.times("a")
    await bucket.write("a/b", b"")
    [(_, second)] = await bucket.times("a")
    assert key == "a/b"
    assert first <= second <= first + 600


async def test_a_bucket_that_is_gone_is_away_and_not_empty(s3: S3Server) -> None:
    name = s3.new_bucket()
    s3.drop_bucket(name)
    bucket = _bucket(s3.endpoint, name)
    for asking in (bucket.read("a"), bucket.write("a", b""), bucket.keys("a"), bucket.first("a")):
        with pytest.raises(BucketAway) as away:
            await asking
        assert away.value.reason == "there is no such bucket"
        assert away.value.retryable


async def test_a_server_that_is_gone_is_away(tmp_path: Path) -> None:
    with s3_server(tmp_path) as server:
        bucket = _bucket(server.endpoint, server.new_bucket())
        await bucket.write("a", b"")
    for asking in (bucket.read("a"), bucket.has("a"), bucket.write("a", b""), bucket.remove("a")):
        with pytest.raises(BucketAway) as away:
            await asking
        assert away.value.reason == "it does not answer"


async def test_a_server_that_takes_connections_and_says_nothing_is_away(tmp_path: Path) -> None:
    with s3_server(tmp_path) as server:
        settings = AssetSettings(
            url=f"s3://{server.new_bucket()}", endpoint=server.endpoint, transfer_timeout_s=0.3
        )
        bucket = open_bucket(settings)
        server.suspend()
        with pytest.raises(BucketAway):
            await bucket.read("a")


async def test_without_credentials_it_says_so(s3: S3Server, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    with pytest.raises(BucketAway) as away:
        await _bucket(s3.endpoint, s3.new_bucket()).read("a")
    assert away.value.reason == "no credentials were found"


@pytest.mark.parametrize(
    ("text", "reason"),
    [
        ("403: <Error><Code>AccessDenied</Code></Error>", "access is denied"),
        (
            "403: <Error><Code>InvalidAccessKeyId</Code><AWSAccessKeyId>AKIA1</AWSAccessKeyId></Error>",
            "the access key is unknown there",
        ),
        ("400: <Error><Code>SomethingNew</Code></Error>", "it answers SomethingNew"),
        ("HEAD http://host/bucket/key: 403 Forbidden:", "access is denied"),
        (
            "Received redirect without LOCATION: an incorrectly configured region",
            "the bucket is in another region",
        ),
        ("error sending request for url (https://host/bucket/key)", "it does not answer"),
    ],
)
def test_a_reason_is_given_in_plain_words_without_names(text: str, reason: str) -> None:
    assert reason_of(ValueError(text)) == reason
