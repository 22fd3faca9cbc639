"""The measures of shapes know equal from unequal."""

from typing import Any

import numpy as np
import pytest
import trimesh

from vrbridge.training.mesh_evaluation.clouds import Cloud, closeness, cloud_on, distances_between
from vrbridge.training.mesh_evaluation.sets import Likeness, likeness, median_rank, right_kinds


def box(*extents: float, seed: int = 0) -> Cloud:
    mesh = trimesh.creation.box(extents)
    return cloud_on(mesh.vertices, mesh.faces, seed=seed)


def test_points_lie_on_the_surface_in_units_of_the_longest_side() -> None:
    cloud = box(4, 2, 2)
    assert np.abs(cloud).max(0) == pytest.approx((0.5, 0.25, 0.25), abs=1e-3)
    is_on_side = np.isclose(np.abs(cloud), (0.5, 0.25, 0.25), atol=1e-5).any(1)
    assert is_on_side.all()


def test_a_shape_is_close_to_itself_and_far_from_another() -> None:
    same = closeness(box(1, 1, 1), box(1, 1, 1, seed=5))
    other = closeness(box(1, 1, 1), box(1, 0.2, 0.2))
    assert same.chamfer < 0.02
    assert same.f_2 > 0.7
    assert other.chamfer > 5 * same.chamfer
    assert other.f_2 < 0.4
    assert same.f_1 <= same.f_2


def test_distances_are_those_of_the_pairs() -> None:
    shapes = [box(1, 1, 1), box(1, 0.2, 0.2)]
    again = [box(1, 1, 1, seed=3), box(1, 0.2, 0.2, seed=3), box(1, 1, 0.2)]
    distances = distances_between(shapes, again)
    assert distances.shape == (2, 3)
    assert distances[0].argmin() == 0
    assert distances[1].argmin() == 1
    assert distances[0, 1] == pytest.approx(closeness(shapes[0], again[1]).chamfer, rel=0.1)


def blobs(*middles: float, n: int = 20, seed: int = 0) -> Any:
    return np.random.default_rng(seed).normal(0, 0.1, (n, 1)) + np.resize(middles, n)[:, None]


def apart(a: Any, b: Any) -> Any:
    return np.abs(a - b.T).astype(np.float32)


def measured(made: Any, real: Any) -> Likeness:
    return likeness(apart(made, made), apart(made, real), apart(real, real))


def test_a_set_like_the_real_one_can_not_be_told_from_it() -> None:
    alike = measured(blobs(0, 5, n=200, seed=1), blobs(0, 5, n=200, seed=2))
    assert alike.nearest_neighbour == pytest.approx(0.5, abs=0.1)
    assert alike.coverage > 0.45


def test_a_set_elsewhere_is_told_at_once() -> None:
    unlike = measured(blobs(3), blobs(0, 5, seed=2))
    assert unlike.nearest_neighbour == 1
    assert unlike.distance > 1


def test_a_set_of_one_kind_covers_little() -> None:
    collapsed = measured(blobs(0) * 0.01, blobs(0, 5, seed=2))
    assert collapsed.coverage < 0.2


def test_kinds_are_voted_by_the_nearest() -> None:
    distances = np.array([[0.1, 0.2, 0.9], [0.9, 0.8, 0.1]], np.float32)
    assert right_kinds(distances, ["a", "b"], ["a", "a", "b"]) == 1
    assert right_kinds(distances, ["b", "b"], ["a", "a", "b"], n_nearest=1) == 0.5


def test_ranks_are_of_the_shape_that_was_asked_for() -> None:
    between = np.array([[0.1, 0.5, 0.5], [0.3, 0.2, 0.5], [0.1, 0.2, 0.9]], np.float32)
    assert median_rank(between) == 0
    assert median_rank(1 - between) == 1
