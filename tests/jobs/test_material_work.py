"""A picture file becomes a seamless material, or an error that says what is wrong with it."""

import io
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from tests.encoding.test_photo import packed, png_that_claims
from vrbridge.errors import InvalidParams
from vrbridge.generators.texture.picture_finishing import map_reader
from vrbridge.generators.texture.seamless import MAX_OVERLAP, make_seamless, tiles_already
from vrbridge.jobs.material_work import MaterialWork
from vrbridge.jobs.outputs import ASSET, PROGRESS, RESULT, WorkOutput

ORDER: dict[str, Any] = {
    "size_px": 128,
    "maps": ["base_color", "normal", "orm", "height"],
    "formats": ["png"],
    "metres_per_tile": None,
}


def stones(height: int, width: int, *, seed: int = 1) -> npt.NDArray[np.uint8]:
    """Return light and dark spots, lit from one side."""
    random = np.random.default_rng(seed)
    coarse = Image.fromarray(random.integers(60, 200, (height // 8 + 1, width // 8 + 1, 3), np.uint8))
    grown = np.asarray(coarse.resize((width, height), Image.Resampling.BICUBIC), np.float32)
    lit = grown * np.linspace(0.6, 1.3, width)[None, :, None]
    return np.clip(lit, 0, 255).astype(np.uint8)


def work() -> MaterialWork:
    return MaterialWork(
        map_reader(None), tiles_already=tiles_already, make_seamless=make_seamless, kept_share=1 - MAX_OVERLAP
    )


def run(image: bytes, **changed: Any) -> list[WorkOutput]:
    return list(work()(ORDER | {"image": image} | changed))


def maps_of(outputs: list[WorkOutput]) -> dict[str, npt.NDArray[np.uint8]]:
    return {
        header["role"]: np.asarray(Image.open(io.BytesIO(bytes(data))))
        for name, header, data in outputs
        if name == ASSET
    }


def edge_ratio(pixels: npt.NDArray[np.uint8]) -> float:
    values = pixels.astype(np.float32)
    ratios = []
    for axis in (0, 1):
        inside = np.abs(np.diff(values, axis=axis)).mean()
        across = np.abs(np.take(values, 0, axis) - np.take(values, -1, axis)).mean()
        ratios.append(across / inside)
    return float(max(ratios))


@pytest.mark.parametrize(("height", "width"), [(300, 300), (200, 500), (90, 70)])
def test_a_photograph_becomes_maps_that_tile(height: int, width: int) -> None:
    outputs = run(packed(Image.fromarray(stones(height, width)), "PNG").getvalue())
    maps = maps_of(outputs)
    assert list(maps) == ["preview", "base_color", "normal", "orm", "height"]
    assert maps["base_color"].shape == maps["normal"].shape == (128, 128, 3)
    for role in ("base_color", "normal", "height"):
        # A single line differs from the next by chance.
        assert edge_ratio(maps[role]) < 2, role
    name, header, _ = outputs[-1]
    assert name == RESULT
    assert header["result"] == {
        "origin": "generated", "model": "filter-maps-1", "seed": 0, "metres_per_tile": 1.0, "size_px": 128,
        "was_seamless": False,
    }  # fmt: skip


def test_a_tile_keeps_its_layout() -> None:
    grown = np.tile(stones(64, 64), (2, 2, 1))
    tile = np.asarray(Image.fromarray(grown).resize((512, 512)))[128:384, 128:384]
    both = np.concatenate([tile, tile[:, ::-1]], 1)
    tile = np.concatenate([both, both[::-1]], 0)[::4, ::4]
    outputs = run(packed(Image.fromarray(np.ascontiguousarray(tile)), "PNG").getvalue())
    assert outputs[-1][1]["result"]["was_seamless"]
    # Only the shadow in hollows is added.
    assert np.abs(maps_of(outputs)["base_color"].astype(int) - tile).mean() < 15


def test_facts_go_with_every_map() -> None:
    outputs = run(packed(Image.fromarray(stones(100, 100)), "WEBP").getvalue(), metres_per_tile=2.5)
    metas = [header["meta"] for name, header, _ in outputs if name == ASSET]
    assert {meta["metres_per_tile"] for meta in metas} == {2.5}
    assert {meta["model"] for meta in metas} == {"filter-maps-1"}
    assert {meta["origin"] for meta in metas} == {"generated"}
    assert {meta["seed"] for meta in metas} == {0}


def test_progress_grows() -> None:
    outputs = run(packed(Image.fromarray(stones(100, 100)), "JPEG").getvalue())
    fractions = [header["fraction"] for name, header, _ in outputs if name == PROGRESS]
    assert fractions == sorted(fractions)
    assert len(fractions) >= 3


def test_the_same_picture_gives_the_same_bytes() -> None:
    image = packed(Image.fromarray(stones(150, 150)), "JPEG").getvalue()
    first, again = ([bytes(data) for _, _, data in run(image)] for _ in range(2))
    assert first == again


def test_a_large_picture_is_used_at_the_size_that_is_needed() -> None:
    large = Image.fromarray(stones(400, 400)).resize((2400, 2400))
    maps = maps_of(run(packed(large, "JPEG").getvalue(), size_px=64))
    assert maps["base_color"].shape == (64, 64, 3)


PLAIN = Image.new("RGB", (64, 64), (90, 90, 90))


def test_a_plain_picture_is_a_flat_material() -> None:
    maps = maps_of(run(packed(PLAIN, "PNG").getvalue()))
    assert np.ptp(maps["base_color"]) <= 1
    assert np.abs(maps["normal"].astype(int) - (128, 128, 255)).max() <= 1


@pytest.mark.parametrize(
    ("image", "reason"),
    [
        (b"hello", "no picture"),
        (packed(PLAIN, "PNG").getvalue()[:60], "damaged|can't be read|no picture"),
        (packed(PLAIN, "GIF").getvalue(), "JPEG, PNG, WEBP"),
        (packed(PLAIN, "TIFF").getvalue(), "JPEG, PNG, WEBP"),
        (packed(PLAIN.resize((64, 16)), "PNG").getvalue(), "64 × 16"),
        (packed(Image.new("RGBA", (64, 64)), "PNG").getvalue(), "transparent"),
        (packed(Image.new("1", (9000, 9000)), "PNG").getvalue(), "9000 × 9000"),
        (png_that_claims(60_000, 60_000).getvalue(), "smaller"),
    ],
)
def test_bad_pictures_are_errors_of_the_asker(image: bytes, reason: str) -> None:
    with pytest.raises(InvalidParams, match=reason) as caught:
        run(image)
    assert caught.value.field == "params.image"
    assert caught.value.message.startswith("`image`: ")
