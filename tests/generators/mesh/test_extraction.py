"""Surfaces of solids lie where the solids end."""

import numpy as np
import pytest

from tests.generators.mesh.solids_of import ball, brick, noise
from vrbridge.errors import GeneratorFailed
from vrbridge.generators.mesh.extraction import coarse_surface_of, colors_at, surface_of, symmetric
from vrbridge.generators.mesh.simplification import is_watertight
from vrbridge.generators.mesh.volume import SPAN


def test_a_balls_surface_is_a_sphere_around_the_middle_seen_from_outside() -> None:
    surface = surface_of(ball(20))
    radii = np.linalg.norm(surface.vertices, axis=1) * SPAN
    assert radii == pytest.approx(20, abs=0.05)
    a, b, c = (surface.vertices[surface.faces[:, i]] for i in range(3))
    assert (np.einsum("ij,ij->i", np.cross(b - a, c - a), a) > 0).mean() > 0.999
    assert is_watertight(surface)


def test_what_reaches_the_border_of_the_grid_is_closed_there() -> None:
    surface = surface_of(np.full((64, 64, 64), 3.0, np.float32))
    assert is_watertight(surface)
    assert np.ptp(surface.vertices, axis=0) == pytest.approx(64 / SPAN, rel=0.03)


def test_crumbs_go_and_large_parts_stay() -> None:
    two = np.maximum(ball(14, (-15, 0, 0)), ball(10, (18, 0, 0)))
    with_crumb = np.maximum(two, ball(1.6, (0, 25, 0)))
    assert len(surface_of(with_crumb).vertices) == len(surface_of(two).vertices)
    assert surface_of(two).vertices[:, 0].max() * SPAN == pytest.approx(28, abs=0.1)


@pytest.mark.parametrize("seed", range(4))
def test_whatever_comes_the_surface_is_closed(seed: int) -> None:
    assert is_watertight(surface_of(noise(seed)))
    assert is_watertight(coarse_surface_of(noise(seed)))


def test_nothing_and_no_numbers_are_told() -> None:
    with pytest.raises(GeneratorFailed, match="empty"):
        surface_of(np.full((64, 64, 64), -1.0, np.float32))
    broken = ball(10)
    broken[3, 3, 3] = np.nan
    with pytest.raises(GeneratorFailed, match="no proper numbers"):
        surface_of(broken)


def test_a_coarse_surface_lies_where_the_fine_one_does() -> None:
    fine, coarse = surface_of(brick(20, 10, 14)), coarse_surface_of(brick(20, 10, 14))
    assert len(coarse.faces) < len(fine.faces) / 8
    assert coarse.vertices.min(0) == pytest.approx(fine.vertices.min(0), abs=4 / SPAN)
    assert coarse.vertices.max(0) == pytest.approx(fine.vertices.max(0), abs=4 / SPAN)


def test_nearly_symmetric_shapes_become_so_and_others_stay() -> None:
    lopsided = np.maximum(brick(20, 10, 10), ball(3, (20, 10, 0)))
    made = symmetric(lopsided, least_overlap=0.8)
    assert np.array_equal(made, made[::-1])
    alone = ball(8, (15, 0, 0))
    assert symmetric(alone, least_overlap=0.8) is alone


def test_colours_are_those_of_the_place() -> None:
    colors = np.full((3, 32, 32, 32), -1.0, np.float32)
    colors[0, 16:] = 1  # red where x is positive
    found = colors_at(np.array([[0.4, 0, 0], [-0.4, 0, 0]]), colors)
    assert found == pytest.approx(np.array([[1, 0, 0], [0, 0, 0]]), abs=0.01)
