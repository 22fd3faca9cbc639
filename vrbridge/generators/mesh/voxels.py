"""Models of any quality, open shells and soups of triangles included, as solids in a grid."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage

from vrbridge.generators.mesh.volume import COLOR_EDGE, EDGE, to_cells

Bools = NDArray[np.bool_]

# Models are cut finer than the network sees them: what is between its cells becomes a share of them.
_FINE = 2 * EDGE
# Points on a model for each square of a fine cell's side: too few, and a face has holes.
_DENSITY = 6.0
_FLOOR_CELLS = 3


@dataclass(frozen=True, slots=True, eq=False)
class Model:
    """A model as it came.

    Attributes:
        vertices: (V, 3), the middle of the bounds at the origin, the longest side 1; +Y up, front +Z.
        faces: (F, 3).
        colors: (V, 3) uint8 sRGB.
    """

    vertices: NDArray[np.float32]
    faces: NDArray[np.int64]
    colors: NDArray[np.uint8]


@dataclass(frozen=True, slots=True, eq=False)
class Volume:
    """A solid in the grid.

    Attributes:
        solid: (64, 64, 64) uint8, share of each cell that is solid; 255: all of it.
        color: (32, 32, 32, 4) uint8: sRGB where surface is, and there 255, else all 0.
    """

    solid: NDArray[np.uint8]
    color: NDArray[np.uint8]


def voxelised(model: Model) -> Volume:
    """Return a model as a solid: what its surface encloses is filled, sheets are thick enough to be seen.

    Small gaps don't let the outside in, nor does a missing floor under standing walls.
    """
    points, colors = points_on(model)
    cells = np.clip(to_cells(points, _FINE), 0, _FINE - 1).astype(np.int64)
    surface = np.zeros((_FINE,) * 3, bool)
    surface[tuple(cells.T)] = True
    closed, inside = _enclosed(surface)
    # Where nothing is enclosed beside it, a surface is a sheet.
    sheet = closed & ~_widened(inside)
    solid = inside | closed | _grown(sheet)
    shares = solid.reshape(EDGE, 2, EDGE, 2, EDGE, 2).sum((1, 3, 5), dtype=np.uint16)
    return Volume((shares * 255 // 8).astype(np.uint8), _colors_of(points, colors))


def points_on(model: Model, *, most: int = 2_000_000) -> tuple[NDArray[np.float32], NDArray[np.float32]]:
    """Return (N, 3) points all over a model, and their (N, 3) colours, sRGB 0–255.

    Args:
        model: Any.
        most: About so many points at most, and at least one a face.
    """
    corners = model.vertices[model.faces]  # (F, 3, 3)
    areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1) / 2
    wanted = areas * (_DENSITY * float(to_cells(np.ones(1), _FINE)[0] - _FINE / 2) ** 2)
    wanted *= min(1.0, most / max(float(wanted.sum()), 1.0))
    counts = np.ceil(wanted).astype(np.int64)
    random = np.random.default_rng(0)
    face = np.repeat(np.arange(len(counts)), counts)
    u, v = random.random((2, len(face), 1), dtype=np.float32)
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    tints = model.colors[model.faces].astype(np.float32)
    # One corner after the other: summing over so short an axis takes several times as long.
    points, colors = (
        values[face, 0] * (1 - u - v) + values[face, 1] * u + values[face, 2] * v
        for values in (corners, tints)
    )
    # Corners too: thin tips have hardly any area.
    used = np.unique(model.faces)
    return (
        np.concatenate([points, model.vertices[used]]).astype(np.float32),
        np.concatenate([colors, model.colors[used]]).astype(np.float32),
    )


def _enclosed(surface: Bools) -> tuple[Bools, Bools]:
    """Return the surface without small gaps, and what it encloses."""
    closed = _narrowed(_widened(surface))
    floor = int(np.flatnonzero(surface.any((0, 2)))[0])
    walls = np.asarray(surface[:, floor : floor + _FLOOR_CELLS].any(1), bool)
    closed_walls = ndimage.binary_closing(walls, np.ones((3, 3), bool))
    bounded = closed.copy()
    bounded[:, floor] |= ndimage.binary_fill_holes(closed_walls)
    regions, _ = ndimage.label(~bounded)
    inside: Bools = (regions != regions[0, 0, 0]) & ~closed
    return closed, inside


def _widened(cells: Bools) -> Bools:
    """Return cells and the 26 around each."""
    result = cells
    for axis in range(3):
        result = result | _shifted(result, axis, 1) | _shifted(result, axis, -1)
    return result


def _narrowed(cells: Bools) -> Bools:
    return ~_widened(~cells)


def _grown(cells: Bools) -> Bools:
    """Return cells and the six that share a side with each."""
    result = cells.copy()
    for axis in range(3):
        result |= _shifted(cells, axis, 1) | _shifted(cells, axis, -1)
    return result


def _shifted(cells: Bools, axis: int, by: int) -> Bools:
    # The margin of the grid is empty, so nothing comes round.
    return np.roll(cells, by, axis)


def _colors_of(points: NDArray[np.float32], colors: NDArray[np.float32]) -> NDArray[np.uint8]:
    cells = np.clip(to_cells(points, COLOR_EDGE), 0, COLOR_EDGE - 1).astype(np.int64)
    place = np.ravel_multi_index(tuple(cells.T), (COLOR_EDGE,) * 3)
    n_cells = COLOR_EDGE**3
    counts = np.bincount(place, minlength=n_cells)
    sums = np.stack([np.bincount(place, colors[:, i], n_cells) for i in range(3)], 1)
    means = sums / np.maximum(counts, 1)[:, None]
    result = np.concatenate([means.round(), np.where(counts > 0, 255, 0)[:, None]], 1)
    return result.astype(np.uint8).reshape(COLOR_EDGE, COLOR_EDGE, COLOR_EDGE, 4)
