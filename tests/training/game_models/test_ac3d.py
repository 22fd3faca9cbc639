"""AC3D files."""

import pytest

from tests.training.game_models.samples import RED, MemoryFiles, ac, octahedron, triangles, volume
from vrbridge.errors import DataError
from vrbridge.training.game_models.ac3d import read_ac


def test_the_nose_at_minus_x_is_turned_to_the_front() -> None:
    [part] = read_ac("o.ac", MemoryFiles({"o.ac": ac()}))
    assert triangles([part]) == octahedron(lambda x, y, z: (z, y, -x))
    assert volume([part]) == pytest.approx(8)
    assert (part.color, part.opacity, part.picture) == ((0.2, 0.4, 0.6), 0.75, None)


def test_a_picture_replaces_the_color_and_is_found_by_its_bare_name() -> None:
    files = MemoryFiles({"m/o.ac": ac(texture="C:\\art\\red.png"), "m/red.png": RED})
    [part] = read_ac("m/o.ac", files)
    assert (part.color, part.picture) == ((1, 1, 1), "m/red.png")


def test_objects_are_placed_in_their_parents_and_textures_repeated() -> None:
    lines = [
        "AC3Db", "OBJECT group", "loc 10 0 0", "kids 1", "OBJECT poly", "loc 0 1 0", "rot 0 1 0 -1 0 0 0 0 1",
        "texrep 2 3", "texoff 0.5 0", "data 4", "text", "numvert 3", "0 0 0", "1 0 0", "0 0 1", "numsurf 2",
        "SURF 0x10", "mat 7", "refs 3", "0 0 0", "1 1 0", "2 0 1", "SURF 0x2", "refs 2", "0 0 0", "1 0 0",
        "kids 0",
    ]  # fmt: skip
    [part] = read_ac("o.ac", MemoryFiles({"o.ac": "\n".join(lines).encode()}))
    # In the file's axes: the second corner was turned from +X to +Y, then moved.
    assert part.vertices.tolist() == [[0, 1, -10], [0, 2, -10], [1, 1, -10]]
    assert part.uv is not None
    assert part.uv.tolist() == [[0.5, 0], [2.5, 0], [0.5, 3]]
    assert part.color == (0.7, 0.7, 0.7)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ((b"AC3Db", b"MESH"), "no AC3D file"),
        ((b"refs 3\n0 ", b"refs 3\n6 "), "names a vertex that is not there"),
        ((b"refs 3\n0 ", b"refs 3\n-1 "), "names a vertex that is not there"),
        ((b"numvert 6", b"numvert six"), "line 7: it makes no sense"),
        ((b"numvert 6", b"numvert 999999999"), "it makes no sense"),
        ((b"numsurf 8", b"numsurf 9"), "it makes no sense"),
    ],
)
def test_damage_is_named(change: tuple[bytes, bytes], said: str) -> None:
    with pytest.raises(DataError, match=rf"o\.ac.*{said}"):
        read_ac("o.ac", MemoryFiles({"o.ac": ac().replace(*change)}))


def test_objects_without_end_are_refused() -> None:
    nested = b"AC3Db\n" + b"OBJECT group\nkids 1\n" * 1000
    with pytest.raises(DataError, match="over 100 deep"):
        read_ac("o.ac", MemoryFiles({"o.ac": nested}))


def test_promised_children_may_be_missing() -> None:
    files = MemoryFiles({"o.ac": ac().replace(b"kids 0", b"kids 99999999999")})
    assert len(read_ac("o.ac", files)) == 1
