"""How far a painted picture is from the one it should be."""

import math
from collections.abc import Sequence

import torch
from torch import Tensor
from torch.nn import functional

# Layers whose texture is compared window by window, and the edge of a window in their values.
_WINDOWS = {0: 32, 1: 16, 2: 8, 3: 4}
# Edge of a lattice point's square, and of the windows in which squares are averaged.
_GRID_PX = 8
_GRID_WINDOW = 64
_WAVES_PX = 8
# Of colours from -1 to 1: what eight bits hold.
_LEAST_STRENGTH = 1e-4


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


def grid_distance(painted: Tensor, real: Tensor) -> Tensor:
    """Return how much more of a painted picture than of a real one repeats with every lattice point.

    A decoder that should make grain finds it easiest to paint the same dots in each square. Tiles that are
    shifted at random hold nothing of that kind.

    Args:
        painted: (B, 3, H, W) colours; H and W multiples of 64.
        real: Likewise.
    """
    real = real.float()
    layout = functional.interpolate(functional.avg_pool2d(real, _GRID_PX), scale_factor=float(_GRID_PX))
    detail = (real - layout).std((1, 2, 3), keepdim=True)[..., None, None] + 1e-2
    excess = _repeated(painted.float()) - _repeated(real)
    return (functional.relu(excess) / detail).mean()


def spectrum_distance(painted: Tensor, real: Tensor) -> Tensor:
    """Return how differently strong the waves of each length and direction are, as a mean of logarithms.

    Dots of a width that real grain does not have stand out in it, wherever they lie.

    Args:
        painted: (B, 3, H, W) colours.
        real: Likewise.
    """
    return (_wave_strengths(painted.float()) - _wave_strengths(real.float())).abs().mean()


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


def _repeated(x: Tensor) -> Tensor:
    """Return the spread (B, C, h, w, 1, 1) of the mean square of pixels about lattice points, by window."""
    batch, channels, height, width = x.shape
    cells = _GRID_WINDOW // _GRID_PX
    squares = x.reshape(
        batch, channels, height // _GRID_WINDOW, cells, _GRID_PX, width // _GRID_WINDOW, cells, _GRID_PX
    )
    mean = squares.mean((3, 6)).permute(0, 1, 2, 4, 3, 5)
    return (mean.var((4, 5), keepdim=True) + 1e-5).sqrt()


def _wave_strengths(x: Tensor) -> Tensor:
    """Return (B, 63) logarithms of the mean square of each cosine wave but the constant, in 8 × 8 windows."""
    waves = _cosines(x.device)
    strengths = functional.conv2d(x.mean(1, keepdim=True), waves, stride=_WAVES_PX // 2).square().mean((2, 3))
    return (strengths[:, 1:] + _LEAST_STRENGTH).log()


def _cosines(device: torch.device) -> Tensor:
    """Return (64, 1, 8, 8) products of cosines, each of norm 1."""
    places = torch.arange(_WAVES_PX, device=device, dtype=torch.float32) + 0.5
    waves = torch.cos(torch.arange(_WAVES_PX, device=device)[:, None] * places * (math.pi / _WAVES_PX))
    waves = functional.normalize(waves, dim=1)
    return torch.einsum("iy,jx->ijyx", waves, waves).reshape(-1, 1, _WAVES_PX, _WAVES_PX)
