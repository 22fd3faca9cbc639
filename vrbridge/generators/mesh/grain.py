"""Where each corner of a face lies along and across the grain of a piece, in metres."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


def flat_axes(vertices: Floats, faces: Ints, grain: int) -> tuple[Ints, Ints]:
    """Return (F,) axes along and across the grain, in the plane that each face is closest to.

    Args:
        vertices: (V, 3).
        faces: (F, 3).
        grain: Axis of the grain.
    """
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    # Bevels join the side that has the grain, not the end.
    lean = np.abs(np.cross(b - a, c - a)) * np.where(np.arange(3) == grain, 0.98, 1.0)
    facing = np.argmax(lean, axis=1)
    along = np.where(facing == grain, (grain + 1) % 3, grain)
    return along.astype(np.int64), (3 - facing - along).astype(np.int64)


def picked(corners: Floats, along: Ints, across: Ints) -> Floats:
    """Return (F, 3, 2) of (F, 3, 3) corners: the coordinates of two axes for each face."""
    rows, sides = np.arange(len(corners))[:, None], np.arange(3)[None, :]
    return np.stack([corners[rows, sides, along[:, None]], corners[rows, sides, across[:, None]]], axis=2)


def turned(vertices: Floats, faces: Ints, lengths: Floats, period: float | None = None) -> Floats:
    """Return (F, 3, 2) of a shape around the y axis: along its profile, and around at its widest.

    Args:
        vertices: (V, 3).
        faces: (F, 3). Flat ends lie along x and z.
        lengths: (V,) metres along the profile.
        period: Metres around the whole profile where it is a loop.
    """
    corners = vertices[faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    is_end = np.abs(normals[:, 1]) > 0.9 * np.linalg.norm(normals, axis=1)
    x, z = corners[:, :, 0], corners[:, :, 2]
    around = wound(np.arctan2(x, z), np.hypot(x, z) < 1e-9, 2 * np.pi)
    along = lengths[faces]
    if period is not None:
        along = wound(along, np.zeros(along.shape, bool), period)
    side = np.stack([along, around * np.hypot(vertices[:, 0], vertices[:, 2]).max()], axis=2)
    return np.where(is_end[:, None, None], corners[:, :, [0, 2]], side)


def swept(lengths: Floats, angles: Floats, is_tip: NDArray[np.bool_], faces: Ints, radius: float) -> Floats:
    """Return (F, 3, 2) of a tube: along its path, and around at its thickest.

    Args:
        lengths: (V,) metres along the path.
        angles: (V,) radians around it.
        is_tip: (V,) whether the vertex ends the tube and has no angle.
        faces: (F, 3).
        radius: Metres where it is thickest.
    """
    return np.stack([lengths[faces], wound(angles[faces], is_tip[faces], 2 * np.pi) * radius], axis=2)


def wound(values: Floats, is_free: NDArray[np.bool_], period: float) -> Floats:
    """Return (F, 3) cyclic values without a jump inside a face; free ones take the mean of the others."""
    first = np.take_along_axis(values, np.argmin(is_free, axis=1)[:, None], axis=1)
    near = values - period * np.round((values - first) / period)
    n_bound = np.maximum((~is_free).sum(axis=1, keepdims=True), 1)
    mean = np.where(is_free, 0.0, near).sum(axis=1, keepdims=True) / n_bound
    return np.asarray(np.where(is_free, mean, near), float)


def lengths_along(points: Floats) -> Floats:
    """Return (N,) metres from the first of (N, D) points to each."""
    steps = np.linalg.norm(np.diff(points, axis=0), axis=1)
    return np.concatenate([[0.0], np.cumsum(steps)])


def spread(values: Sequence[float] | Floats, rings: Sequence[Floats]) -> Floats:
    """Return (V,): one value for each vertex of its ring."""
    return np.repeat(np.asarray(values, float), [len(ring) for ring in rings])
