"""The surface of a solid in a grid, as triangles."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy import ndimage
from skimage.measure import marching_cubes

from vrbridge.errors import GeneratorFailed
from vrbridge.generators.mesh.grain import Floats, Ints
from vrbridge.generators.mesh.volume import from_cells, to_cells

# Parts with less than this share of the largest one's cells are crumbs.
_CRUMB = 0.02
_STEEPEST = 8.0
# Cells' sides on the surface; about half as many as it has triangles. Real shapes have up to 30,000.
_MAX_SIDES = 40_000
_SMOOTHING = 1.0
_MAX_SMOOTHINGS = 3
_COARSE_CELLS = 4
# Of a block: what is thinner is thickened, for a table without legs is none.
_COARSE_SHARE = 0.22


@dataclass(frozen=True, slots=True, eq=False)
class Surface:
    """A closed surface with shared vertices.

    Attributes:
        vertices: (V, 3), the middle of the grid at the origin, +Y up.
        faces: (F, 3) counter-clockwise from outside.
    """

    vertices: Floats
    faces: Ints


def surface_of(logits: NDArray[np.float32]) -> Surface:
    """Return the surface where (64, 64, 64) logits are 0, without crumbs.

    What is more noise than shape is smoothed first.

    Raises:
        GeneratorFailed: If nothing is solid, or a logit is no number.
    """
    if not np.isfinite(logits.sum()):
        raise GeneratorFailed("The network made a shape that holds no proper numbers.")
    for _ in range(_MAX_SMOOTHINGS):
        is_solid = logits > 0
        n_sides = sum(int(np.diff(is_solid, axis=axis).sum()) for axis in range(3))
        if n_sides <= _MAX_SIDES:
            break
        logits = ndimage.gaussian_filter(logits, _SMOOTHING)
    kept = _without_crumbs(logits > 0)
    if not kept.any():
        raise GeneratorFailed("The network made an empty shape; try another prompt or seed.")
    # Cells next to the kept ones keep their logits: the surface passes between them.
    near = ndimage.binary_dilation(kept, np.ones((3, 3, 3), bool))
    field = np.where(near, np.clip(logits, -_STEEPEST, _STEEPEST), -_STEEPEST)
    field = np.where((field > 0) & ~kept, -1e-3, field)
    padded = np.pad(field, 1, constant_values=-_STEEPEST).astype(np.float32)
    march: Callable[..., tuple[Floats, Ints, Floats, Floats]] = marching_cubes
    vertices, faces, _, _ = march(padded, 0.0, gradient_direction="ascent", allow_degenerate=False)
    # Values are those of the middles of cells.
    points = np.asarray(from_cells(vertices.astype(float) - 0.5), float)
    return Surface(points, faces.astype(np.int64))


def logits_of(solid: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return logits whose surface is that of cells of which so much is solid, 255 all of it."""
    return (solid.astype(np.float32) - np.float32(126.5)) / np.float32(16)


def coarse_surface_of(logits: NDArray[np.float32]) -> Surface:
    """Return the surface of a quarter of the cells along each side: small holes and gaps are closed.

    Raises:
        GeneratorFailed: If nothing is solid.
    """
    edge = logits.shape[0] // _COARSE_CELLS
    blocks = (logits > 0).reshape(edge, _COARSE_CELLS, edge, _COARSE_CELLS, edge, _COARSE_CELLS)
    shares = blocks.mean((1, 3, 5))
    solid = ndimage.binary_fill_holes(ndimage.binary_closing(shares > _COARSE_SHARE, iterations=2))
    field = np.where(solid, np.maximum(shares, _COARSE_SHARE + 0.1), np.minimum(shares, _COARSE_SHARE - 0.1))
    surface = surface_of((field - _COARSE_SHARE).astype(np.float32))
    # `surface_of` counts in cells of the full grid.
    return Surface(_rescaled(surface.vertices, edge, logits.shape[0]), surface.faces)


def _rescaled(points: Floats, edge: int, full_edge: int) -> Floats:
    """Return points that were placed as if a grid of `edge` cells had `full_edge`."""
    cells = to_cells(points)
    return np.asarray(from_cells(cells * (full_edge / edge)), float)


def symmetric(logits: NDArray[np.float32], *, least_overlap: float) -> NDArray[np.float32]:
    """Return logits whose left and right are alike, if they nearly are.

    Args:
        logits: (64, 64, 64).
        least_overlap: Intersection over union with its mirror picture from which a shape is meant to be so.
    """
    mirrored = logits[::-1]
    is_solid, is_mirrored = logits > 0, mirrored > 0
    union = int((is_solid | is_mirrored).sum())
    if union == 0 or int((is_solid & is_mirrored).sum()) < least_overlap * union:
        return logits
    mean: NDArray[np.float32] = (logits + mirrored) * np.float32(0.5)
    return mean


def colors_at(points: Floats, colors: NDArray[np.float32]) -> Floats:
    """Return (V, 3) sRGB 0–1 at points of a surface.

    Args:
        points: (V, 3) as in `Surface`.
        colors: (3, E, E, E) about [-1, 1], of a grid of E cells along each side.
    """
    where = (to_cells(points, colors.shape[1]) - 0.5).T
    values = [ndimage.map_coordinates(channel, where, order=1, mode="nearest") for channel in colors]
    return np.clip((np.stack(values, 1) + 1) / 2, 0, 1).astype(float)


def _without_crumbs(solid: NDArray[np.bool_]) -> NDArray[np.bool_]:
    regions, n = ndimage.label(solid, np.ones((3, 3, 3), int))
    if n <= 1:
        return solid
    sizes = np.bincount(regions.reshape(-1))
    sizes[0] = 0
    kept: NDArray[np.bool_] = (sizes >= _CRUMB * sizes.max())[regions]
    return kept
