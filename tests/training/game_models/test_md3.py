"""MD3 files."""

import struct

import pytest

from tests.training.game_models.samples import MemoryFiles, md3, octahedron, triangles
from vrbridge.errors import DataError
from vrbridge.training.game_models.md3 import read_md3


def test_surfaces_are_parts_with_z_up_and_x_at_the_front() -> None:
    parts = read_md3("o.md3", MemoryFiles({"o.md3": md3()}))
    assert [len(part.faces) for part in parts] == [4, 4]
    assert triangles(parts) == octahedron(lambda x, y, z: (y, z, x))
    assert parts[0].uv is not None
    assert parts[0].uv[0].tolist() == [0.25, 0.75]
    assert not parts[0].is_v_up


def test_damage_is_named() -> None:
    content = md3()
    many = content[:84] + struct.pack("<i", 100_000) + content[88:]
    for wrong in (b"IDP2" + content[4:], content[:-1], content[:50], many):
        with pytest.raises(DataError, match=r"o\.md3: "):
            read_md3("o.md3", MemoryFiles({"o.md3": wrong}))
