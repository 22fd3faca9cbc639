"""Triangles to pixels."""

import numpy as np
import pytest

from tests.client.pictures.shapes import square
from vrbridge.rendering.camera import look_at, orthographic, perspective
from vrbridge.rendering.raster import rasterize

EYE = np.array([0, 0.5, 2], np.float32)
CENTER = np.array([0, 0.5, 0], np.float32)


def test_a_square_covers_exactly_the_pixels_of_its_projection() -> None:
    part = square()
    camera = orthographic(1.0, 0.0, 4.0) @ look_at(EYE, CENTER)
    seen = rasterize(part.positions, part.faces, camera, 64, cull=True)
    covered = np.zeros((64, 64), bool)
    covered[seen.rows, seen.columns] = True
    expected = np.zeros((64, 64), bool)
    expected[16:48, 16:48] = True
    assert np.array_equal(covered, expected)
    assert np.isfinite(seen.depth).sum() == 32 * 32


def test_weights_interpolate_in_space_and_not_across_the_picture() -> None:
    # A floor that runs away from the camera: half of its length lies far above the picture's half.
    floor = np.array([[-1, 0, 0], [1, 0, 0], [1, 0, -8], [-1, 0, -8]], np.float32)
    faces = np.array([[0, 1, 2], [0, 2, 3]], np.uint32)
    eye = np.array([0, 1, 3], np.float32)
    camera = perspective(1.2, 0.1, 50) @ look_at(eye, np.array([0, 0, -2], np.float32))
    seen = rasterize(floor, faces, camera, 200, cull=True)
    points = (floor[faces[seen.faces]] * seen.weights[..., None]).sum(axis=1)
    clip = np.column_stack([points, np.ones(len(points))]) @ camera.T
    x = (clip[:, 0] / clip[:, 3] + 1) * 100
    y = (1 - clip[:, 1] / clip[:, 3]) * 100
    assert len(points) > 1000
    assert np.abs(x - seen.columns - 0.5).max() < 0.01
    assert np.abs(y - seen.rows - 0.5).max() < 0.01


def test_the_nearest_face_is_seen_whatever_the_order() -> None:
    near, far = square(), square()
    positions = np.concatenate([near.positions + np.array([0, 0, 0.5], np.float32), far.positions])
    for order in ([0, 1, 2, 3], [2, 3, 0, 1]):
        faces = np.concatenate([near.faces, far.faces + 4]).astype(np.uint32)[order]
        camera = orthographic(1.0, 0.0, 4.0) @ look_at(EYE, CENTER)
        seen = rasterize(positions, faces, camera, 32, cull=True)
        assert set(np.unique(faces[seen.faces])) <= {0, 1, 2, 3}


@pytest.mark.parametrize(("cull", "n_pixels"), [(True, 0), (False, 256)])
def test_a_face_seen_from_behind_is_left_out_only_if_asked_for(cull: bool, n_pixels: int) -> None:
    part = square()
    camera = orthographic(1.0, 0.0, 4.0) @ look_at(np.array([0, 0.5, -2], np.float32), CENTER)
    assert len(rasterize(part.positions, part.faces, camera, 32, cull=cull).rows) == n_pixels


def test_what_is_beside_the_picture_is_not_drawn() -> None:
    part = square()
    camera = orthographic(1.0, 0.0, 4.0) @ look_at(EYE, CENTER)
    seen = rasterize(part.positions + np.array([9, 0, 0], np.float32), part.faces, camera, 32, cull=True)
    assert len(seen.rows) == 0
