"""Pictures of unknown origin."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.training.pictures import noise, packed, png_that_claims, write
from vrbridge.encoding.photo import centre_square, rgb
from vrbridge.errors import DataError
from vrbridge.training.pictures import (
    color_tile,
    encode_normals,
    gray_tile,
    normal_tile,
    open_damaged_picture,
    open_picture,
)


def test_a_picture_of_the_right_size_is_taken_as_it_is(tmp_path: Path) -> None:
    values = noise(1)
    assert (color_tile(open_picture(write(tmp_path / "a.png", values), "a.png"), 64) == values).all()


def test_the_middle_of_a_wide_picture_is_taken() -> None:
    values = noise(2, 64, 100)
    assert (np.asarray(centre_square(Image.fromarray(values))) == values[:, 18:82]).all()
    assert (
        np.asarray(centre_square(Image.fromarray(values.swapaxes(0, 1)))) == values.swapaxes(0, 1)[18:82]
    ).all()


def test_gray_transparent_and_deep_pictures_become_three_channels() -> None:
    gray = noise(3)[..., 0]
    deep = Image.fromarray(gray.astype(np.uint16) * 257)
    assert (np.asarray(rgb(Image.fromarray(gray))) == gray[..., None]).all()
    assert (np.asarray(rgb(deep)) == gray[..., None]).all()
    assert (gray_tile(deep, 64) == gray).all()
    clear = np.dstack([noise(3), np.zeros_like(gray)])
    assert (color_tile(Image.fromarray(clear), 64) == noise(3)).all()


@pytest.mark.filterwarnings("error")
def test_a_palette_with_transparency_is_read_in_silence() -> None:
    colored = Image.fromarray(noise(3)).quantize(16)
    file = io.BytesIO()
    colored.save(file, "PNG", transparency=bytes(range(0, 160, 10)))
    opened = open_picture(io.BytesIO(file.getvalue()), "a.png")
    assert (np.asarray(rgb(opened)) == np.asarray(colored.convert("RGB"))).all()


def test_a_turned_photo_stands_upright(tmp_path: Path) -> None:
    values = noise(4, 64, 96)
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(values).save(tmp_path / "a.png", exif=exif)
    assert open_picture(tmp_path / "a.png", "a.png").size == (64, 96)


def test_normals_stay_unit_length_when_made_smaller() -> None:
    random = np.random.default_rng(5)
    vectors = random.normal(size=(256, 256, 3)).astype(np.float32) + np.array([0, 0, 2], np.float32)
    tile = normal_tile(Image.fromarray(encode_normals(vectors)), 64)
    lengths = np.linalg.norm(tile / 127.5 - 1, axis=2)
    assert lengths == pytest.approx(1, abs=0.02)


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "no picture"),
        (b"not a picture at all", "no picture"),
        (packed(noise(6), "png")[:300], "damaged"),
        (packed(noise(6), "png")[:20], "no picture"),
        (packed(noise(6, 32, 200), "png"), "200 × 32 pixels are too few; each side needs 64"),
        (png_that_claims(30_000, 30_000), "more than 67,108,864 pixels"),
        (png_that_claims(10_000, 10_000), "10000 × 10000 pixels are more than 67,108,864"),
        (png_that_claims(9_000, 9_000), "9000 × 9000 pixels are more than 67,108,864"),
    ],
)
def test_what_can_t_be_used_is_named(content: bytes, reason: str) -> None:
    with pytest.raises(DataError, match=r"walls/old\.png") as raised:
        open_picture(io.BytesIO(content), "walls/old.png")
    assert reason in str(raised.value)


def test_a_picture_without_its_end_can_be_asked_for() -> None:
    whole = packed(noise(7, 128, 128), "jpeg")
    opened = open_damaged_picture(io.BytesIO(whole[: len(whole) // 2]), "half.jpg")
    assert opened.size == (128, 128)
    assert np.abs(np.asarray(opened)[:32].astype(int) - noise(7, 128, 128)[:32]).mean() < 6
    with pytest.raises(DataError, match=r"half\.jpg"):
        open_picture(io.BytesIO(whole[: len(whole) // 2]), "half.jpg")
    with pytest.raises(DataError, match=r"bomb\.png"):
        open_damaged_picture(io.BytesIO(png_that_claims(30_000, 30_000)), "bomb.png")
