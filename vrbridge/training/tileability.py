"""Measures whether a picture's opposite edges meet."""

from typing import NamedTuple

import numpy as np
import numpy.typing as npt

_LEAST_GRADIENT = 0.7
"""Of 255: keeps pictures of one colour from dividing by nothing."""


class SeamRatios(NamedTuple):
    """How much larger the step over the edge is than steps inside; 1 is as good as seamless.

    Attributes:
        mean: Against the mean step of neighbouring columns or rows, the worse axis.
        p90: Against the 90th percentile, the worse axis.
    """

    mean: float
    p90: float

    @property
    def is_tileable(self) -> bool:
        """Whether a person would see no edge."""
        return self.mean < 1.9 and self.p90 < 1.6


def seam_ratios(color: npt.NDArray[np.uint8]) -> SeamRatios:
    """Return the seam ratios of (H, W, 3) uint8."""
    values = color.astype(np.float32)
    across = np.abs(np.diff(values, axis=1)).mean((0, 2))
    down = np.abs(np.diff(values, axis=0)).mean((1, 2))
    edge_x = np.abs(values[:, 0] - values[:, -1]).mean()
    edge_y = np.abs(values[0] - values[-1]).mean()

    def ratio(edge: np.float32, inside: np.float64) -> float:
        return float(edge / max(inside, _LEAST_GRADIENT))

    return SeamRatios(
        mean=max(ratio(edge_x, across.mean()), ratio(edge_y, down.mean())),
        p90=max(ratio(edge_x, np.percentile(across, 90)), ratio(edge_y, np.percentile(down, 90))),
    )
