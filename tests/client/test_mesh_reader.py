"""Geometry out of GLB files."""

import numpy as np
import pytest

from vrbridge.client.mesh_reader import read_mesh
from vrbridge.encoding.glb import write_glb
from vrbridge.encoding.primitive import Material, Primitive

POSITIONS = np.array([[0, 0, 0], [1, 0, 0], [0, 2, 0]], np.float32)
NORMALS = np.tile(np.array([0, 0, 1], np.float32), (3, 1))
UV = np.array([[0, 1], [1, 1], [0, 0]], np.float32)
COLORS = np.array([[255, 0, 0, 255], [0, 255, 0, 255], [0, 0, 255, 255]], np.uint8)
FACES = np.array([[0, 1, 2]], np.uint32)


def glb() -> bytes:
    plain = Primitive(POSITIONS, FACES, NORMALS, None, None, Material("iron", (0.1, 0.2, 0.3, 1.0), 1.0, 0.4))
    full = Primitive(
        POSITIONS + 1, FACES, NORMALS, UV, COLORS, Material("oak", (1.0, 1.0, 1.0, 1.0), 0.0, 0.8)
    )
    return write_glb([plain, full], name="thing")


def test_parts_come_back_as_they_were_written() -> None:
    plain, full = read_mesh(glb())
    assert plain.material == "iron"
    assert (plain.uv, plain.colors) == (None, None)
    assert plain.base_color == pytest.approx((0.1, 0.2, 0.3, 1.0))
    assert (plain.metallic, plain.roughness) == pytest.approx((1.0, 0.4))
    assert plain.positions.tolist() == POSITIONS.tolist()
    assert full.positions.tolist() == (POSITIONS + 1).tolist()
    assert full.faces.tolist() == FACES.tolist()
    assert full.normals.tolist() == NORMALS.tolist()
    assert full.uv is not None
    assert full.uv.tolist() == UV.tolist()
    assert full.colors is not None
    assert full.colors.tolist() == COLORS.tolist()


@pytest.mark.parametrize("n_bytes", [0, 11, 12, 19, 60, -1])
def test_a_file_that_is_cut_off_is_refused(n_bytes: int) -> None:
    with pytest.raises(ValueError, match="GLB"):
        read_mesh(glb()[:n_bytes])


def test_another_kind_of_file_is_refused() -> None:
    for data in (b"\x89PNG\r\n\x1a\n" + bytes(40), glb().replace(b"POSITION", b"POSITIOM")):
        with pytest.raises(ValueError, match="GLB"):
            read_mesh(data)
