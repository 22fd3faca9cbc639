"""Batches of shapes, half of them mirrored."""

from collections import Counter

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vrbridge.training.mesh_data import MeshData


class ShapeBatches:
    """Draws batches; the same seed and step give the same batch.

    Args:
        data: All shapes.
        chosen: (M,) numbers of those that are learned from.
        batch: Shapes in a batch.
        seed: Of the drawing.
    """

    def __init__(self, data: MeshData, chosen: NDArray[np.int64], *, batch: int, seed: int) -> None:
        self._data = data
        self.chosen = chosen
        self._batch = batch
        self._seed = seed
        counts = Counter(data.shapes[i].category for i in chosen)
        # Rare kinds more often than their number.
        chances = np.array([counts[data.shapes[i].category] ** -0.3 for i in chosen])
        self._chances = chances / chances.sum()

    def choose(self, step: int) -> tuple[NDArray[np.int64], NDArray[np.bool_]]:
        """Return places in `chosen` of a batch, and which of them are mirrored."""
        random = np.random.default_rng([self._seed, step])
        is_scarce = len(self.chosen) < self._batch
        places = random.choice(len(self.chosen), self._batch, replace=is_scarce, p=self._chances)
        return places, random.random(self._batch) < 0.5

    def draw(self, step: int) -> tuple[Tensor, Tensor]:
        """Return solids (B, 1, 64, 64, 64) in [0, 1] and colours (B, 4, 32, 32, 32); see `ShapeEncoder`."""
        places, is_mirrored = self.choose(step)
        return as_input(self._data, self.chosen[places], is_mirrored)


def as_input(
    data: MeshData, numbers: NDArray[np.int64], is_mirrored: NDArray[np.bool_] | None = None
) -> tuple[Tensor, Tensor]:
    """Return the solids and colours of some shapes; see `ShapeEncoder`.

    Args:
        data: All shapes.
        numbers: (B,) which of them.
        is_mirrored: (B,) with left and right exchanged; None: none.
    """
    solid, color = data.solid[numbers], data.color[numbers]
    if is_mirrored is not None:
        solid[is_mirrored] = solid[is_mirrored, ::-1]
        color[is_mirrored] = color[is_mirrored, ::-1]
    solids = torch.from_numpy(solid).float().div_(255)[:, None]
    colors = torch.from_numpy(color).permute(0, 4, 1, 2, 3).float()
    here = colors[:, 3:] / 255
    return solids, torch.cat([(colors[:, :3] / 127.5 - 1) * here, here], 1)
