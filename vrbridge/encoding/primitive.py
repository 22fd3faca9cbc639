"""Geometry with one material, checked so that a writer can't make a file that engines refuse."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray


@dataclass(frozen=True, slots=True)
class Material:
    """How a surface looks before any texture arrives.

    Args:
        name: Shown in the engine's editor.
        base_color: Red, green, blue, alpha; linear, 0–1. Multiplies the vertex colours.
        metallic: 0–1.
        roughness: 0–1.

    Raises:
        ValueError: If a factor is outside 0–1.
    """

    name: str = "material"
    base_color: tuple[float, float, float, float] = (1.0, 1.0, 1.0, 1.0)
    metallic: float = 0.0
    roughness: float = 1.0

    def __post_init__(self) -> None:
        if len(self.base_color) != 4:
            raise ValueError(
                f"Material `{self.name}`: base_color needs 4 values, not {len(self.base_color)}."
            )
        if not all(0 <= factor <= 1 for factor in (*self.base_color, self.metallic, self.roughness)):
            raise ValueError(f"Material `{self.name}`: every factor must be within 0–1.")


@dataclass(frozen=True, slots=True, eq=False)
class Primitive:
    """Triangles with one material; right-handed, +Y up, metres.

    The arrays are converted to the types below, and normals to length 1.

    Args:
        positions: (V, 3) float32.
        faces: (F, 3) uint32, counter-clockwise from outside.
        normals: (V, 3) float32, any length but 0.
        uv: (V, 2) float32, origin at the picture's top left; None: the file has none.
        colors: (V, 4) uint8, linear; None: the file has none.
        material: Of all its faces.

    Raises:
        ValueError: If shapes don't fit, a number is not finite, a normal is 0, a face names no vertex, or
            there are no faces.
    """

    positions: NDArray[np.float32]
    faces: NDArray[np.uint32]
    normals: NDArray[np.float32]
    uv: NDArray[np.float32] | None = None
    colors: NDArray[np.uint8] | None = None
    material: Material = field(default_factory=Material)

    def __post_init__(self) -> None:
        n_vertices = len(self.positions)
        self._set("positions", _floats("positions", self.positions, (n_vertices, 3)))
        self._set("normals", _unit(_floats("normals", self.normals, (n_vertices, 3))))
        if self.uv is not None:
            self._set("uv", _floats("uv", self.uv, (n_vertices, 2)))
        if self.colors is not None:
            colors = np.asarray(self.colors)
            if colors.shape != (n_vertices, 4) or colors.dtype != np.uint8:
                raise ValueError(
                    f"colors must be ({n_vertices}, 4) uint8, not {colors.shape} {colors.dtype}."
                )
            self._set("colors", np.ascontiguousarray(colors))
        self._set("faces", _faces(self.faces, n_vertices))

    def _set(self, name: str, value: NDArray[np.generic]) -> None:
        # The way to normalise a field of a frozen dataclass.
        object.__setattr__(self, name, value)


def index_type(n_vertices: int) -> type[np.uint16] | type[np.uint32]:
    """Return the smallest index type; 65535 is kept free because it restarts a strip on many GPUs."""
    return np.uint16 if n_vertices <= 0xFFFF else np.uint32


def _floats(name: str, values: NDArray[np.float32], shape: tuple[int, int]) -> NDArray[np.float32]:
    array = np.asarray(values)
    if array.shape != shape:
        raise ValueError(f"{name} must have the shape {shape}, not {array.shape}.")
    floats = np.ascontiguousarray(array, dtype=np.float32)
    if not np.isfinite(floats).all():
        raise ValueError(f"{name} holds a number that is not finite.")
    return floats


def _unit(normals: NDArray[np.float32]) -> NDArray[np.float32]:
    length = np.linalg.norm(normals.astype(np.float64), axis=1, keepdims=True)
    if not (length > 0).all():
        raise ValueError("normals holds one of length 0.")
    return np.asarray(normals / length, dtype=np.float32)


def _faces(faces: NDArray[np.uint32], n_vertices: int) -> NDArray[np.uint32]:
    array = np.asarray(faces)
    if array.ndim != 2 or array.shape[1] != 3 or array.dtype.kind not in "ui" or not len(array):
        raise ValueError(f"faces must be (F, 3) integers with F > 0, not {array.shape} {array.dtype}.")
    if array.min() < 0 or array.max() >= n_vertices:
        raise ValueError(f"faces names a vertex outside 0–{n_vertices - 1}.")
    return np.ascontiguousarray(array, dtype=np.uint32)
