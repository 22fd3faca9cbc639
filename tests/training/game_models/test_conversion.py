"""Light models with colours in their vertices."""

import numpy as np
import pytest
import trimesh

from tests.training.game_models.samples import CORNERS, FACES, MemoryFiles
from vrbridge.errors import DataError
from vrbridge.training.game_models.baking import Pictures
from vrbridge.training.game_models.conversion import ColoredMesh, converted
from vrbridge.training.game_models.parts import Part

NONE = Pictures(MemoryFiles({}))
OCTAHEDRON = Part(np.array(CORNERS, float), np.array(FACES), color=(1, 0.5, 0))


def sphere(subdivisions: int, color: tuple[float, float, float] = (0, 0, 1), shift: float = 0) -> Part:
    ball = trimesh.creation.icosphere(subdivisions)
    return Part(
        np.asarray(ball.vertices, float) + np.array([shift, 0, 0]),
        np.asarray(ball.faces, np.int64),
        color=color,
    )


def alike(left: ColoredMesh, right: ColoredMesh) -> bool:
    return all(
        np.array_equal(a, b)
        for a, b in ((left.vertices, right.vertices), (left.faces, right.faces), (left.colors, right.colors))
    )


def test_the_longest_side_is_one_and_colors_are_linear() -> None:
    mesh = converted([OCTAHEDRON], NONE, "o")
    assert np.sort(mesh.vertices, 0) == pytest.approx(np.sort(np.array(CORNERS) / 6, 0))
    assert mesh.colors.tolist() == [[255, 55, 0]] * 6
    assert len(mesh.faces) == 8


def test_a_model_is_turned_before_and_turned_round_after() -> None:
    quarter = np.array([[0, 0, 1], [0, 1, 0], [-1, 0, 0]], float)
    assert np.ptp(converted([OCTAHEDRON], NONE, "o", turn=quarter).vertices, axis=0) == pytest.approx(
        [1, 2 / 3, 1 / 3]
    )
    lopsided = Part(
        OCTAHEDRON.vertices * [1, 1, 0] + [0, 0, 5] + OCTAHEDRON.vertices * [0, 0, 1], OCTAHEDRON.faces
    )
    front = converted([lopsided], NONE, "o")
    back = converted([lopsided], NONE, "o", is_backward=True)
    assert np.array_equal(back.vertices, front.vertices * np.array([-1, 1, -1], np.float32))


def test_doubled_and_empty_faces_go_and_vertices_of_a_place_become_one() -> None:
    loose = OCTAHEDRON.vertices[OCTAHEDRON.faces].reshape(-1, 3)
    soup = Part(loose, np.arange(24).reshape(-1, 3))
    doubled = Part(soup.vertices, np.concatenate([soup.faces, soup.faces[:, ::-1], [[0, 0, 1]]]))
    mesh = converted([doubled], NONE, "o")
    assert (len(mesh.vertices), len(mesh.faces)) == (6, 8)


def test_materials_keep_their_colors_where_they_meet() -> None:
    upper = Part(OCTAHEDRON.vertices, OCTAHEDRON.faces[:4], color=(1, 0, 0))
    lower = Part(OCTAHEDRON.vertices, OCTAHEDRON.faces[4:], color=(0, 0, 1))
    mesh = converted([upper, lower], NONE, "o")
    assert len(mesh.vertices) == 10
    assert sorted(map(tuple, mesh.colors.tolist())) == [(0, 0, 255)] * 5 + [(255, 0, 0)] * 5


def test_many_faces_become_fewer_in_their_own_colors_and_the_same_each_time() -> None:
    parts = [sphere(4), sphere(4, (1, 0, 0), 5)]
    mesh = converted(parts, NONE, "o", n_drawn=7)
    assert 3000 < len(mesh.faces) <= 4990
    is_red = mesh.vertices[:, 0] > 0
    assert (mesh.colors[is_red] == [255, 0, 0]).all()
    assert (mesh.colors[~is_red] == [0, 0, 255]).all()
    assert alike(mesh, converted(parts, NONE, "o", n_drawn=7))


def test_loose_pieces_are_clustered_until_they_are_few() -> None:
    random = np.random.default_rng(1)
    pieces = random.random((30_000, 1, 3)) + random.normal(0, 0.003, (30_000, 3, 3))
    part = Part(pieces.reshape(-1, 3), np.arange(90_000).reshape(-1, 3))
    assert 8 <= len(converted([part], NONE, "o").faces) <= 4990


@pytest.mark.parametrize(
    "part",
    [
        Part(OCTAHEDRON.vertices, OCTAHEDRON.faces[:7]),
        Part(OCTAHEDRON.vertices, OCTAHEDRON.faces, opacity=0.05),
        Part(OCTAHEDRON.vertices * 0, OCTAHEDRON.faces),
        Part(OCTAHEDRON.vertices * np.nan, OCTAHEDRON.faces),
        Part(OCTAHEDRON.vertices, np.repeat(OCTAHEDRON.faces[:1], 9, 0)),
    ],
)
def test_what_can_t_be_seen_is_refused(part: Part) -> None:
    with pytest.raises(DataError, match=r"^o: "):
        converted([part], NONE, "o")
