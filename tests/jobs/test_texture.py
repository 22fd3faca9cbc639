"""Texture requests are checked before they cost anything."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.jobs.fakes import DirectDisk, FakeWorkers
from vrbridge.errors import InvalidParams, Overloaded, Refused, TooLarge
from vrbridge.jobs.asset_keeper import AssetKeeper
from vrbridge.jobs.generated import GeneratedAssets
from vrbridge.jobs.kind import Asker, Estimate
from vrbridge.jobs.order import Order
from vrbridge.jobs.texture import MAX_RANDOM_SEED, TextureKind, TextureOffer
from vrbridge.memory.asset_store import AssetStore
from vrbridge.memory.result_cache import ResultCache

OFFER = TextureOffer("m", styles={"my-town": "12ab"})
ASKER = Asker("s1", "ann", 7, texture_formats=("bc1", "bc5"))


def allow(text: str, field: str) -> None:
    if text == "forbidden":
        raise Refused("This is not answered here.", field=field)


@pytest.fixture
def workers() -> FakeWorkers:
    return FakeWorkers()


@pytest.fixture
def kind(tmp_path: Path, workers: FakeWorkers) -> TextureKind:
    store = AssetStore(tmp_path / "assets", max_bytes=1000)
    keeper = AssetKeeper(store, ResultCache(tmp_path / "results", store), DirectDisk())
    assets = GeneratedAssets("texture", model="m", device="cpu", workers=workers, keeper=keeper)
    return TextureKind(assets, offer=OFFER, max_size_px=1024, check_text=allow)


def test_defaults_are_those_of_the_protocol(kind: TextureKind) -> None:
    order = kind.check({"prompt": "old wall", "seed": 5}, ASKER)
    assert order.arguments == {
        "prompt": "old wall",
        "seed": 5,
        "size_px": 512,
        "maps": ["base_color", "normal", "orm"],
        "formats": ["bc1", "bc5"],
        "style": None,
        "generator": "parametric",
        "weights": None,
    }


def test_a_style_that_is_a_networks_name_selects_it_and_others_are_words(kind: TextureKind) -> None:
    chosen = kind.check({"prompt": "wall", "style": "my-town"}, ASKER).arguments
    assert (chosen["generator"], chosen["weights"], chosen["style"]) == ("my-town", "12ab", None)
    words = kind.check({"prompt": "wall", "style": "dark and mossy"}, ASKER).arguments
    assert (words["generator"], words["weights"], words["style"]) == ("parametric", None, "dark and mossy")


def test_clients_are_told_which_styles_there_are(kind: TextureKind) -> None:
    offered = kind.capability()
    assert offered is not None
    assert offered["styles"] == ["my-town"]


def test_only_what_was_asked_for_with_a_seed_can_have_been_made_elsewhere(kind: TextureKind) -> None:
    for params, is_repeatable in [({"seed": 5}, True), ({"seed": 0}, True), ({}, False)]:
        order = kind.check({"prompt": "wall", **params}, ASKER)
        assert {o.is_repeatable for o in (order, *order.cheaper)} == {is_repeatable}


def test_a_missing_seed_is_chosen_and_differs(kind: TextureKind) -> None:
    seeds = {kind.check({"prompt": "wall"}, ASKER).arguments["seed"] for _ in range(8)}
    assert len(seeds) > 1
    assert all(0 <= seed < MAX_RANDOM_SEED for seed in seeds)


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({}, "params.prompt"),
        ({"prompt": ""}, "params.prompt"),
        ({"prompt": " \t "}, "params.prompt"),
        ({"prompt": "?! 123 ..."}, "params.prompt"),
        ({"prompt": "a" * 10_000}, "params.prompt"),
        ({"prompt": 3}, "params.prompt"),
        ({"prompt": "wall", "size_px": 500}, "params.size_px"),
        ({"prompt": "wall", "size_px": 32}, "params.size_px"),
        ({"prompt": "wall", "size_px": "512"}, "params.size_px"),
        ({"prompt": "wall", "maps": ["colour"]}, "params.maps"),
        ({"prompt": "wall", "maps": []}, "params.maps"),
        ({"prompt": "wall", "seed": -1}, "params.seed"),
        ({"prompt": "wall", "format": "tga"}, "params.format"),
        ({"prompt": "wall", "format": "bc5"}, "params.format"),
    ],
)
def test_bad_parameters_name_their_field(kind: TextureKind, params: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidParams) as caught:
        kind.check(params, ASKER)
    assert caught.value.field is not None
    assert caught.value.field.startswith(field)


def test_larger_than_the_server_or_the_engine_takes_is_too_large(kind: TextureKind) -> None:
    with pytest.raises(TooLarge, match="1024"):
        kind.check({"prompt": "wall", "size_px": 2048}, ASKER)
    with pytest.raises(TooLarge, match="256"):
        kind.check({"prompt": "wall", "size_px": 512}, Asker("s", "p", 1, max_texture_px=256))


def test_safety_rules_see_the_prompt(kind: TextureKind) -> None:
    with pytest.raises(Refused) as caught:
        kind.check({"prompt": "forbidden"}, ASKER)
    assert caught.value.field == "params.prompt"


def test_a_format_of_its_own_wins_over_the_negotiated_ones(kind: TextureKind) -> None:
    assert kind.check({"prompt": "wall", "format": "png"}, ASKER).arguments["formats"] == ["png"]


def test_admission_is_the_backlogs(kind: TextureKind, workers: FakeWorkers) -> None:
    order = kind.check({"prompt": "wall"}, ASKER)
    assert kind.admit(order, ASKER) == Estimate(0, order.cost_s)
    workers.refuses = Overloaded("Later.", retry_after_s=1)
    with pytest.raises(Overloaded):
        kind.admit(order, ASKER)


def test_bigger_costs_more(kind: TextureKind) -> None:
    def cost(size_px: int) -> float:
        order: Order = kind.check({"prompt": "wall", "size_px": size_px}, ASKER)
        return order.cost_s

    assert cost(1024) > 3 * cost(512)


def test_in_place_of_a_large_one_a_smaller_one_can_be_made_that_is_what_asking_for_it_gives(
    kind: TextureKind,
) -> None:
    order = kind.check({"prompt": "wall", "seed": 5, "size_px": 1024}, ASKER)
    assert [choice.degraded["size_px"] for choice in order.cheaper] == [(1024, 512), (1024, 256), (1024, 128)]
    for choice in order.cheaper:
        direct = kind.check({"prompt": "wall", "seed": 5, "size_px": choice.arguments["size_px"]}, ASKER)
        assert replace(choice, degraded={}) == replace(direct, cheaper=())
    assert kind.check({"prompt": "wall", "size_px": 128}, ASKER).cheaper == ()


def test_what_is_learned_of_the_cost_is_kept_by_generator_and_edge(kind: TextureKind) -> None:
    def size(**params: Any) -> str:
        return kind.check({"prompt": "wall"} | params, ASKER).size

    assert size() == size(seed=3, maps=["normal"]) == "parametric 512"
    assert len({size(), size(size_px=1024), size(style="my-town")}) == 3


def test_without_workers_there_is_no_capability(kind: TextureKind, workers: FakeWorkers) -> None:
    assert kind.capability() is not None
    workers.is_ready = False
    assert kind.capability() is None


def test_a_back_end_is_named_in_the_order_with_its_fingerprint_and_cost(
    tmp_path: Path, workers: FakeWorkers
) -> None:
    store = AssetStore(tmp_path / "assets", max_bytes=1000)
    keeper = AssetKeeper(store, ResultCache(tmp_path / "results", store), DirectDisk())
    assets = GeneratedAssets("texture", model="m", device="cpu", workers=workers, keeper=keeper)
    offer = TextureOffer(
        "painter", generator="pictures", origin="generated", license="?", styles={"my-town": "12ab"},
        fingerprint="77", picture_s=5.0,
    )  # fmt: skip
    kind = TextureKind(assets, offer=offer, max_size_px=1024, check_text=allow)
    order = kind.check({"prompt": "wall", "style": "mossy"}, ASKER)
    assert (order.arguments["generator"], order.arguments["weights"]) == ("pictures", "77")
    assert order.cost_s > 5
    network = kind.check({"prompt": "wall", "style": "my-town"}, ASKER)
    assert (network.arguments["generator"], network.arguments["weights"]) == ("my-town", "12ab")
    assert network.cost_s < 1
