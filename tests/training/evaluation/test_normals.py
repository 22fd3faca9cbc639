import numpy as np
import numpy.typing as npt
import pytest

from tests.encoding.samples import bumps
from vrbridge.generators.texture.maps import to_maps
from vrbridge.generators.texture.surface import Surface
from vrbridge.training.evaluation.normals import normal_faults

SIZE = 64
Y, X = np.mgrid[0:SIZE, 0:SIZE] * (2 * np.pi / SIZE)


def normals(right: npt.NDArray[np.float64], up: npt.NDArray[np.float64]) -> npt.NDArray[np.uint8]:
    """Of slopes to the right and upwards."""
    stacked = np.stack([-right, -up, np.ones_like(right)], axis=-1)
    stacked /= np.linalg.norm(stacked, axis=-1, keepdims=True)
    return np.rint(127.5 * (stacked + 1)).astype(np.uint8)


def test_the_normals_of_a_height_have_no_curl() -> None:
    height = (0.02 * np.sin(3 * X + np.cos(2 * Y)) + 0.01 * np.cos(5 * Y)).astype(np.float32)
    flat = np.full_like(height, 0.5)
    maps = to_maps(Surface(height, np.full((SIZE, SIZE, 3), 0.5, np.float32), flat, flat))
    faults = normal_faults([maps.normal])
    assert faults.curl < 0.02
    assert faults.length_error < 0.004


def test_slopes_that_turn_in_a_circle_are_nobodys() -> None:
    assert normal_faults([normals(np.cos(Y), np.cos(X))]).curl > 0.9


def test_half_of_the_energy_is_half_of_the_square() -> None:
    # Of equal strength: cos(2x) across is the slope of a sine, cos(2y) across is that of nothing.
    assert normal_faults([normals(0.1 * (np.cos(2 * X) + np.cos(2 * Y)), 0 * X)]).curl == pytest.approx(
        0.5**0.5, abs=0.03
    )


def test_a_tile_that_is_higher_on_one_side_does_not_meet_itself() -> None:
    assert normal_faults([normals(np.full_like(X, 0.3), 0 * X)]).curl == pytest.approx(1.0, abs=0.01)


def test_green_that_points_down_is_found() -> None:
    height = (0.02 * np.sin(3 * X + 2 * Y)).astype(np.float32)
    flat = np.full_like(height, 0.5)
    right_way = to_maps(Surface(height, np.full((SIZE, SIZE, 3), 0.5, np.float32), flat, flat)).normal
    wrong_way = right_way.copy()
    wrong_way[..., 1] = 255 - wrong_way[..., 1]
    assert normal_faults([wrong_way]).curl > 0.5 > 10 * normal_faults([right_way]).curl


def test_normals_that_are_no_directions_are_found() -> None:
    good = bumps()
    assert normal_faults([good]).length_error < 0.005
    assert normal_faults([(good.astype(float) * 0.8).astype(np.uint8)]).length_error > 0.1


def test_no_maps_have_no_faults() -> None:
    with pytest.raises(ValueError, match="maps"):
        normal_faults([])
