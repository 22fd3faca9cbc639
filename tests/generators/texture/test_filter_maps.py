"""What filters make of a picture is a plausible surface, and wraps around."""

import numpy as np
import numpy.typing as npt
import pytest

from vrbridge.generators.texture.filter_maps import estimate
from vrbridge.generators.texture.maps import to_maps
from vrbridge.generators.texture.picture_finishing import map_reader


def bumps(size: int = 128) -> npt.NDArray[np.float32]:
    """Return a grey picture of round bright bumps on dark ground."""
    y, x = np.mgrid[:size, :size] * (2 * np.pi / size)
    light = 0.5 + 0.3 * np.sin(8 * x) * np.sin(8 * y)
    return np.repeat(light[:, :, None], 3, 2).astype(np.float32)


def test_bright_places_are_high_and_relief_is_moderate() -> None:
    color = bumps()
    surface = estimate(color)
    assert np.corrcoef(surface.height.ravel(), color[..., 0].ravel())[0, 1] > 0.9
    slope = np.abs(np.roll(surface.height, -1, 1) - surface.height).mean() * len(color)
    assert 0.05 < slope < 0.4


def test_a_flat_picture_is_flat() -> None:
    flat = np.full((64, 64, 3), 0.4, np.float32)
    normal = to_maps(estimate(flat)).normal
    assert np.abs(normal.astype(int) - (128, 128, 255)).max() <= 1


def test_light_that_falls_off_is_no_slope() -> None:
    lit = bumps() * (0.7 + 0.3 * np.cos(np.mgrid[:128, :128][1] * 2 * np.pi / 128)[:, :, None])
    height = estimate(lit.astype(np.float32)).height
    columns = height.mean(0)
    assert np.ptp(columns) < 0.35 * np.ptp(height)


def test_a_shifted_picture_has_the_shifted_surface() -> None:
    color = bumps()
    straight, shifted = estimate(color), estimate(np.roll(color, (40, 24), (0, 1)))
    assert shifted.height == pytest.approx(np.roll(straight.height, (40, 24), (0, 1)), abs=1e-5)
    assert shifted.roughness == pytest.approx(np.roll(straight.roughness, (40, 24), (0, 1)), abs=1e-4)


def test_levels_stay_in_range_for_any_picture() -> None:
    noise = np.random.default_rng(0).random((64, 64, 3)).astype(np.float32)
    surface = estimate(noise)
    assert 0 <= surface.roughness.min() <= surface.roughness.max() <= 1
    assert not surface.metallic.any()
    assert (surface.color == noise).all()


def test_a_picture_of_another_shape_is_refused() -> None:
    with pytest.raises(ValueError, match=r"\(S, S, 3\)"):
        estimate(np.zeros((64, 32, 3), np.float32))


def test_it_is_what_finishes_pictures_without_weights() -> None:
    assert map_reader(None).estimate is estimate
