"""The asset store keeps bytes by digest, within its quota."""

import hashlib
import os
import resource
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from tests.small_disk import small_disk
from vrbridge.errors import Unavailable
from vrbridge.memory.asset_store import AssetStore, digest_of, is_digest

PNG = "image/png"


def _n_descriptors() -> int:
    return sum(1 for _ in Path("/proc/self/fd").iterdir())


def test_an_asset_is_found_again_by_its_digest(tmp_path: Path) -> None:
    store = AssetStore(tmp_path, max_bytes=1000)
    kept = store.put(b"hello", PNG)
    assert kept.digest == "sha256:" + hashlib.sha256(b"hello").hexdigest()
    found = store.open(kept.digest)
    assert found is not None
    assert (bytes(found.body), found.media_type) == (b"hello", PNG)


def test_the_same_bytes_are_kept_once(tmp_path: Path) -> None:
    store = AssetStore(tmp_path, max_bytes=1000)
    assert store.put(b"x" * 400, PNG).digest == store.put(b"x" * 400, PNG).digest
    assert store.total_bytes == 400


@pytest.mark.parametrize("text", ["sha256:" + "0" * 63, "sha256:" + "G" * 64, "../../" + "0" * 64, ""])
def test_what_is_no_digest_is_told_apart(text: str) -> None:
    assert not is_digest(text)
    assert is_digest(digest_of(b"hello"))


def test_assets_survive_a_restart(tmp_path: Path) -> None:
    digest = AssetStore(tmp_path, max_bytes=1000).put(b"hello", "model/gltf-binary").digest
    found = AssetStore(tmp_path, max_bytes=1000).open(digest)
    assert found is not None
    assert (bytes(found.body), found.media_type) == (b"hello", "model/gltf-binary")


def test_the_least_recently_used_goes_first(tmp_path: Path) -> None:
    store = AssetStore(tmp_path, max_bytes=250)
    first = store.put(b"a" * 100, PNG).digest
    second = store.put(b"b" * 100, PNG).digest
    store.open(first)
    store.put(b"c" * 100, PNG)
    assert store.open(second) is None
    assert store.open(first) is not None


def test_the_order_of_use_survives_a_restart(tmp_path: Path) -> None:
    store = AssetStore(tmp_path, max_bytes=250)
    old = store.put(b"a" * 100, PNG).digest
    new = store.put(b"b" * 100, PNG).digest
    for age, digest in enumerate((new, old)):
        hexadecimal = digest.removeprefix("sha256:")
        os.utime(tmp_path / hexadecimal[:2] / f"{hexadecimal}.png", (1000 - age, 1000 - age))
    again = AssetStore(tmp_path, max_bytes=250)
    again.put(b"c" * 100, PNG)
    assert again.open(old) is None
    assert again.open(new) is not None


def test_what_somebody_reads_is_not_dropped_for_room(tmp_path: Path) -> None:
    store = AssetStore(tmp_path, max_bytes=150)
    held = store.put(b"a" * 100, PNG)
    with pytest.raises(Unavailable) as caught:
        store.put(b"b" * 100, PNG)
    assert caught.value.retryable
    digest = held.digest
    del held
    store.put(b"b" * 100, PNG)
    assert store.open(digest) is None


def test_what_is_pinned_is_passed_over_for_room(tmp_path: Path) -> None:
    store = AssetStore(tmp_path, max_bytes=250)
    oldest = store.put(b"a" * 100, PNG).digest
    newer = store.put(b"b" * 100, PNG).digest
    store.pin(oldest)
    store.put(b"c" * 100, PNG)
    assert store.open(newer) is None
    assert store.open(oldest) is not None


def test_an_asset_stays_until_it_is_unpinned_as_often_as_it_was_pinned(tmp_path: Path) -> None:
    store = AssetStore(tmp_path, max_bytes=150)
    digest = store.put(b"a" * 100, PNG).digest
    store.pin(digest)
    store.pin(digest)
    store.unpin(digest)
    with pytest.raises(Unavailable):
        store.put(b"b" * 100, PNG)
    store.unpin(digest)
    store.put(b"b" * 100, PNG)
    assert store.open(digest) is None
    with pytest.raises(ValueError, match="not pinned"):
        store.unpin(digest)


def test_pins_of_many_threads_are_all_counted(tmp_path: Path) -> None:
    store = AssetStore(tmp_path, max_bytes=150)
    digest = store.put(b"a" * 100, PNG).digest

    def pin_and_unpin() -> None:
        for _ in range(2000):
            store.pin(digest)
            store.unpin(digest)

    with ThreadPoolExecutor(4) as threads:
        for ended in [threads.submit(pin_and_unpin) for _ in range(4)]:
            ended.result()
    with pytest.raises(ValueError, match="not pinned"):
        store.unpin(digest)
    store.put(b"b" * 100, PNG)


def test_what_a_player_wants_gone_goes_even_if_it_is_pinned(tmp_path: Path) -> None:
    store = AssetStore(tmp_path, max_bytes=150)
    digest = store.put(b"a" * 100, PNG).digest
    store.pin(digest)
    assert store.drop(digest)
    assert store.open(digest) is None
    assert not list(tmp_path.glob("*/*"))
    store.unpin(digest)


def test_what_was_dropped_can_be_read_until_it_is_unpinned(tmp_path: Path) -> None:
    store = AssetStore(tmp_path, max_bytes=150)
    digest = store.put(b"a" * 100, PNG).digest
    store.pin(digest)
    store.pin(digest)
    store.drop(digest)
    # It takes no room from others.
    store.put(b"b" * 100, PNG)
    store.unpin(digest)
    held = store.read(digest)
    assert held is not None
    assert (held.media_type, bytes(held.body)) == (PNG, b"a" * 100)
    del held
    store.unpin(digest)
    assert store.read(digest) is None


def test_a_pin_holds_what_was_dropped_after_its_body_was_handed_out(tmp_path: Path) -> None:
    store = AssetStore(tmp_path, max_bytes=150)
    stored = store.put(b"a" * 100, PNG)
    digest = stored.digest
    store.drop(digest)
    store.pin(digest)
    del stored
    held = store.read(digest)
    assert held is not None
    assert bytes(held.body) == b"a" * 100


def test_a_pinned_asset_that_is_damaged_is_dropped_like_any_other(tmp_path: Path) -> None:
    store = AssetStore(tmp_path, max_bytes=150)
    digest = store.put(b"a" * 100, PNG).digest
    store.pin(digest)
    for path in tmp_path.glob("*/*.png"):
        path.write_bytes(b"other")
    assert store.drop(digest)
    assert store.read(digest) is None
    assert not list(tmp_path.glob("*/*"))


def test_an_asset_that_nobody_reads_holds_no_file_descriptor(tmp_path: Path) -> None:
    store = AssetStore(tmp_path, max_bytes=10_000)
    before = _n_descriptors()
    held = [store.put(bytes([n]) * 100, PNG) for n in range(20)]
    slices = [asset.body[10:20] for asset in held]
    assert _n_descriptors() - before == 20
    again = [store.open(asset.digest) for asset in held]
    assert _n_descriptors() - before == 20
    del held, again
    assert _n_descriptors() - before == 20
    del slices
    assert _n_descriptors() == before


def test_dropping_does_not_disturb_a_reader(tmp_path: Path) -> None:
    store = AssetStore(tmp_path, max_bytes=1000)
    held = store.put(b"a" * 100, PNG)
    assert store.drop(held.digest)
    assert not store.drop(held.digest)
    assert bytes(held.body) == b"a" * 100


def test_a_file_removed_from_outside_counts_as_unknown(tmp_path: Path) -> None:
    store = AssetStore(tmp_path, max_bytes=1000)
    digest = store.put(b"a" * 100, PNG).digest
    for path in tmp_path.glob("*/*.png"):
        path.unlink()
    assert store.open(digest) is None
    assert store.total_bytes == 0


def test_what_a_crash_left_half_written_is_removed(tmp_path: Path) -> None:
    (tmp_path / ".partial-1").write_bytes(b"half")
    AssetStore(tmp_path, max_bytes=1000)
    assert list(tmp_path.iterdir()) == []


def test_a_disk_that_refuses_to_write_is_unavailable_and_leaves_nothing(tmp_path: Path) -> None:
    store = AssetStore(tmp_path, max_bytes=1000)
    digest = hashlib.sha256(b"hello").hexdigest()
    (tmp_path / digest[:2]).write_bytes(b"a file where the folder should be")
    with pytest.raises(Unavailable):
        store.put(b"hello", PNG)
    assert [p.name for p in tmp_path.iterdir()] == [digest[:2]]


def test_a_full_disk_is_unavailable_and_leaves_nothing_half_written(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", n_bytes=1 << 20) as disk:
        store = AssetStore(disk.folder / "assets", max_bytes=1 << 30)
        kept = store.put(b"a" * 10_000, PNG)
        store.pin(kept.digest)
        disk.fill(leave_bytes=16_384)
        with pytest.raises(Unavailable) as full:
            store.put(b"b" * 300_000, PNG)
        assert full.value.retryable
        assert full.value.retry_after_s
        assert bytes(kept.body) == b"a" * 10_000
        assert [path.name for path in store_files(disk.folder)] == [
            kept.digest.removeprefix("sha256:") + ".png"
        ]
        disk.free()
        assert bytes(store.put(b"b" * 300_000, PNG).body) == b"b" * 300_000


def test_a_full_disk_is_relieved_of_what_nobody_needs(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", n_bytes=1 << 20) as disk:
        store = AssetStore(disk.folder / "assets", max_bytes=1 << 30)
        digests = [store.put(bytes([number]) * 100_000, PNG).digest for number in range(4)]
        store.pin(digests[0])
        disk.fill(leave_bytes=8192)
        store.put(b"new" * 50_000, PNG)
        assert [store.open(digest) is not None for digest in digests] == [True, False, False, True]


def store_files(folder: Path) -> list[Path]:
    return sorted(path for path in (folder / "assets").rglob("*") if path.is_file())


@pytest.mark.parametrize("content", [b"", b"hell", b"hellu", b"hello, and more", b"\0" * 5])
def test_a_damaged_asset_is_never_given_out(
    tmp_path: Path, content: bytes, caplog: pytest.LogCaptureFixture
) -> None:
    digest = AssetStore(tmp_path, max_bytes=1000).put(b"hello", PNG).digest
    (path,) = tmp_path.glob("*/*.png")
    path.write_bytes(content)
    store = AssetStore(tmp_path, max_bytes=1000)
    assert store.open(digest) is None
    assert not path.exists()
    assert not content or "damaged" in caplog.text
    found = store.open(store.put(b"hello", PNG).digest)
    assert found is not None
    assert bytes(found.body) == b"hello"


def test_an_asset_that_is_damaged_after_it_was_read_is_noticed(tmp_path: Path) -> None:
    store = AssetStore(tmp_path, max_bytes=1000)
    digest = store.put(b"hello", PNG).digest
    (path,) = tmp_path.glob("*/*.png")
    before = path.stat()
    path.write_bytes(b"hullo")
    os.utime(path, ns=(before.st_atime_ns, before.st_mtime_ns))
    assert store.open(digest) is None


def test_a_disk_that_can_not_be_read_at_present_keeps_its_assets(tmp_path: Path) -> None:
    store = AssetStore(tmp_path, max_bytes=1000)
    digest = store.put(b"hello", PNG).digest
    (path,) = tmp_path.glob("*/*.png")
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    n_open = max(int(entry.name) for entry in Path("/proc/self/fd").iterdir())
    # Every descriptor that could be had is taken.
    resource.setrlimit(resource.RLIMIT_NOFILE, (n_open + 1, limits[1]))
    taken = []
    try:
        while True:
            taken.append(os.dup(0))
    except OSError:
        with pytest.raises(Unavailable):
            store.open(digest)
    finally:
        for descriptor in taken:
            os.close(descriptor)
        resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    assert path.exists()
    assert store.open(digest) is not None


@pytest.mark.parametrize(("data", "media_type"), [(b"", PNG), (b"x", "text/html")])
def test_what_is_no_asset_is_refused(tmp_path: Path, data: bytes, media_type: str) -> None:
    with pytest.raises(ValueError, match=r"keeps no|at least one"):
        AssetStore(tmp_path, max_bytes=1000).put(data, media_type)


@given(st.lists(st.binary(min_size=1, max_size=60), max_size=30))
def test_the_quota_is_never_exceeded(tmp_path_factory: pytest.TempPathFactory, pieces: list[bytes]) -> None:
    store = AssetStore(tmp_path_factory.mktemp("store"), max_bytes=100)
    for piece in pieces:
        digest = store.put(piece, PNG).digest
        assert store.total_bytes <= 100
        assert store.open(digest) is not None
