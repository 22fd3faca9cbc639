"""OBJ files with their materials."""

import pytest

from tests.training.game_models.samples import RED, MemoryFiles, obj, octahedron, triangles, volume
from vrbridge.errors import DataError
from vrbridge.training.game_models.wavefront import read_obj

MTL = b"newmtl paint\n\tKd\t0.2 1.5 -1\nd 0.5\nmap_Kd skins\\my skin.png\nnewmtl other\nKd 1 1 1\n"


def test_a_model_has_its_material_and_picture() -> None:
    files = MemoryFiles({"a/o.obj": obj(), "a/o.mtl": MTL, "a/skins/my skin.png": RED})
    [part] = read_obj("a/o.obj", files)
    assert triangles([part]) == octahedron(lambda x, y, z: (x, y, z))
    assert volume([part]) == pytest.approx(8)
    assert (part.color, part.opacity, part.picture) == ((0.2, 1, 0), 0.5, "a/skins/my skin.png")
    assert part.uv is not None
    assert part.uv.tolist() == [[0.5, 0.5]] * 24


def test_what_is_not_there_leaves_gray() -> None:
    [part] = read_obj("o.obj", MemoryFiles({"o.obj": obj()}))
    assert (part.color, part.opacity, part.picture) == ((0.7, 0.7, 0.7), 1, None)
    [part] = read_obj("o.obj", MemoryFiles({"o.obj": obj(), "o.mtl": MTL}))
    assert part.picture is None


def test_polygons_become_fans_and_numbers_may_count_backwards() -> None:
    text = (
        b"v 0 0 0\nv 1 0 0\r\nv 1 1 0\nv 0 1 0\nusemtl a\nf -4 -3 -2 -1\nusemtl b\nf 1//1 2//1 3//1\nf 1 2\n"
    )
    first, second = read_obj("o.obj", MemoryFiles({"o.obj": text}))
    assert first.vertices[first.faces].tolist() == [
        [[0, 0, 0], [1, 0, 0], [1, 1, 0]],
        [[0, 0, 0], [1, 1, 0], [0, 1, 0]],
    ]
    assert first.uv is None
    assert len(second.faces) == 1


def test_options_may_come_before_a_picture_s_name_and_a_surface_is_never_nothing() -> None:
    mtl = b"newmtl paint\nd 0\nmap_Kd -s 1 1 1 red.png\n"
    [part] = read_obj("o.obj", MemoryFiles({"o.obj": obj(), "o.mtl": mtl, "red.png": RED}))
    assert (part.picture, part.opacity) == ("red.png", 1)


@pytest.mark.parametrize(
    ("text", "mtl", "said"),
    [
        (b"v 0 0", b"", r"o\.obj, line 1: 'v 0 0' makes no sense"),
        (b"v 0 0 0\nf 1 x 1", b"", r"o\.obj, line 2"),
        (b"v 0 0 0\nf 1 1 2", b"", r"o\.obj: a face names a vertex that is not there"),
        (b"v 0 0 0\nf 1 1 -2", b"", r"o\.obj: a face names a vertex that is not there"),
        (b"mtllib o.mtl", b"newmtl a\nKd red", r"o\.mtl, line 2: 'Kd red' makes no sense"),
    ],
)
def test_lines_without_sense_are_named(text: bytes, mtl: bytes, said: str) -> None:
    with pytest.raises(DataError, match=said):
        read_obj("o.obj", MemoryFiles({"o.obj": text, "o.mtl": mtl}))
