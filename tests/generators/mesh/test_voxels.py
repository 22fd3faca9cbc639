"""Models of any quality become solids."""

import numpy as np
import pytest
import trimesh

from vrbridge.generators.mesh.volume import EDGE, SPAN, from_cells, to_cells
from vrbridge.generators.mesh.voxels import Model, voxelised


def model(mesh: trimesh.Trimesh) -> Model:
    return Model(
        np.asarray(mesh.vertices, np.float32),
        np.asarray(mesh.faces, np.int64),
        np.full((len(mesh.vertices), 3), (200, 100, 50), np.uint8),
    )


def box(*extents: float) -> trimesh.Trimesh:
    mesh: trimesh.Trimesh = trimesh.creation.box(extents).subdivide().subdivide()
    return mesh


def share(mesh: trimesh.Trimesh) -> float:
    """Return the solid share of the cube that the longest side spans."""
    return float(voxelised(model(mesh)).solid.sum() / 255 / SPAN**3)


def test_a_closed_box_is_filled() -> None:
    assert share(box(1, 0.5, 0.5)) == pytest.approx(0.25, rel=0.08)


def test_small_gaps_let_nothing_in() -> None:
    mesh = box(1, 0.5, 0.5)
    gap = mesh.copy()
    gap.vertices[gap.faces[0]] *= 0.995
    assert share(gap) == pytest.approx(share(mesh), rel=0.05)


def test_walls_without_a_floor_are_filled() -> None:
    mesh = box(1, 0.6, 1)
    is_floor = mesh.triangles[:, :, 1].max(1) < -0.29
    mesh.update_faces(~is_floor)
    assert share(mesh) == pytest.approx(0.6, rel=0.08)


def test_a_box_that_is_open_at_the_top_stays_open() -> None:
    mesh = box(1, 0.6, 1)
    is_top = mesh.triangles[:, :, 1].min(1) > 0.29
    mesh.update_faces(~is_top)
    assert share(mesh) < 0.25


def test_sheets_are_thick_enough_to_be_seen() -> None:
    sheet = trimesh.Trimesh(
        [[-0.5, 0, -0.5], [0.5, 0, -0.5], [0.5, 0, 0.5], [-0.5, 0, 0.5]], [[0, 1, 2], [0, 2, 3]]
    )
    solid = voxelised(model(sheet)).solid
    assert (solid.max(1) >= 128)[4:60, 4:60].all()
    assert share(sheet) < 0.05


def test_colours_lie_where_the_surface_is() -> None:
    color = voxelised(model(box(1, 1, 1))).color
    is_surface = color[..., 3] > 0
    assert 0.1 < is_surface.mean() < 0.4
    assert not is_surface[16, 16, 16]
    assert (color[is_surface][:, :3] == (200, 100, 50)).all()
    assert (color[~is_surface] == 0).all()


def test_the_same_model_gives_the_same_cells() -> None:
    first, second = (voxelised(model(box(0.5, 1, 0.3))).solid for _ in range(2))
    assert first.tobytes() == second.tobytes()


def test_cells_and_points_are_each_others_opposite() -> None:
    points = np.random.default_rng(0).uniform(-0.5, 0.5, (20, 3))
    assert from_cells(to_cells(points)) == pytest.approx(points)
    assert to_cells(np.zeros((1, 3))) == pytest.approx(EDGE / 2)
