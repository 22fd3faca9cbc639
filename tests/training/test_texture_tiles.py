"""Tiles from pictures as games ship them."""

import io

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from tests.training.pictures import noise, packed, png_that_claims
from tests.training.sources import dds, source
from vrbridge.errors import DataError
from vrbridge.training.texture_tiles import look, make_tiles, squared


def unit_normals(seed: int) -> npt.NDArray[np.float64]:
    y, x = np.mgrid[0:64, 0:64] / 64 * 2 * np.pi
    slopes = np.dstack([np.sin(x + seed), 0.5 + 0.4 * np.cos(y + seed), np.full_like(x, 2)])
    unit: npt.NDArray[np.float64] = slopes / np.linalg.norm(slopes, axis=2, keepdims=True)
    return unit


def encoded(vectors: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    return np.round(vectors * 127.5 + 127.5).astype(np.uint8)


@pytest.mark.parametrize("kind", ["png", "tga", "dds"])
def test_every_format_of_the_packages_is_read(kind: str) -> None:
    color = noise(1)
    made = make_tiles(source({"color": color}), {"color": packed(color, kind)}, 64)
    assert (made.tiles["color"] == color).all()
    assert made.source_size == (64, 64)


def test_jpeg_is_read_too() -> None:
    color = noise(1)
    made = make_tiles(source({"color": color}), {"color": packed(color, "jpeg")}, 64)
    assert np.abs(made.tiles["color"].astype(int) - color).mean() < 5


def test_pictures_stored_upside_down_are_turned() -> None:
    color = noise(2)
    line = source({"color": color}, path="public.zip!ground.dds.cached.dds")
    assert (make_tiles(line, {"color": dds(color[::-1])}, 64).tiles["color"] == color).all()


def test_green_points_up_whatever_the_map_says() -> None:
    up = unit_normals(3)
    tiles = {"color": noise(3), "normal": encoded(up)}
    files = {"color": packed(noise(3), "png")}
    for is_down in (False, True):
        shipped = encoded(up * (1, -1, 1)) if is_down else encoded(up)
        line = source(tiles, normal="a_n.png", is_normal_y_down=is_down)
        made = make_tiles(line, files | {"normal": packed(shipped, "png")}, 64).tiles["normal"]
        assert np.abs(made.astype(int) - encoded(up)).max() <= 1


def test_normals_are_unit_length_after_resizing() -> None:
    shipped = encoded(np.random.default_rng(4).normal((0, 0, 2), 1, (256, 256, 3)))
    color = noise(4, 256, 256)
    small = np.asarray(Image.fromarray(shipped).resize((64, 64), Image.Resampling.LANCZOS), float) / 127.5 - 1
    small /= np.linalg.norm(small, axis=2, keepdims=True)
    tiles = {"color": np.asarray(Image.fromarray(color).resize((64, 64))), "normal": encoded(small)}
    files = {"color": packed(color, "png"), "normal": packed(shipped, "png")}
    made = make_tiles(source(tiles, normal="n.png"), files, 64).tiles["normal"]
    assert np.linalg.norm(made / 127.5 - 1, axis=2) == pytest.approx(1, abs=0.02)


def test_maps_with_a_palette_are_repeated_in_their_colours() -> None:
    flat = np.full((64, 128, 3), (128, 128, 255), np.uint8)
    file = io.BytesIO()
    Image.fromarray(flat).quantize(4).save(file, "PNG", transparency=b"\x87")
    whole = np.concatenate([flat, flat])
    line = source({"color": whole, "normal": whole}, normal="n.png", is_repeated=True)
    made = make_tiles(line, {"color": packed(whole, "png"), "normal": file.getvalue()}, 128)
    assert np.abs(made.tiles["normal"].astype(int) - whole).max() <= 1


def test_gloss_and_height_are_gray() -> None:
    gloss, height = noise(5)[..., 0], noise(6)[..., 0]
    line = source({"color": noise(5), "gloss": gloss, "height": height}, gloss="s.png", height="h.png")
    files = {"color": packed(noise(5), "png"), "gloss": packed(gloss, "png"), "height": packed(height, "png")}
    tiles = make_tiles(line, files, 64).tiles
    assert (tiles["gloss"] == gloss).all()
    assert (tiles["height"] == height).all()


def test_a_height_can_lie_in_the_normal_map_s_transparency() -> None:
    normal, height = encoded(unit_normals(7)), noise(7)[..., 0]
    line = source(
        {"color": noise(7), "normal": normal, "height": height}, normal="n.dds", height="normal alpha"
    )
    files = {"color": packed(noise(7), "png"), "normal": dds(np.dstack([normal, height]))}
    assert (make_tiles(line, files, 64).tiles["height"] == height).all()


def test_sheets_of_two_to_one_are_repeated_or_cropped() -> None:
    wide = noise(8, 64, 128)
    tall = wide.swapaxes(0, 1)
    assert (
        np.asarray(squared(Image.fromarray(wide), is_repeated=True)) == np.concatenate([wide, wide])
    ).all()
    assert (
        np.asarray(squared(Image.fromarray(tall), is_repeated=True)) == np.concatenate([tall, tall], 1)
    ).all()
    assert (np.asarray(squared(Image.fromarray(wide), is_repeated=False)) == wide[:, 32:96]).all()
    assert (np.asarray(squared(Image.fromarray(tall), is_repeated=False)) == tall[32:96]).all()


def test_what_is_nearly_square_is_stretched_and_other_shapes_are_cropped() -> None:
    assert squared(Image.fromarray(noise(9, 100, 104)), is_repeated=False).size == (104, 104)
    assert squared(Image.fromarray(noise(9, 100, 150)), is_repeated=True).size == (100, 100)


def test_what_looks_other_than_expected_is_refused() -> None:
    color, gloss = noise(10), noise(11)[..., 0]
    line = source({"color": color, "gloss": gloss}, gloss="s.png")
    right = {"color": packed(color, "png"), "gloss": packed(gloss, "png")}
    make_tiles(line, right, 64)
    with pytest.raises(DataError, match=r"00001, a\.png: its color differs by \d+"):
        make_tiles(line, right | {"color": packed(color[::-1], "png")}, 64)
    with pytest.raises(DataError, match=r"00001, a\.png: its gloss differs by \d+"):
        make_tiles(line, right | {"gloss": packed(255 - gloss, "png")}, 64)


@pytest.mark.parametrize("content", [b"", b"no picture", png_that_claims(20_000, 20_000)])
def test_a_file_that_is_no_picture_is_named(content: bytes) -> None:
    line = source({"color": noise(12)}, gloss="a_gloss.png")
    with pytest.raises(DataError, match=r"^a_gloss\.png of a\.png: "):
        make_tiles(line, {"color": packed(noise(12), "png"), "gloss": content}, 64)


def test_a_look_is_the_mean_of_parts() -> None:
    halves = np.zeros((64, 64), np.uint8)
    halves[:, 32:] = 200
    assert look("gloss", halves) == "AMgAyA=="
