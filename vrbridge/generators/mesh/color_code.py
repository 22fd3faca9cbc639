"""Where a shape has which colour, in a few numbers."""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy import ndimage
from torch import Tensor

COLOR_CODE_SIZE = 64
"""Numbers of a colour code."""
FIELD_EDGE = 8
"""Cells along each side of a field of colours."""
FIELD_SIZE = 3 * FIELD_EDGE**3


@dataclass(frozen=True, slots=True, eq=False)
class ColorSpace:
    """The axes along which fields of colours differ most.

    Attributes:
        mean: (1536,) of all fields.
        axes: (64, 1536) orthogonal, each as long as fields spread along it.
    """

    mean: Tensor
    axes: Tensor

    @classmethod
    def of(cls, fields: NDArray[np.float32]) -> "ColorSpace":
        """Return the space of (N, 1536) fields; axes beyond the N - 1st are 0."""
        mean = fields.mean(0)
        centred = torch.from_numpy(fields - mean)
        axes = torch.zeros(COLOR_CODE_SIZE, FIELD_SIZE)
        n = min(COLOR_CODE_SIZE, max(len(fields) - 1, 0))
        with torch.random.fork_rng(devices=[]):
            torch.manual_seed(0)
            _, spread, directions = torch.svd_lowrank(
                centred, q=min(2 * COLOR_CODE_SIZE, *centred.shape), niter=4
            )
        axes[:n] = directions.T[:n] * spread[:n, None] / math.sqrt(max(len(fields) - 1, 1))
        return cls(torch.from_numpy(mean), axes)

    def codes(self, fields: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the (N, 64) codes of (N, 1536) fields; along each axis about spread 1."""
        squares = self.axes.square().sum(1).clamp(min=1e-9)
        codes: NDArray[np.float32] = ((torch.from_numpy(fields) - self.mean) @ self.axes.T / squares).numpy()
        return codes

    def field(self, code: NDArray[np.float32]) -> NDArray[np.float32]:
        """Return the field (3, 8, 8, 8) of a code (64,): sRGB about [-1, 1]."""
        values = self.mean + torch.from_numpy(code) @ self.axes
        field: NDArray[np.float32] = values.view(3, FIELD_EDGE, FIELD_EDGE, FIELD_EDGE).numpy()
        return field


def color_field(color: NDArray[np.uint8]) -> NDArray[np.float32]:
    """Return the field (1536,) of a grid of colours: where there is no surface, that of the nearest.

    Args:
        color: (32, 32, 32, 4) uint8, sRGB where surface is and there 255, else all 0.
    """
    n = color.shape[0] // FIELD_EDGE
    blocks = color.astype(np.float32).reshape(FIELD_EDGE, n, FIELD_EDGE, n, FIELD_EDGE, n, 4)
    sums = blocks.sum((1, 3, 5))  # (8, 8, 8, 4)
    here = sums[..., 3:] / 255
    means = sums[..., :3] / np.maximum(here, 1)
    if here.any():
        nearest = ndimage.distance_transform_edt(
            here[..., 0] == 0, return_distances=False, return_indices=True
        )
        means = means[tuple(np.asarray(nearest))]
    return np.asarray(np.moveaxis(means / 127.5 - 1, 3, 0).reshape(-1), np.float32)
