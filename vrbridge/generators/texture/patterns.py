"""Layouts that divide a torus into pieces: courses of blocks, and cells around scattered points."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vrbridge.generators.texture.noise import Canvas, Field
from vrbridge.interruption import step

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

    def each(self, canvas: Canvas, name: str) -> Field:
        """Return one uniform number in [0, 1) a piece, spread over its pixels."""
        return canvas.table(name, self.count)[self.number]


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
    down = y * np.float32(rows) + _LEAD
    row_at = np.floor(down)
    row = row_at.astype(np.int32) % rows
    shifts = (np.arange(rows) * shift % 1.0).astype(np.float32)
    if random_shift:
        shifts = canvas.table("courses/shift", rows)
    across = x * np.float32(columns) + shifts[row] + _LEAD
    joints = (canvas.table("courses/joints", rows, columns) - np.float32(0.5)) * np.float32(2 * jitter)
    column_at = np.floor(across)
    column = column_at.astype(np.int32) % columns
    if jitter:
        start = column_at + joints[row, column]
        column = np.where(across < start, column - 1, column) % columns
        after = across >= column_at + 1 + joints[row, (column_at.astype(np.int32) + 1) % columns]
        column = np.where(after, column + 1, column) % columns
        column_at = column_at - (across < start) + after
    left = column_at + joints[row, column]
    right = column_at + 1 + joints[row, (column + 1) % columns]
    u = (across - (left + right) / 2) / np.float32(columns)
    v = (down - row_at - np.float32(0.5)) / np.float32(rows)
    half_u, half_v = (right - left) / np.float32(2 * columns), np.float32(0.5 / rows)
    qx, qy = np.abs(u) - half_u + np.float32(rounding), np.abs(v) - half_v + np.float32(rounding)
    outside = np.sqrt(np.maximum(qx, 0) ** 2 + np.maximum(qy, 0) ** 2)
    edge = np.float32(rounding) - outside - np.minimum(np.maximum(qx, qy), 0)
    number = (row * columns + column).astype(np.int32)
    return Pieces(edge.astype(np.float32), number, u.astype(np.float32), v, rows * columns)


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
    # Borders gather along the lattice; the phase keeps it off the tile's edge.
    phase_y, phase_x = canvas.table(f"{name}/phase", 2)
    fx, fy = x * np.float32(columns) + phase_x, y * np.float32(rows) + phase_y
    cx, cy = np.floor(fx), np.floor(fy)
    fx, fy = fx - cx, fy - cy
    index = (cy.astype(np.int32) % rows) * columns + cx.astype(np.int32) % columns
    spread = np.float32(jitter)
    px = (canvas.table(f"{name}/px", rows, columns) - np.float32(0.5)) * spread + np.float32(0.5)
    py = (canvas.table(f"{name}/py", rows, columns) - np.float32(0.5)) * spread + np.float32(0.5)
    ids = np.arange(rows * columns, dtype=np.int32).reshape(rows, columns)
    nearest = np.full(index.shape, 9, np.float32)
    best_x, best_y = np.zeros_like(nearest), np.zeros_like(nearest)
    number = np.zeros(index.shape, np.int32)
    to: list[tuple[Field, Field, Field]] = []
    # In flat or narrow cells the nearest points may lie two cells away.
    far_x = 1 if is_stretched or columns < 1.25 * rows else 2
    far_y = 1 if is_stretched or rows < 1.25 * columns else 2
    for dy in range(-far_y, far_y + 1):
        for dx in range(-far_x, far_x + 1):
            step()
            back = (-dy, -dx)
            vx = (np.roll(px, back, (0, 1)) + dx).ravel()[index] - fx
            vy = (np.roll(py, back, (0, 1)) + dy).ravel()[index] - fy
            vx *= np.float32(1 / (max(rows, columns) if is_stretched else columns))
            vy *= np.float32(1 / (max(rows, columns) if is_stretched else rows))
            distance = vx * vx + vy * vy
            if has_edge:
                to.append((vx, vy, distance))
            closer = distance < nearest
            np.copyto(nearest, distance, where=closer)
            np.copyto(best_x, vx, where=closer)
            np.copyto(best_y, vy, where=closer)
            np.copyto(number, np.roll(ids, back, (0, 1)).ravel()[index], where=closer)
    edge = np.full(index.shape, 9 if has_edge else 0, np.float32)
    for vx, vy, distance in to:
        step()
        apart = np.sqrt((vx - best_x) ** 2 + (vy - best_y) ** 2)
        border = (distance - nearest) / (2 * apart + np.float32(1e-9))
        np.minimum(edge, border, out=edge, where=apart > np.float32(1e-6))
    return Pieces(edge, number, -best_x, -best_y, rows * columns)
