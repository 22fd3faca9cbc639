"""Photographs become tiles, and tiles stay as they are."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy.ndimage import gaussian_filter

from vrbridge.generators.texture.seamless import make_seamless, tiles_already

Color = npt.NDArray[np.float32]


def gravel(height: int, width: int, *, wraps: bool, seed: int = 5) -> Color:
    """Return blurred noise, lit from the left unless it wraps."""
    noise = np.random.default_rng(seed).normal(size=(height, width, 3))
    grain = gaussian_filter(noise, (2, 2, 0), mode="wrap" if wraps else "reflect")
    light = 1.0 if wraps else np.linspace(0.6, 1.4, width)[None, :, None]
    return np.clip((0.5 + 0.8 * grain) * light, 0, 1).astype(np.float32)


def edge_ratio(color: Color) -> float:
    """Return the mean step across the wrapped edge over the mean step inside, of the worse direction."""
    ratios = []
    for axis in (0, 1):
        inside = float(np.abs(np.diff(color, axis=axis)).mean())
        across = float(np.abs(np.take(color, 0, axis) - np.take(color, -1, axis)).mean())
        ratios.append(across / max(inside, 1e-6))
    return max(ratios)


def test_a_tile_stays_as_it_is() -> None:
    tile = gravel(96, 96, wraps=True)
    assert tiles_already(tile)
    assert make_seamless(tile) is tile


@pytest.mark.parametrize(("height", "width"), [(128, 128), (96, 160), (101, 67)])
def test_a_photograph_becomes_a_tile(height: int, width: int) -> None:
    photograph = gravel(height, width, wraps=False)
    assert edge_ratio(photograph) > 2
    tile = make_seamless(photograph)
    assert tile.shape == photograph.shape
    assert tile.dtype == np.float32
    assert 0 <= tile.min() <= tile.max() <= 1
    assert tiles_already(tile)


def test_borders_are_lines_like_all_others() -> None:
    # One line differs from the next by chance, so that many pictures and both directions are pooled.
    border, inside = [], []
    for seed in range(8):
        tile = make_seamless(gravel(96, 96, wraps=False, seed=seed))
        for axis in (0, 1):
            border.append(np.abs(np.take(tile, 0, axis) - np.take(tile, -1, axis)).mean())
            inside.append(np.abs(np.diff(tile, axis=axis)).mean())
    assert np.mean(border) <= 1.1 * np.mean(inside)


def test_light_is_evened_out() -> None:
    tile = make_seamless(gravel(128, 128, wraps=False))
    columns = tile.mean(axis=(0, 2)).reshape(4, 32).mean(axis=1)
    assert np.ptp(columns) < 0.15


def test_the_joint_keeps_its_contrast() -> None:
    tile = make_seamless(gravel(128, 128, wraps=False))
    spread = np.std(tile, axis=(0, 2))
    assert spread.min() > 0.5 * np.median(spread)


def test_too_small_a_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="8 × 8"):
        make_seamless(np.zeros((4, 64, 3), np.float32))
