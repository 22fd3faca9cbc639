"""Assets and results, kept without blocking the event loop."""

from collections.abc import Sequence
from pathlib import Path

import pytest

from tests.jobs.fakes import DirectDisk
from vrbridge.errors import Unavailable
from vrbridge.jobs.asset_keeper import AssetKeeper
from vrbridge.memory.asset_store import AssetStore, digest_of
from vrbridge.memory.notices import Forgotten, Notices, hashed
from vrbridge.memory.result_cache import CachedAsset, CachedResult, Owner, ResultCache
from vrbridge.memory.shared_assets import Publication

ANN = Owner("ann", "session 1")
BOB = Owner("bob", "session 2")
MESH = "model/gltf-binary"


class FakeShared:
    """What other servers have, in memory; implements `Shared`."""

    def __init__(self) -> None:
        self.results: dict[str, CachedResult] = {}
        self.objects: dict[str, tuple[str, bytes]] = {}
        self.discarded: list[str] = []
        self.published: list[Publication] = []
        self.away: Unavailable | None = None

    async def find(self, key: str) -> CachedResult | None:
        """Return a result."""
        return self.results.get(key)

    async def bodies(self, assets: Sequence[CachedAsset]) -> list[memoryview | None]:
        """Return bytes."""
        found = (self.objects.get(asset.digest) for asset in assets)
        return [None if item is None else memoryview(item[1]) for item in found]

    async def locate(self, digest: str) -> tuple[str, memoryview] | None:
        """Return media type and bytes."""
        if self.away is not None:
            raise self.away
        found = self.objects.get(digest)
        return None if found is None else (found[0], memoryview(found[1]))

    async def discard(self, digest: str, media_type: str) -> None:
        """Remove an asset."""
        self.discarded.append(digest)

    def publish(self, publication: Publication) -> None:
        """Share a result."""
        self.published.append(publication)

    async def forget(self, *, player: str, session: str | None) -> frozenset[str]:
        """Erase everything."""
        if self.away is not None:
            raise self.away
        gone, self.objects = frozenset(self.objects), {}
        return gone

    def has(self, key: str, *bodies: bytes, damaged: bool = False) -> list[str]:
        """Have a result with these meshes and return their digests."""
        digests = [digest_of(body) for body in bodies]
        for digest, body in zip(digests, bodies, strict=True):
            self.objects[digest] = MESH, b"damaged" if damaged else body
        assets = (CachedAsset(f"lod{n}", MESH, digest, {"faces": n}) for n, digest in enumerate(digests))
        self.results[key] = CachedResult(tuple(assets), {"seed": 1})
        return digests


class ReadOnlyCache(ResultCache):
    """A cache on a disk that refuses to change."""

    def forget(self, *, player: str, session: str | None = None) -> frozenset[str]:
        """Fail as the disk does."""
        raise OSError(30, "Read-only file system")


def _keeper(
    folder: Path,
    cache: type[ResultCache] = ResultCache,
    *,
    max_bytes: int = 1 << 20,
    shared: FakeShared | None = None,
) -> AssetKeeper:
    store = AssetStore(folder / "assets", max_bytes=max_bytes)
    return AssetKeeper(store, cache(folder / "results", store), DirectDisk(), shared=shared)


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


async def test_a_copy_is_erased_once_another_server_was_asked_to_forget_its_player(tmp_path: Path) -> None:
    keeper = _keeper(tmp_path)
    mine = await keeper.keep("lod0", MESH, b"mine", {})
    ours = await keeper.keep("lod0", MESH, b"ours", {})
    await keeper.remember("mine", [mine], {}, ANN)
    await keeper.remember("ours", [ours], {}, ANN)
    await keeper.recall("ours", BOB)
    await keeper.forget_copies(Notices([Forgotten(hashed("ann"), None, 1e12)]))
    assert await keeper.fetch(mine.digest) is None
    assert await keeper.recall("mine", ANN) is None
    assert await keeper.recall("ours", BOB) is not None
    # What was asked for after that stays.
    await keeper.forget_copies(Notices([Forgotten(hashed("bob"), None, 1e6)]))
    assert await keeper.recall("ours", BOB) is not None


async def test_a_result_of_another_server_is_recalled_and_kept(tmp_path: Path) -> None:
    shared = FakeShared()
    keeper = _keeper(tmp_path, shared=shared)
    digests = shared.has("k", b"coarse", b"fine")
    recalled = await keeper.recall("k", ANN)
    assert recalled is not None
    assets, result = recalled
    assert [(a.role, a.digest, bytes(a.body), a.meta) for a in assets] == [
        ("lod0", digests[0], b"coarse", {"faces": 0}),
        ("lod1", digests[1], b"fine", {"faces": 1}),
    ]
    assert result == {"seed": 1}
    shared.results.clear()
    shared.objects.clear()
    assert await keeper.recall("k", BOB) == recalled
    assert [(p.owner, p.is_fresh) for p in shared.published] == [(ANN, False), (BOB, False)]


async def test_only_what_is_missing_here_is_brought(tmp_path: Path) -> None:
    shared = FakeShared()
    keeper = _keeper(tmp_path, shared=shared)
    digests = shared.has("k", b"coarse", b"fine")
    await keeper.keep("lod0", MESH, b"coarse", {})
    del shared.objects[digests[0]]
    recalled = await keeper.recall("k", ANN)
    assert recalled is not None
    assert [bytes(asset.body) for asset in recalled[0]] == [b"coarse", b"fine"]


@pytest.mark.parametrize("is_damaged", [True, False])
async def test_a_result_with_an_asset_that_is_damaged_or_gone_is_unknown(
    tmp_path: Path, is_damaged: bool
) -> None:
    shared = FakeShared()
    keeper = _keeper(tmp_path, shared=shared)
    [digest] = shared.has("k", b"coarse", damaged=is_damaged)
    if not is_damaged:
        shared.objects.clear()
    assert await keeper.recall("k", ANN) is None
    assert shared.discarded == ([digest] if is_damaged else [])
    assert await keeper.fetch(digest) is None
    assert not shared.published


async def test_what_was_made_here_is_published_with_its_bytes(tmp_path: Path) -> None:
    shared = FakeShared()
    keeper = _keeper(tmp_path, shared=shared)
    asset = await keeper.keep("lod0", MESH, b"mesh", {})
    assert not shared.published
    await keeper.remember("k", [asset], {"seed": 1}, ANN)
    [publication] = shared.published
    assert (publication.key, publication.owner, publication.is_fresh) == ("k", ANN, True)
    assert {digest: bytes(body) for digest, body in publication.bodies.items()} == {asset.digest: b"mesh"}


async def test_an_asset_of_another_server_is_fetched_and_one_that_can_not_be_looked_for_is_not_unknown(
    tmp_path: Path,
) -> None:
    shared = FakeShared()
    keeper = _keeper(tmp_path, shared=shared)
    [digest] = shared.has("k", b"mesh")
    assert await keeper.fetch(digest) == (MESH, b"mesh")
    shared.away = Unavailable("It is away.", retry_after_s=1.0)
    assert await keeper.fetch(digest) == (MESH, b"mesh")
    with pytest.raises(Unavailable):
        await keeper.fetch(digest_of(b"another"))


async def test_what_is_forgotten_here_and_elsewhere_is_counted_once(tmp_path: Path) -> None:
    shared = FakeShared()
    keeper = _keeper(tmp_path, shared=shared)
    shared.has("k", b"coarse", b"fine")
    asset = await keeper.keep("lod0", MESH, b"coarse", {})
    await keeper.remember("k", [asset], {}, ANN)
    assert await keeper.forget(player="ann", session=None) == 2
    shared.away = Unavailable("It is away.", retry_after_s=1.0)
    with pytest.raises(Unavailable):
        await keeper.forget(player="ann", session=None)
