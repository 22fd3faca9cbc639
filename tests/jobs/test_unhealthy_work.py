"""Numbers that are none end one request, and never reach an engine."""

from collections.abc import AsyncIterator
from pathlib import Path

import pytest

from tests.jobs.fakes import DirectDisk
from tests.jobs.test_mesh_work import ORDER as MESH_ORDER
from tests.jobs.test_texture_work import ORDER as TEXTURE_ORDER
from vrbridge.errors import GeneratorFailed
from vrbridge.jobs.asset_keeper import AssetKeeper
from vrbridge.jobs.embedding import WorkerEmbed
from vrbridge.jobs.events import AssetReady, Event, Finished
from vrbridge.jobs.generated import GeneratedAssets
from vrbridge.jobs.kind import Asker
from vrbridge.jobs.order import Order
from vrbridge.memory.asset_store import AssetStore
from vrbridge.memory.result_cache import ResultCache
from vrbridge.scheduling.pool import WorkerPool
from vrbridge.settings import LimitSettings, WorkerSettings

ASKER = Asker("s1", "ann", 1)
SMALL = {"texture": TEXTURE_ORDER | {"size_px": 64}, "mesh": MESH_ORDER | {"max_faces": 100, "lods": 1}}


@pytest.fixture
async def pool() -> AsyncIterator[WorkerPool]:
    """One worker whose networks are bad for the words `nan` and `inf`."""
    async with WorkerPool(
        factory="tests.jobs.unhealthy_work:create",
        config={},
        settings=WorkerSettings(count=1, threads=1),
        limits=LimitSettings(),
    ) as pool:
        yield pool


def make(pool: WorkerPool, folder: Path, kind: str) -> GeneratedAssets:
    store = AssetStore(folder / "assets", max_bytes=1 << 26)
    keeper = AssetKeeper(store, ResultCache(folder / "results", store), DirectDisk())
    return GeneratedAssets(kind, model="m", device="cpu", workers=pool.scheduler, keeper=keeper)


async def carry_out(assets: GeneratedAssets, order: dict[str, object], seen: list[Event]) -> None:
    async for event in assets.run(Order(order, 0.1), ASKER):
        seen.append(event)  # noqa: PERF401 - what comes before a failure counts too


@pytest.mark.parametrize("kind", ["texture", "mesh", "meta", "result"])
async def test_a_request_fails_and_the_next_one_is_answered(
    pool: WorkerPool, tmp_path: Path, kind: str
) -> None:
    pids = pool.pids
    assets = make(pool, tmp_path, kind)
    # The second time nothing is answered from the cache either.
    for word in ("nan", "inf", "nan"):
        seen: list[Event] = []
        with pytest.raises(GeneratorFailed) as failed:
            await carry_out(assets, SMALL.get(kind, {}) | {"prompt": word}, seen)
        assert failed.value.retryable
        assert not any(isinstance(event, Finished) for event in seen)
        assert kind == "result" or not any(isinstance(event, AssetReady) for event in seen)
    healthy: list[Event] = []
    await carry_out(make(pool, tmp_path, "texture"), SMALL["texture"], healthy)
    assert isinstance(healthy[-1], Finished)
    assert pool.pids == pids


async def test_vectors_that_are_none_count_as_not_there(pool: WorkerPool) -> None:
    embed = WorkerEmbed(pool.scheduler)
    assert await embed.embed(["a wall", "nan"], within_s=30) is None
    vectors = await embed.embed(["a wall"], within_s=30)
    assert vectors is not None
    assert vectors.shape == (1, 384)
