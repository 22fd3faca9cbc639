"""PMD files."""

import numpy as np
import pytest

from tests.training.game_models.samples import CORNERS, FACES, MemoryFiles, pmd
from vrbridge.errors import DataError
from vrbridge.training.game_models.pmd import read_pmd

# A quarter turn about +Y takes +Z to +X.
QUARTER = (0.0, 0.5**0.5, 0.0, 0.5**0.5)


def test_a_mesh_has_vertices_faces_and_coordinates() -> None:
    mesh = read_pmd("o.pmd", MemoryFiles({"o.pmd": pmd()}))
    assert mesh.vertices.tolist() == [list(corner) for corner in CORNERS]
    assert mesh.faces.tolist() == [list(face) for face in FACES]
    assert mesh.uv.tolist() == [[0.5, 0.5]] * 6
    assert mesh.points == {}


def test_points_lie_on_bones_or_on_the_mesh() -> None:
    content = pmd(
        {"free": ((1, 2, 3, 0, 0, 0, 1), 255), "hand": ((0, 0, 1, 0, 0, 0, 1), 0)},
        bones=[(5, 0, 0, *QUARTER)],
    )
    points = read_pmd("o.pmd", MemoryFiles({"o.pmd": content})).points
    assert points["free"][1].tolist() == [1, 2, 3]
    rotation, shift = points["hand"]
    assert shift == pytest.approx([6, 0, 0], abs=1e-6)
    assert rotation @ np.array([0, 0, 1]) == pytest.approx([1, 0, 0], abs=1e-6)


def test_damage_and_old_versions_are_refused() -> None:
    content = pmd()
    old = content[:4] + b"\x02" + content[5:]
    many_bones = content[:-8] + b"\xff\xff\xff\xff" + content[-4:]
    for wrong in (b"PSMX" + content[4:], old, content[:-1], many_bones):
        with pytest.raises(DataError, match=r"o\.pmd: "):
            read_pmd("o.pmd", MemoryFiles({"o.pmd": wrong}))
