"""How far a painted picture is from the one it should be."""

from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

# Layers whose texture is compared window by window, and the edge of a window in their values.
_WINDOWS = {0: 32, 1: 16, 2: 8, 3: 4}


def feature_distance(painted: Sequence[Tensor], real: Sequence[Tensor]) -> Tensor:
    """Return the mean absolute difference of features, each layer in units of its own spread.

    Args:
        painted: Layers, each (B, C, H, W).
        real: Likewise; not differentiated.
    """
    total = painted[0].new_zeros((), dtype=torch.float32)
    for p, r in zip(painted, real, strict=True):
        total = total + (p - r).abs().float().mean() / _spread(r)
    return total / len(painted)


def texture_distance(painted: Sequence[Tensor], real: Sequence[Tensor]) -> Tensor:
    """Return how differently the features vary within small windows, wherever in them each detail lies.

    Args:
        painted: Layers, each (B, C, H, W).
        real: Likewise; not differentiated.
    """
    total = painted[0].new_zeros((), dtype=torch.float32)
    for layer, window in _WINDOWS.items():
        p, r = painted[layer].float(), real[layer].float()
        total = total + (_deviation(p, window) - _deviation(r, window)).abs().mean() / _spread(r)
    return total / len(_WINDOWS)


def divergence(mean: Tensor, log_variance: Tensor) -> Tensor:
    """Return the Kullback-Leibler divergence of the lattice from the standard normal, per value."""
    mean, log_variance = mean.float(), log_variance.float()
    return 0.5 * (mean.square() + log_variance.exp() - 1 - log_variance).mean()


def _spread(x: Tensor) -> Tensor:
    return x.detach().float().std() + 1e-4


def _deviation(x: Tensor, window: int) -> Tensor:
    mean = functional.avg_pool2d(x, window)
    square = functional.avg_pool2d(x.square(), window)
    return (square - mean.square()).clamp_min(1e-5).sqrt()
