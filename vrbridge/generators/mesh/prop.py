"""A thing to place in a scene: triangles sorted by material."""

from dataclasses import dataclass
from typing import Literal

import numpy as np
from numpy.typing import NDArray

# Along the longest side; vertices closer to each other than one of them are the same.
_PLACES = 1_000_000

Lie = Literal["level", "wrapped", "along", "upward"]
"""How a material's picture lies on a piece: level in the scene, as on a wall; level and bent around round
things; with its rows along the grain, as of boards; with its columns along the grain, as of bark."""


@dataclass(frozen=True, slots=True)
class SurfaceMaterial:
    """What a part is made of.

    Args:
        name: Unique within a prop.
        base_color: Red, green, blue, alpha; linear, 0–1; multiplies the vertex colours.
        metallic: 0–1.
        roughness: 0–1.
        prompt: Words for a texture generator, such as `oak wood grain`.
        lie: How its picture lies on the pieces.
        texture_color: Mean linear colour that a texture made for it should have; None: the base colour.
    """

    name: str
    base_color: tuple[float, float, float, float]
    metallic: float
    roughness: float
    prompt: str
    lie: Lie = "level"
    texture_color: tuple[float, float, float] | None = None


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Triangles of one material; +Y up, metres.

    Args:
        material: Of all its faces.
        vertices: (V, 3) float32.
        faces: (F, 3) uint32, counter-clockwise from outside.
        normals: (V, 3) float32, unit length.
        uv: (V, 2) float32, metres on the surface; v grows downwards.
        colors: (V, 4) uint8, linear; shading and variation, white at most.
    """

    material: SurfaceMaterial
    vertices: NDArray[np.float32]
    faces: NDArray[np.uint32]
    normals: NDArray[np.float32]
    uv: NDArray[np.float32]
    colors: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Prop:
    """A whole thing: pivot at the centre of its floor, +Y up, front +Z."""

    parts: tuple[Part, ...]

    @property
    def n_faces(self) -> int:
        """Faces of all parts."""
        return sum(len(part.faces) for part in self.parts)


def is_closed(prop: Prop) -> bool:
    """Return whether every edge of the prop joins two faces, so that it encloses a space."""
    corners = np.concatenate([part.vertices[part.faces] for part in prop.parts]).reshape(-1, 3)
    size = float(np.ptp(corners, axis=0).max())
    # Vertices are split where normals or texture coordinates differ; what counts is where they are.
    places = np.round((corners - corners.min(0)) * (_PLACES / max(size, 1e-9))).astype(np.int64)
    keys = (places[:, 0] * (2 * _PLACES) + places[:, 1]) * (2 * _PLACES) + places[:, 2]
    _, numbers = np.unique(keys, return_inverse=True)
    faces = numbers.reshape(-1, 3).astype(np.int64)
    edges = np.sort(np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), 1)
    _, counts = np.unique(edges[:, 0] * (numbers.max() + 1) + edges[:, 1], return_counts=True)
    return bool((counts == 2).all())
