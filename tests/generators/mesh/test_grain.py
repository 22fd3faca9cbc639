import numpy as np
import pytest

from vrbridge.generators.mesh.grain import Floats, wound
from vrbridge.generators.mesh.solids import Solid, box, extrude, lathe, tube


def spans(solid: Solid) -> Floats:
    """How far the texture reaches along and across the grain."""
    assert solid.unrolled is not None
    return np.asarray(np.ptp(solid.unrolled.reshape(-1, 2), axis=0), float)


def test_the_grain_of_a_board_follows_its_length() -> None:
    for size in ((2.0, 0.1, 0.3), (0.1, 2.0, 0.3), (0.1, 0.3, 2.0)):
        board = box(size, 0.01)
        assert board.unrolled is not None
        assert spans(board)[0] == pytest.approx(2.0)
        assert spans(board)[1] == pytest.approx(0.3)


def test_a_turned_board_keeps_its_grain() -> None:
    board = box((0.1, 2.0, 0.1))
    assert board.turned((0.3, 1.0, 0.7)).moved((1, 2, 3)).unrolled is board.unrolled


@pytest.mark.parametrize(
    "solid", [box((1, 2, 0.5)), box((1, 2, 0.5), 0.05), extrude([(0, 0), (1, 0), (0, 3)], 0.2)]
)
def test_flat_sides_are_not_stretched(solid: Solid) -> None:
    assert solid.unrolled is not None
    corners = solid.vertices[solid.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    is_straight = np.abs(normals).max(axis=1) > 0.999
    assert is_straight.sum() >= 4
    in_space = np.linalg.norm(np.roll(corners, -1, 1) - corners, axis=2)[is_straight]
    on_surface = np.linalg.norm(np.roll(solid.unrolled, -1, 1) - solid.unrolled, axis=2)[is_straight]
    assert on_surface == pytest.approx(in_space)


def test_a_cylinder_unrolls_to_its_height_and_girth() -> None:
    solid = lathe([(0.5, 0), (0.5, 3)], 32)
    assert solid.unrolled is not None
    corners = solid.vertices[solid.faces]
    side = np.ptp(corners[:, :, 1], axis=1) > 0
    unrolled = solid.unrolled[side].reshape(-1, 2)
    assert np.ptp(unrolled[:, 0]) == pytest.approx(3)
    assert np.ptp(unrolled[:, 1]) == pytest.approx(2 * np.pi * 0.5, rel=0.05)
    # No face may wrap back over the whole picture.
    assert np.ptp(solid.unrolled[side], axis=1).max() <= 3.001
    assert np.ptp(solid.unrolled[side][:, :, 1], axis=1).max() < 0.11


def test_a_ring_and_a_tube_have_no_face_across_the_seam() -> None:
    ring = lathe([(1, 0), (1.1, 0), (1.1, 0.1), (1, 0.1)], 24, is_ring=True)
    rod = tube([(0, 0, 0), (0, 1, 0), (0.5, 2, 0)], 0.1, 8)
    for solid, most in ((ring, 0.31), (rod, 1.2)):
        assert solid.unrolled is not None
        assert np.ptp(solid.unrolled, axis=1).max() <= most


def test_cyclic_values_stay_together_and_free_ones_take_their_mean() -> None:
    values = np.array([[0.1, 6.2, 6.1], [0.0, 3.0, 3.2]])
    is_free = np.array([[False, False, False], [True, False, False]])
    near = wound(values, is_free, 2 * np.pi)
    assert np.ptp(near[0]) < 0.4
    assert near[1, 0] == pytest.approx(3.1)
