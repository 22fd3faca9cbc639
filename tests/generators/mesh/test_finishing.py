import numpy as np
import pytest

from vrbridge.generators.mesh.finishing import Placement, finish, placement, surfaced
from vrbridge.generators.mesh.prop import Prop, SurfaceMaterial
from vrbridge.generators.mesh.sketch import Piece
from vrbridge.generators.mesh.solids import box, lathe

STONE = SurfaceMaterial("stone", (0.5, 0.5, 0.5, 1.0), 0.0, 0.9, "rough stone")


def finished(pieces: list[Piece], materials: dict[str, SurfaceMaterial], size_m: float | None = None) -> Prop:
    return finish(pieces, materials, placement(pieces, size_m=size_m))


CUBE = Piece("body", box((1, 1, 1)).moved((7, 3, -2)), 1.0)


def test_the_pivot_is_the_centre_of_the_floor() -> None:
    vertices = finished([CUBE], {"body": STONE}).parts[0].vertices
    assert vertices.min(axis=0) == pytest.approx([-0.5, 0, -0.5])
    assert vertices.max(axis=0) == pytest.approx([0.5, 1, 0.5])


def test_the_longest_side_is_what_was_asked_for() -> None:
    vertices = finished([CUBE], {"body": STONE}, size_m=3.0).parts[0].vertices
    assert float(np.ptp(vertices, axis=0).max()) == pytest.approx(3)


def test_the_place_of_a_finer_version_is_kept_but_all_stand_on_the_floor() -> None:
    vertices = finish([CUBE], {"body": STONE}, Placement(7.25, -2.0, 2.0)).parts[0].vertices
    assert vertices.min(axis=0) == pytest.approx([-1.5, 0, -1])
    assert vertices.max(axis=0) == pytest.approx([0.5, 2, 1])


def test_the_edges_of_a_cube_stay_sharp() -> None:
    part = finished([CUBE], {"body": STONE}).parts[0]
    assert len(part.vertices) == 24
    assert np.abs(part.normals).max(axis=1) == pytest.approx(np.ones(24))


def test_the_side_of_a_cylinder_is_smooth() -> None:
    solid = lathe([(1, 0), (1, 2)], 24)
    part = surfaced(STONE, solid.vertices, solid.faces, np.ones(len(solid.vertices)))
    side = np.abs(part.normals[:, 1]) < 0.5
    outward = part.vertices[side][:, [0, 2]]
    assert np.abs((part.normals[side][:, [0, 2]] * outward).sum(axis=1)).min() > 0.99


def test_uv_are_metres() -> None:
    part = finished([CUBE], {"body": STONE}, size_m=2.0).parts[0]
    a, b, c = (part.faces[:, i] for i in range(3))
    for start, end in ((a, b), (b, c)):
        in_space = np.linalg.norm(part.vertices[start] - part.vertices[end], axis=1)
        on_surface = np.linalg.norm(part.uv[start] - part.uv[end], axis=1)
        assert on_surface == pytest.approx(in_space, abs=1e-5)


def test_a_corner_is_darker_than_the_open() -> None:
    wall = Piece("body", box((0.2, 2, 2)).moved((-1, 1, 0)), 1.0)
    floor = Piece("body", lathe([(2, 0), (2, 0.05)], 24), 1.0)
    probe = Piece("probe", box((0.1, 0.1, 0.1)).moved((-0.84, 0.1, 0)), 1.0)
    free = Piece("free", box((0.1, 0.1, 0.1)).moved((1.5, 1.5, 0)), 1.0)
    materials = {role: SurfaceMaterial(role, (1, 1, 1, 1), 0, 1, role) for role in ("body", "probe", "free")}
    shades = {
        p.material.name: p.colors[:, 0].mean() for p in finished([wall, floor, probe, free], materials).parts
    }
    assert shades["probe"] < shades["free"] - 20


def test_slivers_are_left_out() -> None:
    vertices = np.array([(0, 0, 0), (1, 0, 0), (0, 1, 0), (2, 0, 0)], float)
    part = surfaced(STONE, vertices, np.array([(0, 1, 2), (0, 1, 3)]), np.ones(4))
    assert len(part.faces) == 1
