"""A painted thing is cut out of its background, and of nothing else."""

import io

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from vrbridge.generators.mesh.reference_image import cut_out, mean_color, png


def painted(background: float = 0.97) -> npt.NDArray[np.float32]:
    """Return a red frame, with a window and a label of the background's colour inside."""
    random = np.random.default_rng(1)
    color = np.full((64, 64, 3), background, np.float32)
    color += random.normal(0, 0.01, color.shape).astype(np.float32)
    color[16:48, 20:44] = (0.8, 0.1, 0.1)
    color[28:36, 28:36] = background
    return color.clip(0, 1)


@pytest.mark.parametrize("background", [0.97, 0.5])
def test_the_background_goes_and_what_is_inside_stays(background: float) -> None:
    pixels = cut_out(painted(background))
    expected = np.zeros((64, 64), bool)
    expected[16:48, 20:44] = True
    assert np.array_equal(pixels[..., 3] == 255, expected)
    assert (pixels[~expected] == (255, 255, 255, 0)).all()
    assert (pixels[20, 24] == (204, 26, 26, 255)).all()
    assert (pixels[30, 30, :3] < 255).all()


@pytest.mark.parametrize("color", [np.full((32, 32, 3), 0.9), np.random.default_rng(2).random((32, 32, 3))])
def test_what_has_no_background_is_left_whole(color: npt.NDArray[np.float64]) -> None:
    assert (cut_out(color)[..., 3] == 255).all()


def test_the_mean_is_that_of_the_thing() -> None:
    pixels = np.full((2, 2, 4), (255, 255, 255, 0), np.uint8)
    pixels[0, 0] = (10, 20, 30, 255)
    pixels[0, 1] = (20, 40, 60, 255)
    assert mean_color(pixels).tolist() == [15, 30, 45]


def test_the_file_is_read_as_it_was() -> None:
    pixels = cut_out(painted())
    with Image.open(io.BytesIO(png(pixels))) as image:
        assert image.format == "PNG"
        assert np.array_equal(np.asarray(image), pixels)
