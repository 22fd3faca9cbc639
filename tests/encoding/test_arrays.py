"""Bare arrays, read with msgpack and numpy as an engine would."""

from typing import Any

import msgpack
import numpy as np
import pytest
from numpy.typing import NDArray

from tests.encoding.samples import grid
from vrbridge.encoding.arrays import write_arrays
from vrbridge.encoding.primitive import Material, Primitive

WOOD = Material("wood", (0.5, 0.25, 1.0, 1.0), metallic=0.0, roughness=0.75)
IRON = Material("iron", (0.5, 0.5, 0.5, 1.0), metallic=1.0, roughness=0.5)


def read(primitives: list[Primitive]) -> dict[str, Any]:
    mesh: dict[str, Any] = msgpack.unpackb(write_arrays(primitives, name="thing"))
    return mesh


def floats(mesh: dict[str, Any], name: str, n: int) -> NDArray[np.float32]:
    return np.frombuffer(mesh[name], "<f4").reshape(-1, n)


def indices(mesh: dict[str, Any]) -> NDArray[np.unsignedinteger[Any]]:
    return np.frombuffer(mesh["indices"], {2: "<u2", 4: "<u4"}[mesh["index_bytes"]])


def test_one_primitive_comes_back_as_it_was() -> None:
    primitive = grid(4, material=WOOD)
    assert primitive.uv is not None
    assert primitive.colors is not None
    mesh = read([primitive])
    assert set(mesh) == {
        *("name", "positions", "normals", "uv", "colors", "indices", "index_bytes", "material", "surfaces")
    }
    assert np.array_equal(floats(mesh, "positions", 3), primitive.positions)
    assert np.array_equal(floats(mesh, "normals", 3), primitive.normals)
    assert np.array_equal(floats(mesh, "uv", 2), primitive.uv)
    assert np.array_equal(np.frombuffer(mesh["colors"], np.uint8).reshape(-1, 4), primitive.colors)
    assert np.array_equal(indices(mesh).reshape(-1, 3), primitive.faces)
    wood = {"name": "wood", "base_color": [0.5, 0.25, 1.0, 1.0], "metallic": 0.0, "roughness": 0.75}
    assert mesh["material"] == wood
    assert mesh["surfaces"] == [{"start": 0, "count": 54, "material": wood}]


def test_what_a_primitive_lacks_gets_a_neutral_value() -> None:
    mesh = read([grid(3, has_uv=False, has_colors=False)])
    assert not floats(mesh, "uv", 2).any()
    assert mesh["colors"] == b"\xff" * 36


def test_several_primitives_share_one_buffer_and_keep_their_ranges() -> None:
    small, large = grid(2, material=IRON, height_m=3.0), grid(4, material=WOOD)
    mesh = read([small, large])
    assert len(floats(mesh, "positions", 3)) == 4 + 16
    assert [(part["start"], part["count"]) for part in mesh["surfaces"]] == [(0, 6), (6, 54)]
    for part, (start, primitive) in zip(mesh["surfaces"], [(0, small), (4, large)], strict=True):
        drawn = indices(mesh)[part["start"] : part["start"] + part["count"]]
        assert np.array_equal(drawn.reshape(-1, 3), primitive.faces + start)
        assert np.array_equal(floats(mesh, "positions", 3)[drawn], primitive.positions[primitive.faces.flat])


def test_drawn_with_one_material_several_surfaces_keep_their_colours() -> None:
    wood, iron = grid(3, material=WOOD), grid(3, material=IRON)
    mesh = read([wood, iron])
    assert mesh["material"]["base_color"] == [1.0] * 4
    assert all(part["material"]["base_color"] == [1.0] * 4 for part in mesh["surfaces"])
    colors = np.frombuffer(mesh["colors"], np.uint8).reshape(2, 9, 4)
    for seen, primitive in zip(colors, [wood, iron], strict=True):
        assert primitive.colors is not None
        assert np.abs(seen - primitive.colors * np.array(primitive.material.base_color)).max() <= 0.5


def test_the_main_material_is_that_of_the_largest_area() -> None:
    small = grid(9, material=IRON)
    shrunk = Primitive(
        positions=small.positions * np.float32(0.5), faces=small.faces, normals=small.normals, material=IRON
    )
    assert read([shrunk, grid(2, material=WOOD)])["material"]["name"] == "wood"


@pytest.mark.parametrize(("n", "index_bytes"), [(255, 2), (256, 4)])
def test_indices_take_two_bytes_where_they_fit(n: int, index_bytes: int) -> None:
    primitive = grid(n)
    mesh = read([primitive])
    assert mesh["index_bytes"] == index_bytes
    assert np.array_equal(indices(mesh).reshape(-1, 3), primitive.faces)


def test_two_small_primitives_can_need_large_indices() -> None:
    mesh = read([grid(200), grid(200)])
    assert mesh["index_bytes"] == 4
    assert indices(mesh).max() == 79999


def test_the_same_primitives_give_the_same_bytes() -> None:
    assert write_arrays([grid()], name="a") == write_arrays([grid()], name="a")


def test_a_mesh_without_primitives_is_refused() -> None:
    with pytest.raises(ValueError, match="at least one primitive"):
        write_arrays([], name="nothing")
