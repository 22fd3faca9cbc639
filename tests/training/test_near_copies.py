"""The same surface in other colours is found, another surface of the same kind is not."""

import numpy as np
import numpy.typing as npt
from scipy.ndimage import gaussian_filter

from vrbridge.training.near_copies import near_copies

Tiles = npt.NDArray[np.uint8]


def stones(n: int, *, seed: int) -> Tiles:
    noise = np.random.default_rng(seed).normal(size=(n, 64, 64))
    soft = gaussian_filter(noise, (0, 3, 3), mode="wrap")
    gray = 128 + 60 * soft / soft.std((1, 2), keepdims=True)
    return np.repeat(np.clip(gray, 0, 255)[..., None], 3, 3).astype(np.uint8)


def recolored(tile: Tiles) -> Tiles:
    """Return a moved tile with less contrast and a cast."""
    moved = np.roll(tile, (13, 40), (0, 1)).astype(np.float32)
    return (moved * (0.6, 0.5, 0.4) + (70, 20, 0)).clip(0, 255).astype(np.uint8)


def test_moved_and_recoloured_tiles_are_copies() -> None:
    tiles = stones(6, seed=1)
    others = np.stack([recolored(tiles[4]), recolored(tiles[1])])
    assert near_copies(tiles, others).tolist() == [False, True, False, False, True, False]


def test_plain_tiles_are_nobodys_copies() -> None:
    plain = np.stack([np.full((64, 64, 3), level, np.uint8) for level in (60, 200)])
    assert not near_copies(np.concatenate([plain, stones(2, seed=2)]), plain).any()


def test_nothing_to_compare_with_is_no_copy() -> None:
    tiles = stones(2, seed=3)
    assert not near_copies(tiles, tiles[:0]).any()
    assert near_copies(tiles[:0], tiles).shape == (0,)
