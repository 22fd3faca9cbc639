"""Batches of tiles, shifted at random: on a torus every shift is another picture of the same material."""

from collections import Counter
from collections.abc import Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor


class TileBatches:
    """Draws batches; the same seed and step give the same batch.

    Args:
        colors: (N, S, S, 3) uint8 tiles.
        categories: Of each; rare ones are drawn more often than their number.
        batch: Tiles in a batch.
        seed: Of the drawing.
        weights: (N,) how often each is drawn besides, or None.
    """

    def __init__(
        self,
        colors: npt.NDArray[np.uint8],
        categories: Sequence[str],
        *,
        batch: int,
        seed: int,
        weights: npt.NDArray[np.float64] | None = None,
    ) -> None:
        self._colors = colors
        self._batch = batch
        self._seed = seed
        counts = Counter(categories)
        chances = np.array([counts[c] ** -0.4 for c in categories]) * (1.0 if weights is None else weights)
        self._chances = chances / chances.sum()

    def random(self, step: int) -> np.random.Generator:
        """Return the randomness of a step."""
        return np.random.default_rng([self._seed, step])

    def choose(self, random: np.random.Generator) -> npt.NDArray[np.int64]:
        """Return the numbers of a batch of tiles, each at most once if there are enough."""
        is_scarce = len(self._colors) < self._batch
        return random.choice(len(self._colors), self._batch, replace=is_scarce, p=self._chances)

    def draw(self, step: int) -> tuple[npt.NDArray[np.int64], Tensor]:
        """Return the numbers of the tiles and their (B, 3, S, S) colours in [-1, 1]."""
        random = self.random(step)
        chosen = self.choose(random)
        size = self._colors.shape[1]
        tiles = []
        for index in chosen:
            tile = self._colors[index]
            if random.random() < 0.5:
                tile = tile[:, ::-1]
            shift = random.integers(0, size, 2)
            tiles.append(np.roll(tile, tuple(shift), (0, 1)))
        return chosen, as_input(np.stack(tiles))


def as_input(colors: npt.NDArray[np.uint8]) -> Tensor:
    """Return (B, 3, H, W) float32 in [-1, 1] of (B, H, W, 3) uint8, its channels last in memory."""
    values = torch.from_numpy(np.ascontiguousarray(colors)).permute(0, 3, 1, 2).float()
    return values.div(127.5).sub(1).contiguous(memory_format=torch.channels_last)


def as_picture(color: Tensor, columns: int) -> npt.NDArray[np.uint8]:
    """Return the first three channels of (B, C, H, W) tiles in [-1, 1] as one picture of so many columns."""
    values = ((color[:, :3].float().clamp(-1, 1) + 1) * 127.5).round().byte().permute(0, 2, 3, 1).numpy()
    rows = [np.concatenate(list(values[i : i + columns]), 1) for i in range(0, len(values), columns)]
    widest = max(row.shape[1] for row in rows)
    full = [np.pad(row, ((0, 0), (0, widest - row.shape[1]), (0, 0))) for row in rows]
    return np.concatenate(full, 0)
