"""Assets and results, kept without blocking the event loop."""

from pathlib import Path

import pytest

from tests.jobs.fakes import DirectDisk, FakeShared
from vrbridge.errors import Unavailable
from vrbridge.jobs.asset_keeper import AssetKeeper
from vrbridge.memory.asset_store import AssetStore, digest_of
from vrbridge.memory.notices import Forgotten, Notices, hashed
from vrbridge.memory.result_cache import CachedResult, Owner, ResultCache

ANN = Owner("ann", "session 1")
BOB = Owner("bob", "session 2")
MESH = "model/gltf-binary"


class ReadOnlyCache(ResultCache):
    """A cache on a disk that refuses to change."""

    def forget(self, *, player: str, session: str | None = None) -> frozenset[str]:
        """Fail as the disk does."""
        raise OSError(30, "Read-only file system")


class ForgetfulCache(ResultCache):
    """A cache whose disk takes nothing more."""

    def remember(self, key: str, result: CachedResult, owner: Owner) -> bool:
        """Fail as a full disk has it."""
        return False


def _files(folder: Path) -> set[str]:
    return {path.stem for path in (folder / "assets").glob("*/*")}


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
    assert await keeper.recall("key", ANN) is None
    # Whoever is still getting it gets the rest.
    assert await keeper.fetch(digest) == ("model/gltf-binary", b"mesh")
    keeper.unpin(digest)
    assert await keeper.fetch(digest) is None
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
    with pytest.raises(Unavailable):
        await keeper.fetch(digest_of(b"another"))


async def test_what_was_fetched_from_another_server_is_not_kept_since_nobody_could_have_it_erased(
    tmp_path: Path,
) -> None:
    shared = FakeShared()
    keeper = _keeper(tmp_path, shared=shared)
    [digest] = shared.has("k", b"mesh")
    assert await keeper.fetch(digest) == (MESH, b"mesh")
    assert _files(tmp_path) == set()
    shared.objects.clear()
    assert await keeper.fetch(digest) is None


async def test_a_damaged_asset_of_another_server_is_not_handed_on(tmp_path: Path) -> None:
    shared = FakeShared()
    keeper = _keeper(tmp_path, shared=shared)
    [digest] = shared.has("k", b"mesh", damaged=True)
    assert await keeper.fetch(digest) is None
    assert shared.discarded == [digest]


@pytest.mark.parametrize("is_damaged", [True, False])
async def test_nothing_is_kept_of_a_result_of_which_a_part_is_missing(
    tmp_path: Path, is_damaged: bool
) -> None:
    shared = FakeShared()
    keeper = _keeper(tmp_path, shared=shared)
    _, lacking, _ = shared.has("k", b"coarse", b"fine", b"finest")
    if is_damaged:
        shared.objects[lacking] = MESH, b"damaged"
    else:
        del shared.objects[lacking]
    assert await keeper.recall("k", ANN) is None
    assert _files(tmp_path) == set()


async def test_nothing_is_kept_of_a_result_for_which_there_is_no_room(tmp_path: Path) -> None:
    shared = FakeShared()
    keeper = _keeper(tmp_path, max_bytes=8, shared=shared)
    shared.has("k", b"coarse", b"fine")
    with pytest.raises(Unavailable):
        await keeper.recall("k", ANN)
    assert _files(tmp_path) == set()


async def test_nothing_is_kept_of_a_result_whose_owner_can_not_be_noted(tmp_path: Path) -> None:
    shared = FakeShared()
    keeper = _keeper(tmp_path, ForgetfulCache, shared=shared)
    shared.has("k", b"mesh")
    recalled = await keeper.recall("k", ANN)
    assert recalled is not None
    assert bytes(recalled[0][0].body) == b"mesh"
    assert _files(tmp_path) == set()


async def test_what_no_other_server_can_have_is_not_looked_for_there(tmp_path: Path) -> None:
    shared = FakeShared()
    keeper = _keeper(tmp_path, shared=shared)
    shared.has("k", b"mesh")
    assert await keeper.recall("k", ANN, is_shared=False) is None
    assert shared.n_looks == 0


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
