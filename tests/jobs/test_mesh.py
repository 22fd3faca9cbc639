"""Mesh requests are checked before they cost anything."""

from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from tests.jobs.fakes import DirectDisk, FakeWorkers
from vrbridge.errors import InvalidParams, Refused, TooLarge
from vrbridge.jobs.asset_keeper import AssetKeeper
from vrbridge.jobs.generated import GeneratedAssets
from vrbridge.jobs.kind import Asker
from vrbridge.jobs.mesh import MeshKind, MeshOffer
from vrbridge.memory.asset_store import AssetStore
from vrbridge.memory.result_cache import ResultCache

ASKER = Asker("s1", "ann", 7, texture_formats=("etc2",), mesh_formats=("arrays", "glb"), max_texture_px=1024)


def allow(text: str, field: str) -> None:
    if text == "forbidden":
        raise Refused("This is not answered here.", field=field)


@pytest.fixture
def kind(tmp_path: Path) -> MeshKind:
    return kind_of(tmp_path, MeshOffer("m"))


def kind_of(tmp_path: Path, offer: MeshOffer) -> MeshKind:
    store = AssetStore(tmp_path / "assets", max_bytes=1000)
    keeper = AssetKeeper(store, ResultCache(tmp_path / "results", store), DirectDisk())
    assets = GeneratedAssets("mesh", model="m", device="cpu", workers=FakeWorkers(), keeper=keeper)
    return MeshKind(assets, offer=offer, max_faces=5000, max_texture_px=2048, check_text=allow)


def test_defaults_are_those_of_the_protocol(kind: MeshKind) -> None:
    order = kind.check({"prompt": "chair", "seed": 5}, ASKER)
    assert order.arguments == {
        "prompt": "chair",
        "seed": 5,
        "max_faces": 1500,
        "lods": 3,
        "size_m": None,
        "collider": True,
        "format": "arrays",
        "texture_px": 0,
        "texture_formats": [],
        "unwrap": False,
        "generator": "parametric",
        "weights": None,
    }


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({}, "params.prompt"),
        ({"prompt": ""}, "params.prompt"),
        ({"prompt": " \t "}, "params.prompt"),
        ({"prompt": "?! 123 ..."}, "params.prompt"),
        ({"prompt": "a" * 10_000}, "params.prompt"),
        ({"prompt": "chair", "max_faces": 10}, "params.max_faces"),
        ({"prompt": "chair", "lods": 0}, "params.lods"),
        ({"prompt": "chair", "unwrap": 1}, "params.unwrap"),
        ({"prompt": "chair", "unwrap": True, "texture_px": 64}, "params.unwrap"),
        ({"prompt": "chair", "lods": 5}, "params.lods"),
        ({"prompt": "chair", "size_m": 0}, "params.size_m"),
        ({"prompt": "chair", "size_m": -1.0}, "params.size_m"),
        ({"prompt": "chair", "texture_px": 100}, "params.texture_px"),
        ({"prompt": "chair", "texture_px": 32}, "params.texture_px"),
        ({"prompt": "chair", "collider": "yes"}, "params.collider"),
    ],
)
def test_bad_parameters_name_their_field(kind: MeshKind, params: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidParams) as caught:
        kind.check(params, ASKER)
    assert caught.value.field == field


def test_more_than_the_server_or_the_engine_takes_is_too_large(kind: MeshKind) -> None:
    for params, asker in (
        ({"max_faces": 5001}, ASKER),
        ({"max_faces": 1500}, Asker("s", "p", 1, max_faces=1000)),
        ({"texture_px": 2048}, ASKER),
    ):
        with pytest.raises(TooLarge):
            kind.check({"prompt": "chair", **params}, asker)


def test_an_engine_that_takes_no_known_format_is_told(kind: MeshKind) -> None:
    with pytest.raises(InvalidParams) as caught:
        kind.check({"prompt": "chair"}, Asker("s", "p", 1, mesh_formats=()))
    assert caught.value.field == "receive.mesh_formats"


def test_textures_use_the_engines_formats_and_cost_time(kind: MeshKind) -> None:
    plain = kind.check({"prompt": "chair"}, ASKER)
    textured = kind.check({"prompt": "chair", "texture_px": 512}, ASKER)
    assert textured.arguments["texture_formats"] == ["etc2"]
    assert textured.cost_s > plain.cost_s


def test_safety_rules_see_the_prompt(kind: MeshKind) -> None:
    with pytest.raises(Refused) as caught:
        kind.check({"prompt": "forbidden"}, ASKER)
    assert caught.value.field == "params.prompt"


OFFER = MeshOffer(
    "net-1",
    generator="net-1",
    origin="generated",
    license="CC-BY-3.0",
    styles={"net-1": "aa", "parametric": "rules-1", "props-1": "bb"},
    manners={"generated": "net-1", "procedural": "parametric", "library": "props-1"},
)


@pytest.mark.parametrize(
    ("style", "generator", "weights"),
    [
        (None, "net-1", "aa"),
        ("generated", "net-1", "aa"),
        ("procedural", "parametric", "rules-1"),
        ("library", "props-1", "bb"),
        ("props-1", "props-1", "bb"),
    ],
)
def test_styles_choose_the_generator(tmp_path: Path, style: str | None, generator: str, weights: str) -> None:
    order = kind_of(tmp_path, OFFER).check({"prompt": "chair", "style": style}, ASKER)
    assert (order.arguments["generator"], order.arguments["weights"]) == (generator, weights)


def test_a_style_that_is_not_there_is_told_with_those_that_are(tmp_path: Path) -> None:
    with pytest.raises(InvalidParams, match="generated, library, net-1") as caught:
        kind_of(tmp_path, OFFER).check({"prompt": "chair", "style": "cubist"}, ASKER)
    assert caught.value.field == "params.style"


def test_welcome_says_what_the_default_is_and_which_styles_there_are(tmp_path: Path) -> None:
    said = kind_of(tmp_path, OFFER).capability()
    assert said is not None
    assert (said["model"], said["origin"], said["license"]) == ("net-1", "generated", "CC-BY-3.0")
    assert said["styles"] == ["generated", "library", "net-1", "parametric", "procedural", "props-1"]


def test_only_what_was_asked_for_with_a_seed_can_have_been_made_elsewhere(kind: MeshKind) -> None:
    for params, is_repeatable in [({"seed": 5}, True), ({"seed": 0}, True), ({}, False)]:
        order = kind.check({"prompt": "chair", "texture_px": 512, **params}, ASKER)
        assert order.cheaper
        assert {o.is_repeatable for o in (order, *order.cheaper)} == {is_repeatable}


def test_in_place_of_large_materials_on_it_smaller_ones_can_be_made(kind: MeshKind) -> None:
    order = kind.check({"prompt": "chair", "seed": 5, "texture_px": 512}, ASKER)
    assert [choice.degraded for choice in order.cheaper] == [
        {"texture_px": (512, 256)},
        {"texture_px": (512, 128)},
    ]
    for choice in order.cheaper:
        params = {"prompt": "chair", "seed": 5, "texture_px": choice.arguments["texture_px"]}
        direct = kind.check(params, ASKER)
        assert replace(choice, degraded={}) == replace(direct, cheaper=())


def test_fewer_faces_would_save_nothing_and_are_not_offered(kind: MeshKind) -> None:
    assert kind.check({"prompt": "chair", "max_faces": 5000}, ASKER).cheaper == ()


def test_before_a_thing_is_refused_the_model_that_would_come_second_is_left_out(tmp_path: Path) -> None:
    offer = MeshOffer("m", styles={"parametric": "1"}, refined_by="77", refine_s=20.0)
    kind = kind_of(tmp_path, offer)
    order = kind.check({"prompt": "chair", "seed": 5, "texture_px": 256}, ASKER)
    *_, last = order.cheaper
    assert last.degraded == {"texture_px": (256, 128), "refined": (True, False)}
    direct = kind.check({"prompt": "chair", "seed": 5, "texture_px": 128, "style": "parametric"}, ASKER)
    assert replace(last, degraded={}) == replace(direct, cheaper=())
    assert order.cost_s > 20 > last.cost_s
