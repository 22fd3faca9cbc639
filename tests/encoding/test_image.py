"""Pictures as Pillow reads them."""

import io
from collections.abc import Callable

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.encoding.samples import Pixels, bumps, psnr_db, tile
from vrbridge.encoding.image import jpeg, png, webp
from vrbridge.interruption import Interrupted, watch

GREY = tile(32, 24, channels=1)[..., 0]
RGBA = tile(32, 24, channels=4)


def opened(data: bytes) -> Image.Image:
    picture = Image.open(io.BytesIO(data))
    picture.load()
    return picture


def pixels_of(data: bytes) -> Pixels:
    return np.asarray(opened(data))


@pytest.mark.parametrize("picture", [tile(32, 24), RGBA, GREY], ids=["rgb", "rgba", "grey"])
def test_a_png_is_exact(picture: Pixels) -> None:
    data = png(picture)
    assert opened(data).format == "PNG"
    assert np.array_equal(pixels_of(data), picture)


def test_a_png_keeps_16_bits() -> None:
    deep = np.arange(24 * 32, dtype=np.uint16).reshape(24, 32) * 85
    data = png(deep)
    assert opened(data).mode == "I;16"
    assert np.array_equal(pixels_of(data), deep)


def test_a_png_says_only_what_a_picture_is() -> None:
    assert opened(png(tile())).info == {}


@pytest.mark.parametrize("picture", [tile(64, 48), GREY], ids=["rgb", "grey"])
def test_a_jpeg_is_near(picture: Pixels) -> None:
    data = jpeg(picture)
    assert opened(data).format == "JPEG"
    assert pixels_of(data).shape == picture.shape
    assert psnr_db(pixels_of(data), picture) >= 38


def test_full_chroma_keeps_what_is_not_colour() -> None:
    normal = bumps(64, 64, steepness=2)
    full, halved = (psnr_db(pixels_of(jpeg(normal, full_chroma=whole)), normal) for whole in (True, False))
    assert full > halved
    assert full >= 38


def test_a_lower_quality_is_smaller() -> None:
    assert len(jpeg(tile(), quality=30)) < len(jpeg(tile(), quality=95))
    assert len(webp(tile(), quality=30)) < len(webp(tile(), quality=95))


@pytest.mark.parametrize("picture", [tile(32, 24), RGBA], ids=["rgb", "rgba"])
def test_a_lossless_webp_is_exact(picture: Pixels) -> None:
    data = webp(picture, quality=None)
    assert opened(data).format == "WEBP"
    assert np.array_equal(pixels_of(data), picture)


def test_invisible_pixels_keep_their_colour() -> None:
    hidden = np.dstack([tile(16, 16), np.zeros((16, 16), np.uint8)])
    assert np.array_equal(pixels_of(webp(hidden, quality=None)), hidden)


def test_a_lossy_webp_is_near() -> None:
    assert psnr_db(pixels_of(webp(tile(64, 48))), tile(64, 48)) >= 36


@pytest.mark.parametrize("write", [png, jpeg, webp])
def test_the_same_pixels_give_the_same_file(write: Callable[..., bytes]) -> None:
    assert write(tile()) == write(tile())


@pytest.mark.parametrize("write", [png, jpeg, webp])
@pytest.mark.parametrize(
    "picture",
    [
        np.zeros((4, 4, 3), np.float32),
        np.zeros((4, 4, 2), np.uint8),
        np.zeros((0, 4, 3), np.uint8),
        np.zeros((4, 4, 3), np.uint16),
        np.zeros(4, np.uint8),
        np.zeros((1, 4, 4, 3), np.uint8),
    ],
)
def test_what_is_no_picture_is_refused(write: Callable[..., bytes], picture: Pixels) -> None:
    with pytest.raises(ValueError, match="Can't write"):
        write(picture)


@pytest.mark.parametrize("write", [jpeg, webp])
def test_only_png_takes_16_bits(write: Callable[..., bytes]) -> None:
    deep: NDArray[np.uint16] = np.zeros((4, 4), np.uint16)
    with pytest.raises(ValueError, match="Can't write"):
        write(deep)


def test_jpeg_has_no_alpha() -> None:
    with pytest.raises(ValueError, match="Can't write"):
        jpeg(RGBA)


def test_a_large_png_looks_between_its_pieces() -> None:
    pixels = np.random.default_rng(0).integers(0, 256, (512, 512, 3), np.uint8)
    n_steps = 0

    def is_unwanted() -> bool:
        nonlocal n_steps
        n_steps += 1
        return n_steps == 6

    watch(is_unwanted)
    try:
        with pytest.raises(Interrupted):
            png(pixels)
    finally:
        watch(None)
