"""Geometry that engines would refuse never becomes a primitive."""

from typing import Any

import numpy as np
import pytest

from vrbridge.encoding.primitive import Material, Primitive, index_type


def triangle(**changes: Any) -> Primitive:
    fields: dict[str, Any] = {
        "positions": np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0]], np.float32),
        "faces": np.array([[0, 1, 2]], np.uint32),
        "normals": np.array([[0, 0, 1]] * 3, np.float32),
    }
    return Primitive(**(fields | changes))


def test_arrays_are_converted_to_the_types_of_the_wire() -> None:
    primitive = triangle(
        positions=np.zeros((3, 3), np.float64),
        faces=np.array([[0, 1, 2]], np.int64),
        normals=np.array([[0, 0, 5], [3, 4, 0], [0, -1e-3, 0]]),
        uv=np.zeros((3, 2), np.float64),
        colors=np.zeros((3, 4), np.uint8),
    )
    assert (primitive.positions.dtype.name, primitive.faces.dtype.name) == ("float32", "uint32")
    assert np.allclose(primitive.normals, np.array([[0, 0, 1], [0.6, 0.8, 0], [0, -1, 0]]))
    assert primitive.uv is not None
    assert primitive.uv.dtype.name == "float32"
    assert all(
        array.flags.c_contiguous for array in (primitive.positions, primitive.faces, primitive.normals)
    )


@pytest.mark.parametrize(
    ("changes", "reason"),
    [
        ({"positions": np.zeros((3, 2), np.float32)}, "positions must have the shape"),
        ({"positions": np.full((3, 3), np.nan, np.float32)}, "positions holds a number"),
        ({"positions": np.full((3, 3), np.inf, np.float32)}, "positions holds a number"),
        ({"normals": np.zeros((3, 3), np.float32)}, "length 0"),
        ({"normals": np.ones((2, 3), np.float32)}, "normals must have the shape"),
        ({"normals": np.full((3, 3), np.inf, np.float32)}, "normals holds a number"),
        ({"uv": np.zeros((2, 2), np.float32)}, "uv must have the shape"),
        ({"uv": np.full((3, 2), np.nan, np.float32)}, "uv holds a number"),
        ({"colors": np.zeros((3, 3), np.uint8)}, "colors must be"),
        ({"colors": np.zeros((3, 4), np.float32)}, "colors must be"),
        ({"faces": np.array([[0, 1, 3]], np.uint32)}, "outside 0–2"),
        ({"faces": np.array([[0, 1, -1]], np.int64)}, "outside 0–2"),
        ({"faces": np.zeros((0, 3), np.uint32)}, "faces must be"),
        ({"faces": np.zeros((1, 4), np.uint32)}, "faces must be"),
        ({"faces": np.zeros((1, 3), np.float32)}, "faces must be"),
        ({"faces": np.zeros(3, np.uint32)}, "faces must be"),
    ],
)
def test_what_engines_refuse_is_refused_here(changes: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        triangle(**changes)


@pytest.mark.parametrize(
    ("fields", "reason"),
    [
        ({"roughness": 1.5}, "within 0–1"),
        ({"metallic": float("nan")}, "within 0–1"),
        ({"base_color": (0.0, 0.0, -0.1, 1.0)}, "within 0–1"),
        ({"base_color": (0.0, 0.0, 0.0)}, "needs 4 values"),
    ],
)
def test_a_material_has_factors_within_0_and_1(fields: dict[str, Any], reason: str) -> None:
    with pytest.raises(ValueError, match=reason):
        Material(**fields)


@pytest.mark.parametrize(("n_vertices", "expected"), [(3, 2), (65535, 2), (65536, 4), (70000, 4)])
def test_indices_take_two_bytes_where_they_fit(n_vertices: int, expected: int) -> None:
    """65535 itself is never an index: it restarts a strip."""
    assert np.dtype(index_type(n_vertices)).itemsize == expected
