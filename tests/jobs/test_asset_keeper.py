"""Assets and results, kept without blocking the event loop."""

from pathlib import Path

import pytest

from tests.jobs.fakes import DirectDisk
from vrbridge.errors import Unavailable
from vrbridge.jobs.asset_keeper import AssetKeeper
from vrbridge.memory.asset_store import AssetStore
from vrbridge.memory.result_cache import Owner, ResultCache

ANN = Owner("ann", "session 1")


class ReadOnlyCache(ResultCache):
    """A cache on a disk that refuses to change."""

    def forget(self, *, player: str, session: str | None = None) -> int:
        """Fail as the disk does."""
        raise OSError(30, "Read-only file system")


def _keeper(folder: Path, cache: type[ResultCache] = ResultCache, *, max_bytes: int = 1 << 20) -> AssetKeeper:
    store = AssetStore(folder / "assets", max_bytes=max_bytes)
    return AssetKeeper(store, cache(folder / "results", store), DirectDisk())


async def test_what_is_kept_is_found_by_digest_and_by_what_was_asked(tmp_path: Path) -> None:
    keeper = _keeper(tmp_path)
    asset = await keeper.keep("lod0", "model/gltf-binary", b"mesh", {"faces": 1})
    assert await keeper.fetch(asset.digest) == ("model/gltf-binary", b"mesh")
    await keeper.remember("key", [asset], {"seed": 1}, ANN)
    assert await keeper.recall("key", ANN) == ([asset], {"seed": 1})
    assert await keeper.recall("other", ANN) is None


async def test_what_a_player_asks_to_forget_is_gone(tmp_path: Path) -> None:
    keeper = _keeper(tmp_path)
    asset = await keeper.keep("lod0", "model/gltf-binary", b"mesh", {})
    await keeper.remember("key", [asset], {}, ANN)
    assert await keeper.forget(player="bob", session=None) == 0
    assert await keeper.forget(player="ann", session="another") == 0
    assert await keeper.forget(player="ann", session=None) == 1
    assert await keeper.fetch(asset.digest) is None


async def test_a_pinned_asset_is_not_dropped_for_room_but_forgotten_on_request(tmp_path: Path) -> None:
    keeper = _keeper(tmp_path, max_bytes=6)
    asset = await keeper.keep("lod0", "model/gltf-binary", b"mesh", {})
    await keeper.remember("key", [asset], {}, ANN)
    digest = asset.digest
    keeper.pin(digest)
    del asset
    with pytest.raises(Unavailable):
        await keeper.keep("lod1", "model/gltf-binary", b"coarse", {})
    assert await keeper.forget(player="ann", session=None) == 1
    assert await keeper.fetch(digest) is None
    keeper.unpin(digest)
    await keeper.keep("lod1", "model/gltf-binary", b"coarse", {})


async def test_a_disk_that_refuses_to_forget_is_told_of(tmp_path: Path) -> None:
    with pytest.raises(Unavailable) as refused:
        await _keeper(tmp_path, ReadOnlyCache).forget(player="ann", session=None)
    assert refused.value.retryable
    assert refused.value.retry_after_s
