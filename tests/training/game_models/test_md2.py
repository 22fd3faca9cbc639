"""MD2 files."""

import pytest

from tests.training.game_models.samples import MemoryFiles, md2, octahedron, triangles
from vrbridge.errors import DataError
from vrbridge.training.game_models.md2 import read_md2


def test_x_is_turned_to_the_front_and_z_up() -> None:
    [part] = read_md2("o.md2", MemoryFiles({"o.md2": md2()}))
    assert triangles([part]) == octahedron(lambda x, y, z: (y, z, x))
    assert part.uv is not None
    assert part.uv[part.faces[0]].tolist() == [[0.5, 0.25], [1, 1], [0.5, 0.25]]
    assert not part.is_v_up


def test_other_files_and_faces_without_vertices_are_refused() -> None:
    content = md2()
    for wrong in (
        b"IDP3" + content[4:],
        content[:100],
        b"IDP2",
        content.replace(bytes([5, 0]), bytes([6, 0])),
    ):
        with pytest.raises(DataError, match=r"o\.md2: "):
            read_md2("o.md2", MemoryFiles({"o.md2": wrong}))
