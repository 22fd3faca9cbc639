"""Whether tiles meet: how rough the lines between two tiles are beside all the others."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

MAX_SEAM_RATIO = 1.1
"""Above this a seam begins to show."""

Pixels = npt.NDArray[np.uint8]

# Where a seam is no clearer than this many of 255 levels, nobody sees it: flat maps have no seams.
_INVISIBLE = 0.5
_CLEARLY = 1.1


@dataclass(frozen=True, slots=True)
class Seams:
    """The seams of many tiles of one kind of map.

    Attributes:
        ratio: Mean step from one tile to the next ÷ mean step across the other lines, over all tiles; 1 is
            seamless.
        visible: Share of tiles where the line between two tiles is the roughest of them, by a tenth.
    """

    ratio: float
    visible: float


def seams(tiles: Iterable[Pixels], *, block_px: int = 1) -> Seams:
    """Return the seams of tiles in both directions.

    Args:
        tiles: (H, W, C) or (H, W), uint8.
        block_px: Of the coding that they went through: only the lines between its blocks, which the border
            is one of, are compared. 1: all lines.

    Raises:
        ValueError: If there are no tiles.
    """
    edge, inside, visible = [], [], []
    for tile in tiles:
        lines = [_steps(tile.astype(np.int16), axis)[block_px - 1 :: block_px] for axis in (0, 1)]
        edge.append(float(np.mean([line[-1] for line in lines])))
        inside.append(float(np.mean([line[:-1].mean() for line in lines])))
        visible.append(any(line[-1] > max(_INVISIBLE, _CLEARLY * float(line[:-1].max())) for line in lines))
    if not edge:
        raise ValueError("Seams need tiles.")
    # Added up before they are divided: a flat tile's ratio is the noise of its rounding.
    total_edge, total_inside = float(np.sum(edge)), float(np.sum(inside))
    ratio = total_edge / total_inside if total_inside > 0 else 1.0 if total_edge == 0 else float("inf")
    return Seams(ratio, float(np.mean(visible)))


def _steps(tile: npt.NDArray[np.int16], axis: int) -> npt.NDArray[np.float64]:
    """Return the mean absolute step from each line to the next; the last is that to the next tile."""
    steps = np.abs(np.roll(tile, -1, axis) - tile)
    return np.asarray(steps.mean(axis=tuple(a for a in range(steps.ndim) if a != axis)), np.float64)
