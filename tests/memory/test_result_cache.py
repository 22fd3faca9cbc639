"""The result cache answers a repeat, and forgets on request."""

import os
from collections.abc import Callable
from pathlib import Path

import msgspec

from tests.small_disk import small_disk
from vrbridge.memory.asset_store import AssetStore
from vrbridge.memory.result_cache import CachedAsset, CachedResult, Owner, ResultCache, result_key

ANN = Owner("ann", "s1")
ANN_AGAIN = Owner("ann", "s2")
BOB = Owner("bob", "s3")


def make(
    folder: Path, data: bytes = b"pixels", *, on_lost: Callable[[str], None] = lambda part: None
) -> tuple[ResultCache, AssetStore, CachedResult]:
    store = AssetStore(folder / "assets", max_bytes=10_000)
    digest = store.put(data, "image/png").digest
    result = CachedResult((CachedAsset("preview", "image/png", digest, {"seed": 1}),), {"model": "m"})
    return ResultCache(folder / "results", store, on_lost=on_lost), store, result


def test_a_repeat_is_recalled_even_after_a_restart(tmp_path: Path) -> None:
    cache, store, result = make(tmp_path)
    cache.remember("k", result, ANN)
    recalled = ResultCache(tmp_path / "results", store).recall("k", ANN)
    assert recalled is not None
    assert (recalled.assets, recalled.result) == (result.assets, result.result)


def test_a_result_whose_asset_was_dropped_is_unknown(tmp_path: Path) -> None:
    cache, store, result = make(tmp_path)
    cache.remember("k", result, ANN)
    store.drop(result.assets[0].digest)
    assert cache.recall("k", ANN) is None


def test_a_damaged_file_counts_as_never_made(tmp_path: Path) -> None:
    cache, _, result = make(tmp_path)
    cache.remember("k", result, ANN)
    (tmp_path / "results" / "k.json").write_bytes(b'{"assets":[')
    assert cache.recall("k", ANN) is None


def test_the_oldest_results_go_beyond_the_bound(tmp_path: Path) -> None:
    _, store, result = make(tmp_path)
    cache = ResultCache(tmp_path / "few", store, max_results=2)
    for key in ("a", "b", "c"):
        cache.remember(key, result, ANN)
    assert cache.recall("a", ANN) is None
    assert cache.recall("c", ANN) is not None


def test_forgetting_a_player_drops_what_only_they_asked_for(tmp_path: Path) -> None:
    cache, store, mine = make(tmp_path)
    digest = store.put(b"shared", "image/png").digest
    shared = CachedResult((CachedAsset("preview", "image/png", digest, {}),), {})
    cache.remember("mine", mine, ANN)
    cache.remember("shared", shared, ANN)
    cache.recall("shared", BOB)
    assert cache.forget(player="ann") == {mine.assets[0].digest}
    assert cache.recall("mine", ANN) is None
    assert store.open(mine.assets[0].digest) is None
    assert cache.recall("shared", BOB) is not None


def test_what_is_to_be_forgotten_can_depend_on_when_it_was_asked_for(tmp_path: Path) -> None:
    _, store, old = make(tmp_path)
    times = iter((1000.0, 3000.0))
    cache = ResultCache(tmp_path / "results", store, clock=lambda: next(times))
    digest = store.put(b"new", "image/png").digest
    cache.remember("old", old, ANN)
    cache.remember("new", CachedResult((CachedAsset("preview", "image/png", digest, {}),), {}), ANN)
    assert cache.forget_where(lambda owner, asked_at: asked_at < 2000.0) == {old.assets[0].digest}
    assert cache.recall("old", ANN) is None
    assert cache.recall("new", ANN) is not None


def test_who_asked_before_is_forgotten_though_others_have_asked_since(tmp_path: Path) -> None:
    _, store, result = make(tmp_path)
    times = iter((1000.0, 3000.0, 3001.0))
    cache = ResultCache(tmp_path / "results", store, clock=lambda: next(times))
    for owner in (ANN, BOB, ANN_AGAIN):
        if not cache.recall("k", owner):
            cache.remember("k", result, owner)
    assert cache.forget_where(lambda owner, asked_at: asked_at < 2000.0) == set()
    recalled = cache.recall("k", BOB)
    assert recalled is not None
    assert recalled.owners == (BOB, ANN_AGAIN)
    # Leaving somebody out has made nobody look younger.
    assert cache.forget_where(lambda owner, asked_at: asked_at < 3000.5) == set()
    assert cache.forget(player="ann") == {result.assets[0].digest}


def test_a_result_of_an_older_version_was_asked_for_when_it_was_written(tmp_path: Path) -> None:
    cache, _, result = make(tmp_path)
    cache.remember("k", result, ANN)
    file = tmp_path / "results" / "k.json"
    kept = msgspec.json.decode(file.read_bytes())
    del kept["asked_at"]
    file.write_bytes(msgspec.json.encode(kept))
    os.utime(file, (1000.0, 1000.0))
    assert cache.forget_where(lambda owner, asked_at: asked_at < 999.0) == set()
    assert cache.forget_where(lambda owner, asked_at: asked_at < 1001.0) == {result.assets[0].digest}


def test_what_a_crash_left_half_written_is_removed(tmp_path: Path) -> None:
    (tmp_path / "results").mkdir()
    (tmp_path / "results" / ".k.partial").write_bytes(b'{"assets":[')
    make(tmp_path)
    assert not list((tmp_path / "results").iterdir())


def test_forgetting_a_session_keeps_what_another_session_of_the_player_asked_for(tmp_path: Path) -> None:
    cache, _, result = make(tmp_path)
    cache.remember("k", result, ANN)
    cache.recall("k", ANN_AGAIN)
    assert cache.forget(player="ann", session="s1") == set()
    assert cache.forget(player="ann", session="s2") == {result.assets[0].digest}


def test_a_full_disk_costs_the_memory_of_a_result_and_is_counted(tmp_path: Path) -> None:
    with small_disk(tmp_path / "disk", n_bytes=1 << 20) as disk:
        losses: list[str] = []
        cache, store, result = make(disk.folder, on_lost=losses.append)
        large = CachedResult(result.assets, {"prompt": "x" * 50_000})
        cache.remember("before", large, ANN)
        disk.fill()
        cache.remember("k", large, ANN)
        assert cache.recall("k", ANN) is None
        assert losses == ["results"]
        assert [path.name for path in (disk.folder / "results").iterdir()] == ["before.json"]
        # What is known already is still answered, to others too.
        recalled = cache.recall("before", BOB)
        assert recalled is not None
        assert recalled.result == large.result
        # Not being able to note who is left does not keep anybody from being forgotten.
        cache.forget(player="ann")
        assert ANN.player.encode() not in b"".join(
            p.read_bytes() for p in (disk.folder / "results").iterdir()
        )
        disk.free()
        store.put(b"pixels", "image/png")
        cache.remember("k", large, ANN)
        assert cache.recall("k", ANN) is not None


def test_an_asset_that_another_result_uses_stays(tmp_path: Path) -> None:
    cache, store, result = make(tmp_path)
    cache.remember("one", result, ANN)
    cache.remember("two", result, BOB)
    assert cache.forget(player="ann") == set()
    assert store.open(result.assets[0].digest) is not None


def test_the_key_depends_on_everything_that_decides_the_bytes_and_not_on_order() -> None:
    base = result_key("texture", {"prompt": "a", "seed": 1}, model="m", device="cpu")
    assert base == result_key("texture", {"seed": 1, "prompt": "a"}, model="m", device="cpu")
    others = {
        result_key("mesh", {"prompt": "a", "seed": 1}, model="m", device="cpu"),
        result_key("texture", {"prompt": "a", "seed": 2}, model="m", device="cpu"),
        result_key("texture", {"prompt": "a", "seed": 1}, model="n", device="cpu"),
        result_key("texture", {"prompt": "a", "seed": 1}, model="m", device="cuda"),
    }
    assert len(others | {base}) == 5
