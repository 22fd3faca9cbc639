"""Materials that can be looked up anywhere."""

import numpy as np
import numpy.typing as npt
import pytest

from tests.client.pictures.shapes import asset, surface
from vrbridge.client.pictures.surface import Surface

CHECKS = np.zeros((4, 4, 3), np.uint8)
CHECKS[:2, :2] = CHECKS[2:, 2:] = 255


def test_a_texel_is_found_at_its_middle_and_again_one_tile_further() -> None:
    checks = surface_of(CHECKS)
    first = checks.at(np.array([[0.125, 0.125], [0.625, 0.125]], np.float32), np.zeros(2, np.int32))
    assert first[:, 0] == pytest.approx([1, 0])
    again = checks.at(np.array([[3.125, -1.875], [1.625, 2.125]], np.float32), np.zeros(2, np.int32))
    assert again[:, 0] == pytest.approx([1, 0])


def test_values_are_smooth_across_the_edge_of_a_tile() -> None:
    checks = surface_of(CHECKS)
    at_edge = checks.at(np.array([[0.0, 0.125], [1.0, 0.125]], np.float32), np.zeros(2, np.int32))
    assert at_edge[:, 0] == pytest.approx([0.5, 0.5])


def test_small_levels_hold_the_mean() -> None:
    mean = surface_of(CHECKS).at(np.array([[0.3, 0.8]], np.float32), np.array([9], np.int32))
    assert mean[0, :3] == pytest.approx([0.5, 0.5, 0.5])


def test_normals_and_orm_are_decoded_and_missing_maps_are_neutral() -> None:
    values = surface(normal=(255, 128, 128), orm=(128, 64, 255)).at(
        np.zeros((1, 2), np.float32), np.zeros(1, np.int32)
    )[0]
    assert values[3:6] == pytest.approx([1, 0, 0], abs=0.01)
    assert values[6:] == pytest.approx([128 / 255, 64 / 255, 1])
    bare = surface_of(CHECKS).at(np.zeros((1, 2), np.float32), np.zeros(1, np.int32))[0]
    assert bare[3:].tolist() == pytest.approx([0, 0, 1, 1, 0.8, 0])


def test_a_material_without_maps_is_an_error() -> None:
    with pytest.raises(ValueError, match="no maps"):
        Surface.of({})


def surface_of(pixels: npt.NDArray[np.uint8]) -> Surface:
    return Surface.of({"base_color": asset("base_color", pixels)})
