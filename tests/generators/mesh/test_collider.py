import numpy as np
import pytest

from tests.fakes import FakeTextEncoder
from vrbridge.generators.mesh.collider import COLLIDER_FACES, collider
from vrbridge.generators.mesh.families import FAMILIES
from vrbridge.generators.mesh.finishing import surfaced
from vrbridge.generators.mesh.parametric import ParametricMeshes
from vrbridge.generators.mesh.prop import Part, Prop, SurfaceMaterial
from vrbridge.generators.mesh.solids import blob, signed_volume

MESHES = ParametricMeshes(FakeTextEncoder())
STONE = SurfaceMaterial("stone", (0.5, 0.5, 0.5, 1.0), 0.0, 0.9, "rough stone")


def points_of(prop: Prop) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    return np.vstack([part.vertices for part in prop.parts]).astype(float)


def assert_sound(hull: Part, inside: np.ndarray[tuple[int, ...], np.dtype[np.float64]]) -> None:
    """Closed, convex, small, wound outwards, around all points, and no larger than their bounds."""
    points, first = np.unique(hull.vertices.astype(float), axis=0, return_inverse=True)
    faces = first.reshape(-1)[hull.faces.astype(np.int64)]
    assert 4 <= len(faces) <= COLLIDER_FACES
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    assert np.array_equal(np.unique(edges, axis=0), np.unique(edges[:, ::-1], axis=0))
    assert len(np.unique(edges, axis=0)) == len(edges)
    assert signed_volume(points, faces) > 0
    a, b, c = points[faces].transpose(1, 0, 2)
    normals = np.cross(b - a, c - a)
    normals /= np.linalg.norm(normals, axis=1, keepdims=True)
    size = float(np.ptp(inside, axis=0).max())
    for cloud in (points, inside):
        outside = np.einsum("vfk,fk->vf", cloud[:, None] - a[None], normals)
        assert outside.max() < 2e-4 * size
    assert points.min(axis=0) == pytest.approx(inside.min(axis=0), abs=1e-4 * size)
    assert points.max(axis=0) == pytest.approx(inside.max(axis=0), abs=1e-4 * size)


@pytest.mark.parametrize("seed", [1, 7])
@pytest.mark.parametrize("family", FAMILIES)
def test_a_collider_is_closed_convex_small_and_around_the_prop(family: str, seed: int) -> None:
    prop = MESHES.build(MESHES.plan(FAMILIES[family].anchors[0], seed=seed))
    assert_sound(collider(prop), points_of(prop))


@pytest.mark.parametrize("seed", range(5))
def test_a_lump_with_a_round_hull_is_held_by_few_planes(seed: int) -> None:
    solid = blob((1, 0.7, 1.3), 3, bumps=0.05, seed=seed)
    prop = Prop((surfaced(STONE, solid.vertices, solid.faces, np.ones(len(solid.vertices))),))
    hull = collider(prop)
    assert_sound(hull, points_of(prop))
    assert signed_volume(hull.vertices.astype(float), hull.faces.astype(np.int64)) < 1.35 * signed_volume(
        solid.vertices, solid.faces
    )


def test_something_flat_gets_a_thin_box() -> None:
    square = np.array([(0, 0, 0), (1, 0, 0), (1, 1, 0), (0, 1, 0)], float)
    prop = Prop((surfaced(STONE, square, np.array([(0, 1, 2), (0, 2, 3)]), np.ones(4)),))
    hull = collider(prop)
    assert len(hull.faces) == 12
    assert np.ptp(hull.vertices, axis=0) == pytest.approx([1, 1, 1e-3])
