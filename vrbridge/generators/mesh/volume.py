"""The grid of cells that shapes are encoded in and decoded to."""

import numpy as np
from numpy.typing import NDArray

EDGE = 64
"""Cells along each side; axes are x, y (up), z (front)."""
SPAN = 60
"""Cells that the longest side of a shape takes; the rest is margin, half of it on each side."""
COLOR_EDGE = 32
"""Cells along each side of the grid of colours."""


def to_cells(points: NDArray[np.floating], edge: int = EDGE) -> NDArray[np.floating]:
    """Return (N, 3) coordinates in cells, counted from the corner, of points of a shape.

    Args:
        points: (N, 3), the middle of the shape's bounds at the origin, its longest side 1.
        edge: Cells along each side.
    """
    return points * (edge * SPAN / EDGE) + edge / 2


def from_cells(cells: NDArray[np.floating], edge: int = EDGE) -> NDArray[np.floating]:
    """Return (N, 3) points of a shape of coordinates in cells; the opposite of `to_cells`."""
    return (cells - edge / 2) / (edge * SPAN / EDGE)
