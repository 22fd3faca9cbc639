import numpy as np
import pytest

from vrbridge.generators.mesh.solids import Solid, blob, box, extrude, lathe, signed_volume, triangulate, tube

SOLIDS = {
    "box": box((1, 2, 3)),
    "chamfered box": box((1, 2, 3), 0.1),
    "tapering box": box((1, 1, 1), 0.05, (0.5, 0.7)),
    "cylinder": lathe([(1, 0), (1, 2)], 12),
    "cone": lathe([(1, 0), (0, 2)], 8),
    "pot": lathe([(0.8, 0), (1, 1), (0.9, 1), (0.7, 0.1)], 10),
    "ring": lathe([(1, 0), (1.2, 0), (1.2, 0.1), (1, 0.1)], 9, is_ring=True),
    "bar": tube([(0, 0, 0), (0, 1, 0), (1, 2, 0)], [0.1, 0.2, 0.1], 6),
    "spike": tube([(0, 0, 0), (0, 0, 1)], [0.1, 0], 5),
    "arrow": extrude([(0, 0), (2, 0), (3, 1), (2, 2), (0, 2), (0.5, 1)], 0.3, 0.05),
    "lump": blob((1, 2, 1), 2, bumps=0.3, seed=4),
}


@pytest.mark.parametrize("name", SOLIDS)
def test_each_edge_is_walked_once_in_each_direction(name: str) -> None:
    faces = SOLIDS[name].faces
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    walked = {(int(a), int(b)) for a, b in edges}
    assert len(walked) == len(edges)
    assert walked == {(b, a) for a, b in walked}


@pytest.mark.parametrize("name", SOLIDS)
def test_faces_look_outwards(name: str) -> None:
    assert signed_volume(SOLIDS[name].vertices, SOLIDS[name].faces) > 0


def test_a_box_has_its_volume() -> None:
    assert signed_volume(SOLIDS["box"].vertices, SOLIDS["box"].faces) == pytest.approx(6)


def test_a_chamfer_takes_only_the_edges_away() -> None:
    chamfered = SOLIDS["chamfered box"]
    assert np.ptp(chamfered.vertices, axis=0) == pytest.approx([1, 2, 3])
    assert 5.7 < signed_volume(chamfered.vertices, chamfered.faces) < 6
    assert len(chamfered.faces) == 44


def test_an_outline_is_covered_exactly_by_its_triangles() -> None:
    outline = np.array([(0, 0), (4, 0), (4, 3), (2, 1), (0, 3)], float)
    a, b, c = outline[triangulate(outline)].transpose(1, 0, 2)
    ab, ac = b - a, c - a
    areas = (ab[:, 0] * ac[:, 1] - ab[:, 1] * ac[:, 0]) / 2
    assert (areas > 0).all()
    assert areas.sum() == pytest.approx(8)


def test_a_turned_solid_keeps_its_volume_and_winding() -> None:
    solid = SOLIDS["arrow"]
    turned = solid.turned((0.3, 1.0, -2.0)).moved((5, 5, 5))
    assert signed_volume(turned.vertices, turned.faces) == pytest.approx(
        signed_volume(solid.vertices, solid.faces)
    )


def test_a_quarter_turn_about_y_carries_z_to_x() -> None:
    point = Solid(np.array([[0.0, 0.0, 1.0]]), np.zeros((0, 3), np.int64)).turned((0, np.pi / 2, 0))
    assert point.vertices[0] == pytest.approx([1, 0, 0])
