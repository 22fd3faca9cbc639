"""Material requests are checked before they cost anything."""

from pathlib import Path
from typing import Any

import pytest

from tests.jobs.fakes import DirectDisk, FakeWorkers
from vrbridge.errors import InvalidParams, Overloaded, TooLarge
from vrbridge.jobs.asset_keeper import AssetKeeper
from vrbridge.jobs.generated import GeneratedAssets
from vrbridge.jobs.kind import Asker, Estimate
from vrbridge.jobs.material import MaterialKind
from vrbridge.memory.asset_store import AssetStore
from vrbridge.memory.result_cache import ResultCache
from vrbridge.protocol.params import MAX_IMAGE_BYTES

ASKER = Asker("s1", "ann", 7, texture_formats=("bc1", "bc5"))
IMAGE = b"\x89PNG"


@pytest.fixture
def workers() -> FakeWorkers:
    return FakeWorkers()


@pytest.fixture
def kind(tmp_path: Path, workers: FakeWorkers) -> MaterialKind:
    store = AssetStore(tmp_path / "assets", max_bytes=1000)
    keeper = AssetKeeper(store, ResultCache(tmp_path / "results", store), DirectDisk())
    assets = GeneratedAssets("material", model="m", device="cpu", workers=workers, keeper=keeper)
    return MaterialKind(assets, model="m", weights="12ab", max_size_px=1024)


def test_defaults_are_those_of_the_protocol(kind: MaterialKind) -> None:
    assert kind.check({"image": IMAGE}, ASKER).arguments == {
        "image": IMAGE,
        "size_px": 512,
        "maps": ["base_color", "normal", "orm"],
        "formats": ["bc1", "bc5"],
        "metres_per_tile": None,
        "weights": "12ab",
    }


def test_the_same_picture_can_have_been_sent_to_another_server(kind: MaterialKind) -> None:
    order = kind.check({"image": IMAGE}, ASKER)
    assert all(o.is_repeatable for o in (order, *order.cheaper))


def test_clients_are_told_what_is_taken(kind: MaterialKind, workers: FakeWorkers) -> None:
    offered = kind.capability()
    assert offered is not None
    assert offered["max_image_bytes"] == 921_600
    assert offered["image_formats"] == ["jpeg", "png", "webp"]
    workers.is_ready = False
    assert kind.capability() is None


@pytest.mark.parametrize(
    ("params", "field"),
    [
        ({}, "params.image"),
        ({"image": "photo.jpg"}, "params.image"),
        ({"image": "aW1hZ2U="}, "params.image"),
        ({"image": b""}, "params.image"),
        ({"image": None}, "params.image"),
        ({"image": IMAGE, "size_px": 500}, "params.size_px"),
        ({"image": IMAGE, "size_px": 32}, "params.size_px"),
        ({"image": IMAGE, "maps": ["colour"]}, "params.maps"),
        ({"image": IMAGE, "metres_per_tile": 0}, "params.metres_per_tile"),
        ({"image": IMAGE, "metres_per_tile": float("nan")}, "params.metres_per_tile"),
        ({"image": IMAGE, "format": "tga"}, "params.format"),
    ],
)
def test_bad_parameters_name_their_field(kind: MaterialKind, params: dict[str, Any], field: str) -> None:
    with pytest.raises(InvalidParams) as caught:
        kind.check(params, ASKER)
    assert caught.value.field is not None
    assert caught.value.field.startswith(field)


def test_too_large_files_and_materials_are_refused(kind: MaterialKind) -> None:
    kind.check({"image": bytes(MAX_IMAGE_BYTES)}, ASKER)
    with pytest.raises(TooLarge, match="921,601 bytes") as caught:
        kind.check({"image": bytes(MAX_IMAGE_BYTES + 1)}, ASKER)
    assert caught.value.field == "params.image"
    with pytest.raises(TooLarge, match="1024"):
        kind.check({"image": IMAGE, "size_px": 2048}, ASKER)
    with pytest.raises(TooLarge, match="256"):
        kind.check({"image": IMAGE}, Asker("s", "p", 1, max_texture_px=256))


def test_admission_is_the_backlogs(kind: MaterialKind, workers: FakeWorkers) -> None:
    order = kind.check({"image": IMAGE}, ASKER)
    assert kind.admit(order, ASKER) == Estimate(0, order.cost_s)
    workers.refuses = Overloaded("Later.", retry_after_s=1)
    with pytest.raises(Overloaded):
        kind.admit(order, ASKER)


def test_bigger_costs_more(kind: MaterialKind) -> None:
    small, large = (kind.check({"image": IMAGE, "size_px": px}, ASKER).cost_s for px in (64, 1024))
    assert small < large
