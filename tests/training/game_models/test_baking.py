"""Colours of faces."""

import numpy as np
import pytest
from numpy.typing import NDArray

from tests.training.game_models.samples import MemoryFiles
from tests.training.pictures import packed
from vrbridge.errors import DataError
from vrbridge.training.game_models.baking import Pictures, baked
from vrbridge.training.game_models.parts import Part

TRIANGLE = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], float)
FACE = np.array([[0, 1, 2]])
HALVES = np.zeros((8, 8, 4), np.uint8)
HALVES[:4] = (255, 0, 0, 255)
HALVES[4:] = (0, 0, 255, 128)


def pictures(values: NDArray[np.uint8] = HALVES) -> Pictures:
    return Pictures(MemoryFiles({"a.png": packed(values, "png"), "b.png": b"no picture"}))


def part(v: float, **fields: object) -> Part:
    uv = np.array([[0.1, v], [0.2, v], [0.1, v]])
    return Part(TRIANGLE, FACE, uv, picture="a.png", **fields)  # type: ignore[arg-type]  # of many types


@pytest.mark.parametrize(
    ("v", "is_v_up", "is_red"), [(0.9, True, True), (0.9, False, False), (-0.1, True, True)]
)
def test_v_points_up_or_down_and_pictures_repeat(v: float, is_v_up: bool, is_red: bool) -> None:
    surface = baked([part(v, is_v_up=is_v_up)], pictures())
    assert surface.colors[0] == pytest.approx([1, 0, 0] if is_red else [0, 0, 1])
    assert surface.opacities[0] == pytest.approx(1 if is_red else 128 / 255, abs=1e-6)


def test_transparency_that_means_something_else_is_passed_over() -> None:
    assert baked([part(0.1, is_cut_out=False, opacity=0.5)], pictures()).opacities.tolist() == [0.5]


def test_a_transparent_place_hardly_counts() -> None:
    values = HALVES.copy()
    values[4:, :, 3] = 0
    corners = np.array([[0.1, 0.9], [0.1, 0.1], [0.1, 0.9]])
    color = baked([Part(TRIANGLE, FACE, corners, picture="a.png")], pictures(values)).colors[0]
    assert color[0] > 0.9


def test_parts_are_numbered_and_unseen_ones_left_out() -> None:
    plain = Part(TRIANGLE, FACE, color=(0.1, 2, -1))
    surface = baked([plain, Part(TRIANGLE, FACE, opacity=0.01), Part(TRIANGLE, FACE[:0]), plain], pictures())
    assert surface.parts.tolist() == [0, 3]
    assert surface.faces.tolist() == [[0, 1, 2], [3, 4, 5]]
    assert surface.colors.tolist() == [[0.1, 1, 0]] * 2
    assert len(baked([], pictures()).faces) == 0


def test_large_pictures_are_made_smaller_and_few_are_kept() -> None:
    large = np.zeros((1024, 2048, 3), np.uint8)
    kept = Pictures(
        MemoryFiles({f"{i}.png": packed(HALVES, "png") for i in range(70)} | {"a": packed(large, "png")})
    )
    assert kept["a"].rgba.shape == (256, 512, 4)
    first = kept["0.png"]
    assert kept["0.png"] is first
    for i in range(70):
        assert kept[f"{i}.png"].has_alpha
    assert kept["0.png"] is not first


def test_a_picture_that_can_t_be_read_is_named() -> None:
    with pytest.raises(DataError, match=r"b\.png"):
        pictures()["b.png"]
