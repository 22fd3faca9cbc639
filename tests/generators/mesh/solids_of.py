"""Logits of simple solids."""

import numpy as np
from numpy.typing import NDArray

EDGE = 64


def _cells() -> NDArray[np.float32]:
    """Return (64, 64, 64, 3) middles of cells, from the middle of the grid."""
    axis = np.arange(EDGE, dtype=np.float32) - 31.5
    return np.stack(np.meshgrid(axis, axis, axis, indexing="ij"), -1)


def ball(radius: float, middle: tuple[float, float, float] = (0, 0, 0)) -> NDArray[np.float32]:
    """Return the logits of a ball, in cells from the middle of the grid."""
    away = np.linalg.norm(_cells() - np.array(middle, np.float32), axis=-1)
    return np.asarray(radius - away, np.float32)


def brick(*half: float) -> NDArray[np.float32]:
    """Return the logits of a box of half edges x, y, z."""
    return np.asarray((np.array(half, np.float32) - np.abs(_cells())).min(-1), np.float32)


def ring(radius: float, thickness: float) -> NDArray[np.float32]:
    """Return the logits of a ring around the y axis."""
    cells = _cells()
    away = np.hypot(np.hypot(cells[..., 0], cells[..., 2]) - radius, cells[..., 1])
    return np.asarray(thickness - away, np.float32)


def lattice(n: int) -> NDArray[np.float32]:
    """Return the logits of a cage of bars, n to a side: more holes than a coarse level has faces for."""
    cells = np.abs(((_cells() + 32) % (EDGE / n)) - EDGE / n / 2)
    is_bar = (cells < 2).sum(-1) >= 2
    inside = np.abs(_cells()).max(-1) < 28
    return np.where(is_bar & inside, 2.0, -2.0).astype(np.float32)


def noise(seed: int) -> NDArray[np.float32]:
    """Return logits of nothing in particular, of many crumbs and holes."""
    from scipy.ndimage import gaussian_filter

    field = gaussian_filter(np.random.default_rng(seed).standard_normal((EDGE,) * 3), 2.0)
    result: NDArray[np.float32] = (field / field.std() - 0.5).astype(np.float32)
    return result
