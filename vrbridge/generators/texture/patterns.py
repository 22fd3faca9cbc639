"""Layouts that divide a torus into pieces: courses of blocks, and cells around scattered points."""

from dataclasses import dataclass
from typing import NamedTuple, TypeVar

import numpy as np
import numpy.typing as npt

from vrbridge.generators.texture.noise import Canvas, Field, in_bands
from vrbridge.interruption import step

_Number = TypeVar("_Number", bound=np.generic)

# Part of a block by which courses start before the tile: its edge runs through blocks and not along a joint,
# where filters that bleed would draw a line.
_LEAD = np.float32(0.375)


@dataclass(frozen=True, slots=True)
class Pieces:
    """Which piece each pixel belongs to.

    Attributes:
        edge: (S, S) float32, distance to the piece's border in tiles, positive inside.
        number: (S, S) int32, index of the piece.
        u: (S, S) float32, place across the piece: from its centre, in tiles.
        v: As `u`, downwards.
        count: How many pieces there are.
    """

    edge: Field
    number: npt.NDArray[np.int32]
    u: Field
    v: Field
    count: int

    @classmethod
    def blank(cls, size_px: int, count: int) -> "Pieces":
        """Return pieces of a tile of this edge whose pixels have yet to be set."""
        number = np.empty((size_px, size_px), np.int32)
        edge, u, v = (np.empty(number.shape, np.float32) for _ in range(3))
        return cls(edge, number, u, v, count)

    def each(self, canvas: Canvas, name: str) -> Field:
        """Return one uniform number in [0, 1) a piece, spread over its pixels."""
        table = canvas.table(name, self.count)
        field = np.empty(self.number.shape, np.float32)
        for rows in in_bands(canvas.size_px):
            field[rows] = table[self.number[rows]]
        return field


def courses(
    canvas: Canvas,
    *,
    rows: int,
    columns: int,
    shift: float = 0.5,
    jitter: float = 0.0,
    rounding: float = 0.0,
    wobble: float = 0.0,
    random_shift: bool = False,
) -> Pieces:
    """Return courses of blocks.

    Args:
        canvas: Where to draw.
        rows: Courses in a tile.
        columns: Blocks in a course.
        shift: Of every other course, in blocks; an odd number of rows breaks the bond once.
        jitter: How far joints leave their place, in blocks, below 0.45.
        rounding: Radius of corners, in tiles.
        wobble: How far borders waver, in tiles.
        random_shift: Shift every course by chance instead.
    """
    x, y = canvas.x, canvas.y
    if wobble:
        x = x + canvas.fbm("courses/x", 12, octaves=3) * np.float32(wobble)
        y = y + canvas.fbm("courses/y", 12, octaves=3) * np.float32(wobble)
    shifts = (np.arange(rows) * shift % 1.0).astype(np.float32)
    if random_shift:
        shifts = canvas.table("courses/shift", rows)
    joints = (canvas.table("courses/joints", rows, columns) - np.float32(0.5)) * np.float32(2 * jitter)
    pieces = Pieces.blank(canvas.size_px, rows * columns)
    for band in in_bands(canvas.size_px):
        row, column, u, v, half_u = _in_courses(x[band], y[band], shifts, joints, is_even=not jitter)
        qx = np.abs(u) - half_u + np.float32(rounding)
        qy = np.abs(v) - np.float32(0.5 / rows) + np.float32(rounding)
        outside = np.sqrt(np.maximum(qx, 0) ** 2 + np.maximum(qy, 0) ** 2)
        pieces.edge[band] = np.float32(rounding) - outside - np.minimum(np.maximum(qx, qy), 0)
        pieces.number[band] = row * columns + column
        pieces.u[band], pieces.v[band] = u, v
    return pieces


def _in_courses(
    x: Field, y: Field, shifts: npt.NDArray[np.float32], joints: npt.NDArray[np.float32], *, is_even: bool
) -> tuple[npt.NDArray[np.int32], npt.NDArray[np.int32], Field, Field, Field]:
    """Return row and column of the block at each place, the place from its centre, and half its width.

    Args:
        x: Places in tiles.
        y: The same downwards.
        shifts: Of each course, in blocks.
        joints: (rows, columns) how far each joint has left its place, in blocks.
        is_even: Whether they all stayed there.
    """
    rows, columns = joints.shape
    down = y * np.float32(rows) + _LEAD
    row_at = np.floor(down)
    row = row_at.astype(np.int32) % rows
    across = x * np.float32(columns) + shifts[row] + _LEAD
    column_at = np.floor(across)
    column = column_at.astype(np.int32) % columns
    if not is_even:
        start = column_at + joints[row, column]
        column = np.where(across < start, column - 1, column) % columns
        after = across >= column_at + 1 + joints[row, (column_at.astype(np.int32) + 1) % columns]
        column = np.where(after, column + 1, column) % columns
        column_at = column_at - (across < start) + after
    left = column_at + joints[row, column]
    right = column_at + 1 + joints[row, (column + 1) % columns]
    u = (across - (left + right) / 2) / np.float32(columns)
    v = (down - row_at - np.float32(0.5)) / np.float32(rows)
    return row, column, u, v, (right - left) / np.float32(2 * columns)


def scattered(
    canvas: Canvas,
    name: str,
    *,
    rows: int,
    columns: int | None = None,
    jitter: float = 0.8,
    wobble: float = 0.0,
    wobble_cells: int = 12,
    is_stretched: bool = False,
    has_edge: bool = True,
) -> Pieces:
    """Return Voronoi cells around one random point in each cell of a lattice.

    Args:
        canvas: Where to draw.
        name: Distinguishes layouts.
        rows: Lattice cells from top to bottom.
        columns: Lattice cells from left to right; None is as many as rows.
        jitter: 0 is a grid, 1 is wild.
        wobble: How far borders waver, in tiles.
        wobble_cells: Lattice of that wavering.
        is_stretched: Measure distance in lattice cells, so that pieces take the cells' proportions.
        has_edge: Without it, `edge` is 0 and half of the time is saved.
    """
    columns = rows if columns is None else columns
    x, y = canvas.x, canvas.y
    if wobble:
        x = x + canvas.fbm(f"{name}/x", wobble_cells, octaves=3) * np.float32(wobble)
        y = y + canvas.fbm(f"{name}/y", wobble_cells, octaves=3) * np.float32(wobble)
    points = _Points(canvas, name, rows, columns, jitter=jitter, is_stretched=is_stretched)
    pieces = Pieces.blank(canvas.size_px, rows * columns)
    for band in in_bands(canvas.size_px):
        places = points.places(x[band], y[band])
        nearest = points.nearest(places)
        pieces.number[band], pieces.u[band], pieces.v[band] = nearest.number, -nearest.x, -nearest.y
        step()
        pieces.edge[band] = points.edge(places, nearest) if has_edge else 0
    return pieces


class _Places(NamedTuple):
    """Number of the cell of each place, and where in it the place is, 0–1 to the right and down."""

    cell: npt.NDArray[np.int32]
    x: Field
    y: Field


class _Nearest(NamedTuple):
    """The nearest point of each place: its number, how far away it is, and in which direction."""

    number: npt.NDArray[np.int32]
    distance: Field
    x: Field
    y: Field


class _Points:
    """One random point in each cell of a lattice."""

    def __init__(
        self, canvas: Canvas, name: str, rows: int, columns: int, *, jitter: float, is_stretched: bool
    ) -> None:
        # Borders gather along the lattice; the phase keeps it off the tile's edge.
        self._phase_y, self._phase_x = canvas.table(f"{name}/phase", 2)
        spread = np.float32(jitter)
        self._x = (canvas.table(f"{name}/px", rows, columns) - np.float32(0.5)) * spread + np.float32(0.5)
        self._y = (canvas.table(f"{name}/py", rows, columns) - np.float32(0.5)) * spread + np.float32(0.5)
        self._numbers = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
        self._width = np.float32(1 / (max(rows, columns) if is_stretched else columns))
        self._height = np.float32(1 / (max(rows, columns) if is_stretched else rows))
        # In flat or narrow cells the nearest points may lie two cells away.
        far_x = 1 if is_stretched or columns < 1.25 * rows else 2
        far_y = 1 if is_stretched or rows < 1.25 * columns else 2
        self._cells = [(dy, dx) for dy in range(-far_y, far_y + 1) for dx in range(-far_x, far_x + 1)]

    def places(self, x: Field, y: Field) -> _Places:
        """Return where in the lattice places of a tile are."""
        rows, columns = self._numbers.shape
        fx, fy = x * np.float32(columns) + self._phase_x, y * np.float32(rows) + self._phase_y
        cx, cy = np.floor(fx), np.floor(fy)
        index = (cy.astype(np.int32) % rows) * columns + cx.astype(np.int32) % columns
        return _Places(index, fx - cx, fy - cy)

    def nearest(self, places: _Places) -> _Nearest:
        """Return the nearest point of each place."""
        shape = places.cell.shape
        best = _Nearest(
            np.zeros(shape, np.int32),
            np.full(shape, 9, np.float32),
            np.zeros(shape, np.float32),
            np.zeros(shape, np.float32),
        )
        for cell in self._cells:
            x, y = self._way(cell, places)
            distance = x * x + y * y
            closer = distance < best.distance
            np.copyto(best.distance, distance, where=closer)
            np.copyto(best.x, x, where=closer)
            np.copyto(best.y, y, where=closer)
            np.copyto(best.number, _moved(self._numbers, cell).ravel()[places.cell], where=closer)
        return best

    def edge(self, places: _Places, nearest: _Nearest) -> Field:
        """Return how far the border to another point's cell is."""
        edge = np.full(places.cell.shape, 9, np.float32)
        for cell in self._cells:
            x, y = self._way(cell, places)
            distance = x * x + y * y
            apart = np.sqrt((x - nearest.x) ** 2 + (y - nearest.y) ** 2)
            border = (distance - nearest.distance) / (2 * apart + np.float32(1e-9))
            np.minimum(edge, border, out=edge, where=apart > np.float32(1e-6))
        return edge

    def _way(self, cell: tuple[int, int], places: _Places) -> tuple[Field, Field]:
        """Return how far the point of a cell that lies so many cells away is, to the right and down."""
        dy, dx = cell
        x = (_moved(self._x, cell) + dx).ravel()[places.cell] - places.x
        y = (_moved(self._y, cell) + dy).ravel()[places.cell] - places.y
        return x * self._width, y * self._height


def _moved(table: npt.NDArray[_Number], cell: tuple[int, int]) -> npt.NDArray[_Number]:
    return np.roll(table, (-cell[0], -cell[1]), (0, 1))
