"""Photographs become tiles, and tiles stay as they are."""

import numpy as np
import numpy.typing as npt
import pytest
from scipy.ndimage import gaussian_filter

from vrbridge.generators.texture.seamless import MAX_OVERLAP, make_seamless, tiles_already

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
    for was, now in zip(photograph.shape[:2], tile.shape[:2], strict=True):
        assert 1 - MAX_OVERLAP <= now / was <= 0.9
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
    columns = [part.mean() for part in np.array_split(tile, 4, axis=1)]
    assert np.ptp(columns) < 0.15


def test_the_joint_keeps_its_contrast() -> None:
    tile = make_seamless(gravel(128, 128, wraps=False))
    spread = np.std(tile, axis=(0, 2))
    assert spread.min() > 0.5 * np.median(spread)


def test_a_pattern_closes_at_its_own_period() -> None:
    # Nine and a bit shingles of 14 px: only a width of whole ones lets them go on.
    columns = np.arange(131)
    stripes = 0.2 + 0.6 * (columns % 14 / 14)[None, :, None] + np.zeros((96, 1, 3))
    grain = np.random.default_rng(2).normal(0, 0.02, stripes.shape)
    tile = make_seamless(np.clip(stripes + grain, 0, 1).astype(np.float32))
    assert tile.shape[1] % 14 == 0


def test_light_that_does_not_meet_is_no_tile_even_under_restless_grain() -> None:
    noise = np.random.default_rng(3).uniform(-0.3, 0.3, (128, 128, 3))
    light = np.linspace(0.35, 0.65, 128)[None, :, None]
    assert tiles_already(np.clip(0.5 + noise, 0, 1).astype(np.float32))
    assert not tiles_already(np.clip(light + noise, 0, 1).astype(np.float32))


def test_the_cut_is_no_line() -> None:
    # Steps between neighbours are as large where the strips were joined as elsewhere.
    joined, inside = [], []
    for seed in range(8):
        photograph = gravel(96, 96, wraps=False, seed=seed)
        tile = make_seamless(photograph)
        steps = np.abs(np.diff(tile, axis=1)).mean((0, 2))
        overlap = photograph.shape[1] - tile.shape[1]
        joined.append(steps[: overlap - 1].mean())
        inside.append(steps[overlap:].mean())
    assert np.mean(joined) <= 1.15 * np.mean(inside)


def test_a_change_of_hue_leaves_no_edge() -> None:
    # Evening out the light leaves hues alone: red on one side and blue on the other meet at the cut.
    photograph = gravel(128, 128, wraps=True, seed=3) * np.float32(0.3) + np.float32(0.35)
    ramp = np.linspace(-0.2, 0.2, 128, dtype=np.float32)[None, :]
    photograph[..., 0] += ramp
    photograph[..., 2] -= ramp
    tile = make_seamless(photograph)
    means = (tile[..., 0] - tile[..., 2]).mean(0)
    steps = np.abs(np.diff(np.append(means, means[0])))
    assert steps.max() < 0.03


def test_white_stays_white_where_light_is_evened_out() -> None:
    photograph = gravel(128, 128, wraps=False)
    photograph[40:60, 90:110] = 1
    assert float(make_seamless(photograph).max()) > 0.97


def test_too_small_a_picture_is_refused() -> None:
    with pytest.raises(ValueError, match="16 × 16"):
        make_seamless(np.zeros((8, 64, 3), np.float32))
