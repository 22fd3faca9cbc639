"""Triangles to pixels, through a z-buffer."""

from dataclasses import dataclass
from typing import Any

import numpy as np
import numpy.typing as npt

Floats = npt.NDArray[np.floating[Any]]
"""float32 for pixels; sums of a few corners may be float64."""
Ints = npt.NDArray[np.int32]


@dataclass(frozen=True, slots=True)
class Fragments:
    """What is seen in each pixel that a triangle covers.

    Args:
        rows: (N,) pixel row, 0 on top.
        columns: (N,) pixel column.
        faces: (N,) number of the nearest face.
        weights: (N, 3) its perspective-correct barycentric coordinates.
        depth: (H, W) in clip space, infinite where nothing is.
    """

    rows: Ints
    columns: Ints
    faces: Ints
    weights: Floats
    depth: Floats


@dataclass(frozen=True, slots=True)
class _Flat:
    """Triangles on the picture's plane.

    Args:
        origin: (F, 2) first corner in pixels, y down.
        first: (F, 2) from it to the second corner.
        second: (F, 2) from it to the third.
        area: (F,) twice the signed area; negative where the corners go round counter-clockwise.
        depth: (F, 3) of the corners, which is linear across the picture.
        low: (F, 2) pixel of the bounding box's upper left corner.
        high: (F, 2) pixel behind its lower right corner.
    """

    origin: Floats
    first: Floats
    second: Floats
    area: Floats
    depth: Floats
    low: npt.NDArray[np.int_]
    high: npt.NDArray[np.int_]

    def weights(self, face: Any, x: Floats, y: Floats) -> tuple[Floats, Floats]:
        """Return the shares of the second and third corner at places in pixels."""
        x, y = x - self.origin[face, 0], y - self.origin[face, 1]
        area = self.area[face]
        return (
            (x * self.second[face, 1] - y * self.second[face, 0]) / area,
            (y * self.first[face, 0] - x * self.first[face, 1]) / area,
        )


def rasterize(
    positions: Floats, faces: npt.NDArray[np.uint32], matrix: Floats, size_px: int, *, cull: bool
) -> Fragments:
    """Return what a camera sees.

    Args:
        positions: (V, 3), all in front of the camera: nothing is clipped against its plane.
        faces: (F, 3), counter-clockwise seen from outside.
        matrix: (4, 4) from the world to clip space.
        size_px: Edge of the picture.
        cull: Leave out faces that are seen from behind.
    """
    clip = np.column_stack([positions, np.ones(len(positions), np.float32)]) @ matrix.T  # (V, 4)
    flat = _flat(clip, faces, size_px)
    is_drawn = (flat.area < 0) if cull else (flat.area != 0)
    depth = np.full((size_px, size_px), np.inf, np.float32)
    seen = np.full((size_px, size_px), -1, np.int32)
    for face in np.flatnonzero(is_drawn & (flat.high > flat.low).all(axis=1)):
        _draw(flat, int(face), depth, seen)
    rows, columns = (index.astype(np.int32) for index in np.nonzero(seen >= 0))
    found = seen[rows, columns]
    second, third = flat.weights(found, columns + 0.5, rows + 0.5)
    # Corners count by their nearness: what is linear in space is not linear across the picture.
    weights = np.stack([1 - second - third, second, third], axis=1) / clip[:, 3][faces[found]]
    weights /= weights.sum(axis=1, keepdims=True)
    return Fragments(rows, columns, found, weights.astype(np.float32), depth)


def mixed(values: Floats, corners: npt.NDArray[np.uint32], weights: Floats) -> Floats:
    """Return (N, C) values between those of the corners.

    Args:
        values: (V, C) of all vertices.
        corners: (N, 3) numbers of vertices.
        weights: (N, 3) barycentric.
    """
    between: Floats = (values[corners] * weights[..., None]).sum(axis=1)
    return between


def _flat(clip: Floats, faces: npt.NDArray[np.uint32], size_px: int) -> _Flat:
    screen = (clip[:, :2] / clip[:, 3:] * (1, -1) + 1) * (size_px / 2)
    corners = screen[faces]  # (F, 3, 2)
    first, second = corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]
    return _Flat(
        origin=corners[:, 0],
        first=first,
        second=second,
        area=first[:, 0] * second[:, 1] - first[:, 1] * second[:, 0],
        depth=(clip[:, 2] / clip[:, 3])[faces],
        low=np.floor(corners.min(axis=1)).astype(int).clip(0, size_px),
        high=np.ceil(corners.max(axis=1)).astype(int).clip(0, size_px),
    )


def _draw(flat: _Flat, face: int, depth: Floats, seen: Ints) -> None:
    """Enter one triangle wherever it is the nearest so far."""
    (left, top), (right, bottom) = flat.low[face], flat.high[face]
    x, y = np.arange(left, right) + 0.5, np.arange(top, bottom)[:, None] + 0.5
    second, third = flat.weights(face, x, y)
    corner = flat.depth[face]
    here = corner[0] + second * (corner[1] - corner[0]) + third * (corner[2] - corner[0])
    window = depth[top:bottom, left:right]
    is_nearest = (second >= 0) & (third >= 0) & (second + third <= 1) & (here < window)
    window[is_nearest] = here[is_nearest]
    seen[top:bottom, left:right][is_nearest] = face
