"""Orders run in workers; repeats come from the cache."""

from contextlib import aclosing
from dataclasses import replace
from pathlib import Path

import pytest

from tests.jobs.fakes import DirectDisk, FakeShared, FakeWorkers
from vrbridge.errors import GeneratorFailed, Overloaded, Unavailable
from vrbridge.jobs.asset_keeper import AssetKeeper
from vrbridge.jobs.events import AssetReady, Event, Finished, Progressed
from vrbridge.jobs.generated import GeneratedAssets
from vrbridge.jobs.kind import Asker, Estimate
from vrbridge.jobs.order import Order
from vrbridge.jobs.outputs import asset, progress, result
from vrbridge.memory.asset_store import AssetStore
from vrbridge.memory.result_cache import ResultCache

ASKER = Asker("s1", "ann", 7)
ORDER = Order({"prompt": "wall", "seed": 1}, 0.4)
OUTPUTS = (
    asset("preview", "image/jpeg", b"small", {"levels": 1}),
    progress("encode", 0.5),
    asset("base_color", "image/ktx2", b"large", {"levels": 9}),
    result({"model": "m", "seed": 1}, generate_s=0.2, encode_s=0.1),
)


def make(
    folder: Path,
    workers: FakeWorkers,
    *,
    max_bytes: int = 1000,
    degrades: bool = True,
    shared: FakeShared | None = None,
) -> GeneratedAssets:
    store = AssetStore(folder / "assets", max_bytes=max_bytes)
    keeper = AssetKeeper(store, ResultCache(folder / "results", store), DirectDisk(), shared=shared)
    return GeneratedAssets(
        "texture", model="m", device="cpu", workers=workers, keeper=keeper, degrades=degrades
    )


async def events_of(assets: GeneratedAssets, order: Order = ORDER, asker: Asker = ASKER) -> list[Event]:
    return [event async for event in assets.run(order, asker)]


async def test_outputs_become_events_in_order(tmp_path: Path) -> None:
    workers = FakeWorkers(OUTPUTS)
    preview, note, base, end = await events_of(make(tmp_path, workers))
    assert isinstance(preview, AssetReady)
    assert (preview.role, bytes(preview.body), preview.meta) == ("preview", b"small", {"levels": 1})
    assert note == Progressed("encode", 0.5)
    assert isinstance(base, AssetReady)
    assert base.role == "base_color"
    assert end == Finished({"model": "m", "seed": 1}, {"generate_ms": 200.0, "encode_ms": 100.0})
    assert workers.calls == [("texture", ORDER.arguments)]


async def test_a_repeat_runs_no_worker_and_has_the_same_bytes(tmp_path: Path) -> None:
    workers = FakeWorkers(OUTPUTS)
    assets = make(tmp_path, workers)
    first = [e.digest for e in await events_of(assets) if isinstance(e, AssetReady)]
    again = await events_of(assets, asker=Asker("s2", "bob", 1))
    assert [e.digest for e in again if isinstance(e, AssetReady)] == first
    assert isinstance(again[-1], Finished)
    assert again[-1].result["cached"] is True
    assert len(workers.calls) == 1


async def test_workers_can_ask_at_any_time_how_much_a_result_is_looked_at(tmp_path: Path) -> None:
    workers = FakeWorkers(OUTPUTS)
    looked_at = 0.25
    await events_of(make(tmp_path, workers), asker=Asker("s1", "ann", 7, weight=lambda: looked_at))
    (weight,) = workers.weights
    assert weight() == 0.25
    looked_at = -1.0
    assert weight() == -1.0


async def test_another_seed_is_another_order(tmp_path: Path) -> None:
    workers = FakeWorkers(OUTPUTS)
    assets = make(tmp_path, workers)
    await events_of(assets)
    await events_of(assets, Order({"prompt": "wall", "seed": 2}, 0.4))
    assert len(workers.calls) == 2


@pytest.mark.parametrize(("is_repeatable", "n_looks"), [(True, 1), (False, 0)])
async def test_only_what_can_have_been_asked_for_elsewhere_is_looked_for_there_and_all_is_shared(
    tmp_path: Path, is_repeatable: bool, n_looks: int
) -> None:
    shared = FakeShared()
    assets = make(tmp_path, FakeWorkers(OUTPUTS), shared=shared)
    await events_of(assets, replace(ORDER, is_repeatable=is_repeatable))
    assert shared.n_looks == n_looks
    assert len(shared.published) == 1


async def test_a_job_that_ends_without_a_result_failed(tmp_path: Path) -> None:
    with pytest.raises(GeneratorFailed):
        await events_of(make(tmp_path, FakeWorkers(OUTPUTS[:2])))


async def test_a_failed_job_is_not_remembered(tmp_path: Path) -> None:
    workers = FakeWorkers(OUTPUTS[:3], error=GeneratorFailed("It crashed."))
    assets = make(tmp_path, workers)
    for _ in range(2):
        with pytest.raises(GeneratorFailed, match="crashed"):
            await events_of(assets)
    assert len(workers.calls) == 2


async def test_a_full_store_ends_the_request_and_the_job(tmp_path: Path) -> None:
    workers = FakeWorkers(OUTPUTS)
    with pytest.raises(Unavailable):
        await events_of(make(tmp_path, workers, max_bytes=4))
    assert workers.n_left == 1


async def test_leaving_early_ends_the_job(tmp_path: Path) -> None:
    workers = FakeWorkers(OUTPUTS)
    async with aclosing(make(tmp_path, workers).run(ORDER, ASKER)) as events:
        await anext(events)
    assert workers.n_left == 1


def test_admission_is_what_the_backlog_says(tmp_path: Path) -> None:
    assert make(tmp_path, FakeWorkers()).admit(ORDER, ASKER) == Estimate(0, 0.4)
    with pytest.raises(Overloaded):
        make(tmp_path, FakeWorkers(refuses=Overloaded("Busy."))).admit(ORDER, ASKER)


LARGE = Order(
    {"px": 4},
    4.0,
    cheaper=(
        Order({"px": 2}, 2.0, degraded={"px": (4, 2)}),
        Order({"px": 1}, 1.0, degraded={"px": (4, 1)}),
    ),
)


def test_the_best_that_fits_is_admitted_in_place_of_what_does_not(tmp_path: Path) -> None:
    for room_s, px in [(9.0, None), (3.0, 2), (1.5, 1)]:
        estimate = make(tmp_path, FakeWorkers(room_s=room_s)).admit(LARGE, ASKER)
        assert (estimate.instead and estimate.instead.arguments["px"]) == px
        assert estimate.eta_s == float(px or 4)


def test_where_much_is_ahead_something_smaller_is_made_and_in_the_background_nothing_is(
    tmp_path: Path,
) -> None:
    assets = make(tmp_path, FakeWorkers(load=0.9))
    assert assets.admit(LARGE, ASKER).instead.arguments == {"px": 1}
    assert assets.admit(LARGE, Asker("s1", "ann", 7, tier=2)).instead is None


def test_a_refusal_says_when_all_of_it_has_a_chance(tmp_path: Path) -> None:
    with pytest.raises(Overloaded) as caught:
        make(tmp_path, FakeWorkers(room_s=0.5)).admit(LARGE, ASKER)
    assert caught.value.retry_after_s == 4.0


@pytest.mark.parametrize(("tier", "degrades"), [(2, True), (0, False), (1, False)])
async def test_nothing_is_made_smaller_in_the_background_or_where_it_is_switched_off(
    tmp_path: Path, tier: int, degrades: bool
) -> None:
    workers = FakeWorkers(OUTPUTS, room_s=3.0)
    assets, asker = make(tmp_path, workers, degrades=degrades), Asker("s1", "ann", 7, tier=tier)
    with pytest.raises(Overloaded):
        assets.admit(LARGE, asker)
    with pytest.raises(Overloaded):
        await events_of(assets, LARGE, asker)
    assert workers.calls == []


async def test_every_part_says_what_is_less_than_was_asked_for(tmp_path: Path) -> None:
    assets = make(tmp_path, FakeWorkers(OUTPUTS, room_s=3.0))
    instead = assets.admit(LARGE, ASKER).instead
    preview, _, base, end = await events_of(assets, instead)
    assert isinstance(preview, AssetReady)
    assert isinstance(base, AssetReady)
    assert isinstance(end, Finished)
    told: dict[str, object] = {"degraded": {"px": [4, 2]}}
    assert (preview.meta, base.meta) == ({"levels": 1} | told, {"levels": 9} | told)
    assert end.result == {"model": "m", "seed": 1} | told


async def test_what_is_made_smaller_is_what_somebody_gets_who_asks_for_that(tmp_path: Path) -> None:
    workers = FakeWorkers(OUTPUTS, room_s=3.0)
    assets = make(tmp_path, workers)
    smaller = await events_of(assets, assets.admit(LARGE, ASKER).instead)
    direct = await events_of(assets, Order({"px": 2}, 2.0))
    again = await events_of(assets, assets.admit(LARGE, ASKER).instead)
    assert workers.calls == [("texture", {"px": 2})]
    digests = [[e.digest for e in events if isinstance(e, AssetReady)] for events in (smaller, direct, again)]
    assert digests[0] == digests[1] == digests[2]
    assert isinstance(direct[-1], Finished)
    assert isinstance(again[-1], Finished)
    assert direct[-1].result == {"model": "m", "seed": 1, "cached": True}
    assert again[-1].result == {**direct[-1].result, "degraded": {"px": [4, 2]}}


@pytest.mark.parametrize(("px", "degraded"), [(4, None), (2, [4, 2])])
async def test_what_was_made_before_comes_as_large_as_it_was_though_there_is_time_for_less(
    tmp_path: Path, px: int, degraded: list[int] | None
) -> None:
    workers = FakeWorkers(OUTPUTS)
    assets = make(tmp_path, workers)
    made = await events_of(assets, Order({"px": px}, float(px)))
    workers.load = 1.0
    instead = assets.admit(LARGE, ASKER).instead
    assert instead.arguments == {"px": 1}
    again = await events_of(assets, instead)
    assert workers.calls == [("texture", {"px": px})]
    digests = [[e.digest for e in events if isinstance(e, AssetReady)] for events in (made, again)]
    assert digests[0] == digests[1]
    told = {} if degraded is None else {"degraded": {"px": degraded}}
    assert isinstance(again[-1], Finished)
    assert again[-1].result == {"model": "m", "seed": 1, "cached": True, **told}


async def test_what_is_too_much_is_looked_for_and_never_made(tmp_path: Path) -> None:
    workers = FakeWorkers(OUTPUTS, load=1.0)
    assets = make(tmp_path, workers)
    await events_of(assets, assets.admit(LARGE, ASKER).instead)
    assert workers.calls == [("texture", {"px": 1})]


async def test_who_was_admitted_in_the_same_moment_as_others_gets_less_before_nothing(tmp_path: Path) -> None:
    workers = FakeWorkers(OUTPUTS, room_s=3.0, job_room_s=1.0)
    assets = make(tmp_path, workers)
    instead = assets.admit(LARGE, ASKER).instead
    assert instead.arguments == {"px": 2}
    end = (await events_of(assets, instead))[-1]
    assert isinstance(end, Finished)
    assert end.result["degraded"] == {"px": [4, 1]}
    workers.job_room_s = 0.5
    with pytest.raises(Overloaded):
        await events_of(assets, Order({"px": 8}, 8.0))


async def test_a_result_that_lacks_its_refinement_is_not_remembered(tmp_path: Path) -> None:
    lacking = result({"model": "m", "seed": 1, "refine_error": "Busy."}, generate_s=0.2, encode_s=0.1)
    workers = FakeWorkers((*OUTPUTS[:3], lacking))
    assets = make(tmp_path, workers)
    for _ in range(2):
        end = (await events_of(assets))[-1]
        assert isinstance(end, Finished)
        assert "cached" not in end.result
    assert len(workers.calls) == 2
