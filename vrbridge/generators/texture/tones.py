"""The tone of a lattice, mean and spread of each channel, apart from its structure."""

import torch
from torch import Tensor

from vrbridge.generators.texture.autoencoder import LATENT_CHANNELS

TONE_SIZE = 2 * LATENT_CHANNELS
"""Numbers of a tone: the mean of each channel, then the logarithm of its spread."""

_LEAST_SPREAD = 0.02
_FAINT = 0.6
_FIXED_POINT = float(1 << 24)
_SQUARE_SHIFT = 8
# Lightness, red against green, yellow against blue: within one material they vary nearly independently.
_OPPONENT = ((1 / 3, 1 / 3, 1 / 3), (0.5, -0.5, 0.0), (0.25, 0.25, -0.5))


def tones_of(lattice: Tensor) -> Tensor:
    """Return (B, 12) tones of (B, 6, h, w) lattices."""
    values = _mixed(lattice, _matrix(lattice)).flatten(2)
    spread = values.std(2, correction=0).clamp_min(_LEAST_SPREAD)
    return torch.cat([values.mean(2), spread.log()], 1)


def structure_of(lattice: Tensor, tone: Tensor) -> Tensor:
    """Return (B, 6, h, w) lattices without their tone: mean 0 and spread 1 if it is their own.

    Args:
        lattice: (B, 6, h, w).
        tone: (B, 12, 1, 1) or (B, 12, h, w).
    """
    mean, log_spread = tone.chunk(2, 1)
    return (_mixed(lattice, _matrix(lattice)) - mean) * torch.exp(-log_spread)


def standardised(structure: Tensor) -> Tensor:
    """Return (B, 6, h, w) structures of mean 0 and spread 1 in each channel, as those of whole pictures are.

    A flow that is not sure draws too faintly. What is hardly drawn at all is not made much of.
    """
    # Sums of whole numbers do not depend on their order: a shifted structure gives the shifted result.
    steps = (_exact(structure).double() * _FIXED_POINT).round().long()
    n = structure.shape[2] * structure.shape[3]
    mean = steps.sum((2, 3), keepdim=True).double() / (n * _FIXED_POINT)
    square = (steps >> _SQUARE_SHIFT).square().sum((2, 3), keepdim=True).double()
    square = square * float(1 << 2 * _SQUARE_SHIFT) / (n * _FIXED_POINT**2)
    spread = (square - mean.square()).clamp_min(_FAINT**2).sqrt()
    return (structure - mean.float().to(structure.device)) / spread.float().to(structure.device)


def _exact(values: Tensor) -> Tensor:
    """Return values where there is float64, which Apple's GPUs don't have."""
    return values.cpu() if values.device.type == "mps" else values


def toned(structure: Tensor, tone: Tensor) -> Tensor:
    """Return (B, 6, h, w) lattices of a structure in a tone; undoes `structure_of`."""
    mean, log_spread = tone.chunk(2, 1)
    values = structure * torch.exp(log_spread) + mean
    return _mixed(values, _inverse(values))


def mean_colors(tone: Tensor) -> Tensor:
    """Return (B, 3) mean sRGB in [0, 1] of (B, 12) tones."""
    colors: Tensor = tone[:, :3] @ _inverse(tone).T
    return (colors + 1) / 2


def with_mean_colors(tone: Tensor, srgb: Tensor) -> Tensor:
    """Return (B, 12) tones whose mean is (B, 3) sRGB in [0, 1]."""
    return torch.cat([(srgb * 2 - 1) @ _matrix(tone).T, tone[:, 3:]], 1)


def _matrix(like: Tensor) -> Tensor:
    return torch.tensor(_OPPONENT, dtype=torch.float32, device=like.device)


def _inverse(like: Tensor) -> Tensor:
    # On the CPU: a card would load a library for it, and not every kind of device can do it.
    inverse: Tensor = torch.linalg.inv(torch.tensor(_OPPONENT, dtype=torch.float32))
    return inverse.to(like.device)


def _mixed(lattice: Tensor, matrix: Tensor) -> Tensor:
    """Return the lattice with its three colour channels transformed."""
    colors = lattice[:, :3].float()
    # One product after the other, so that a shifted lattice gives the shifted result to the last bit.
    rows = [sum(matrix[i, j] * colors[:, j] for j in range(3)) for i in range(3)]
    return torch.cat([torch.stack([torch.as_tensor(row) for row in rows], 1), lattice[:, 3:].float()], 1)
