"""Pictures of any size become seamless squares."""

import numpy as np
import numpy.typing as npt
import pytest

from vrbridge.generators.texture.pictures import Picture, square_tile, wrapped_resize
from vrbridge.generators.texture.seamless import make_seamless, tiles_already

Color = npt.NDArray[np.float32]


def waves(height: int, width: int, *, cycles: float = 3.0) -> Color:
    """Return smooth bands; they tile if there are whole cycles."""
    y, x = np.mgrid[:height, :width].astype(np.float32)
    phase = 2 * np.pi * cycles * (y / height + x / width)
    return np.stack([0.5 + 0.4 * np.sin(phase + shift) for shift in (0, 1, 2)], 2).astype(np.float32)


def never(color: Color) -> Color:
    raise AssertionError("It tiles already.")


@pytest.mark.parametrize(("old", "new"), [(96, 64), (64, 256), (512, 64), (64, 64)])
def test_resizing_wraps_around(old: int, new: int) -> None:
    resized = wrapped_resize(waves(old, old), new)
    assert resized.shape == (new, new, 3)
    assert resized.dtype == np.float32
    assert tiles_already(resized)
    # Rolling by half before is rolling by half after.
    rolled = wrapped_resize(np.roll(waves(old, old), (old // 2, old // 2), (0, 1)), new)
    assert np.abs(np.roll(resized, (new // 2, new // 2), (0, 1)) - rolled).max() < 1e-5


def test_a_picture_that_tiles_is_scaled_as_a_whole() -> None:
    tile = square_tile(Picture(waves(64, 128), is_seamless=True), 128, make_seamless=never)
    assert tile.shape == (128, 128, 3)
    assert tiles_already(tile)
    assert np.abs(tile - waves(128, 128)).max() < 0.05


def test_a_picture_with_a_seam_comes_out_without() -> None:
    torn = Picture(waves(96, 96, cycles=2.5), is_seamless=False)
    assert not tiles_already(torn.color)
    assert tiles_already(square_tile(torn, 64, make_seamless=make_seamless))


def test_values_out_of_range_are_cut() -> None:
    tile = square_tile(Picture(waves(64, 64) * 3 - 1, is_seamless=True), 32, make_seamless=never)
    assert 0 <= tile.min() <= tile.max() <= 1


def test_a_picture_that_does_not_tile_is_cut_to_its_middle_and_blended() -> None:
    seen = []

    def blend(color: Color) -> Color:
        seen.append(color)
        return color * 0.5

    wide = np.zeros((64, 100, 3), np.float32)
    wide[:, 18:82] = 0.8
    tile = square_tile(Picture(wide, is_seamless=False), 32, make_seamless=blend)
    assert [color.shape for color in seen] == [(64, 64, 3)]
    assert np.abs(tile - 0.4).max() < 1e-6
