"""Fewer faces, never more than asked for, and closed for ever."""

import numpy as np
import pytest
import trimesh

from tests.generators.mesh.solids_of import ball, brick, lattice, noise, ring
from vrbridge.generators.mesh.denoising import denoised
from vrbridge.generators.mesh.extraction import Surface, coarse_surface_of, surface_of
from vrbridge.generators.mesh.simplification import cleaned, is_watertight, prepared, simplified

SOLIDS = {
    "ball": ball(25),
    "brick": brick(25, 6, 14),
    "ring": ring(20, 5),
    "cage": lattice(4),
    "two balls": np.maximum(ball(12, (-15, 0, 0)), ball(12, (15, 0, 0))),
    "noise": noise(1),
    "more noise": noise(2),
}


@pytest.mark.parametrize("n_faces", [12, 50, 80, 400, 1500, 6001])
@pytest.mark.parametrize("name", SOLIDS)
def test_budgets_are_met_and_bodies_stay_closed(name: str, n_faces: int) -> None:
    logits = SOLIDS[name]
    surface = denoised(prepared(surface_of(logits), 7000))
    made = simplified(surface, n_faces, coarser=lambda: coarse_surface_of(logits))
    assert 4 <= len(made.faces) <= n_faces
    assert is_watertight(made)
    seen = trimesh.Trimesh(made.vertices, made.faces, process=True)
    assert seen.is_watertight
    assert seen.area_faces.min() > 0
    assert seen.volume > 0


def test_there_is_no_body_of_less_than_a_box() -> None:
    with pytest.raises(ValueError, match="12 faces"):
        simplified(surface_of(ball(9)), 11)


def test_few_faces_are_enough_for_the_shape() -> None:
    made = simplified(surface_of(brick(25, 6, 14)), 80)
    volume = trimesh.Trimesh(made.vertices, made.faces).volume * 60**3
    assert volume == pytest.approx(50 * 12 * 28, rel=0.05)


def test_where_holes_leave_no_room_a_coarser_body_stands_for_the_shape() -> None:
    logits = lattice(4)
    made = simplified(prepared(surface_of(logits), 7000), 60, coarser=lambda: coarse_surface_of(logits))
    assert np.ptp(made.vertices, axis=0) == pytest.approx(
        np.ptp(surface_of(logits).vertices, axis=0), rel=0.2
    )


def test_the_largest_part_stays_when_there_is_no_room_for_all() -> None:
    parts = [surface_of(ball(20)), *(surface_of(ball(5)) for _ in range(4))]
    starts = np.cumsum([0, *(len(part.vertices) for part in parts)])
    together = Surface(
        np.concatenate([part.vertices + 2 * i for i, part in enumerate(parts)]),
        np.concatenate([part.faces + start for part, start in zip(parts, starts, strict=False)]),
    )
    made = simplified(together, 12)
    assert made.vertices.min() < -0.2
    assert trimesh.Trimesh(made.vertices, made.faces).body_count <= 3
    assert is_watertight(made)


def test_faces_that_look_at_each_other_go() -> None:
    surface = surface_of(ball(6))
    a, b, c = surface.faces[0]
    folded = Surface(surface.vertices, np.concatenate([surface.faces, [[a, b, c], [c, b, a]]]))
    assert len(cleaned(folded).faces) == len(surface.faces)
    assert is_watertight(cleaned(folded))


def test_bodies_that_touch_in_an_edge_are_parted() -> None:
    half = trimesh.creation.box((1, 1, 1))
    other = half.copy()
    other.apply_translation((1, 1, 0))
    corners = np.concatenate([half.triangles, other.triangles]).reshape(-1, 3)
    vertices, places = np.unique(corners, axis=0, return_inverse=True)
    touching = Surface(vertices, places.reshape(-1, 3).astype(np.int64))
    assert not is_watertight(touching)
    made = cleaned(touching)
    assert is_watertight(made)
    assert len(made.faces) == 24
    assert trimesh.Trimesh(made.vertices, made.faces, process=True).is_watertight


def test_an_open_surface_is_no_body() -> None:
    surface = surface_of(ball(6))
    opened = Surface(surface.vertices, surface.faces[1:])
    assert not is_watertight(opened)
    assert not is_watertight(Surface(np.empty((0, 3)), np.empty((0, 3), np.int64)))
    turned = surface.faces.copy()
    turned[0] = turned[0][::-1]
    assert not is_watertight(Surface(surface.vertices, turned))
