"""Draws lattices of new material tiles: a flow from noise to what the decoder can paint."""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from vrbridge.generators.texture.autoencoder import LATENT_CHANNELS
from vrbridge.generators.texture.torus import WrappedConv2d, doubled, halved, wrapped

CODE_SIZE = 64
"""Numbers that say which material a place is."""

_TOP = 160
_BELOW = 192
_TIME_WAVES = 32


class _Block(nn.Module):
    """Two convolutions beside a shortcut, steered by a condition; each place is normalised by itself."""

    def __init__(self, channels: int, condition: int) -> None:
        super().__init__()
        self.first = WrappedConv2d(channels, channels)
        self.second = WrappedConv2d(channels, channels, gain=0.1)
        self.steer = nn.Conv2d(condition, 2 * channels, 1)
        nn.init.zeros_(self.steer.weight)
        assert self.steer.bias is not None
        nn.init.zeros_(self.steer.bias)

    def forward(self, x: Tensor, condition: Tensor) -> Tensor:
        scale, shift = self.steer(condition).chunk(2, 1)
        inner = functional.silu(_normalised(x))
        inner = self.first.inside(wrapped(inner))
        inner = functional.silu(_normalised(inner) * (1 + scale) + shift)
        return x + self.second.inside(wrapped(inner))


class LatentFlow(nn.Module):
    """The velocity that carries a noisy lattice towards a material.

    Forward:
        lattice (B, 12, h, w), h and w multiples of 4; time (B,), 0 is noise and 1 the material; code
        (B, 64, 1, 1) or (B, 64, h, w) → velocity (B, 12, h, w).

    Source:
        Lipman et al., Flow Matching for Generative Modeling, ICLR 2023; Liu et al., Flow Straight and
        Fast, ICLR 2023.
    """

    def __init__(self) -> None:
        super().__init__()
        self.time = nn.Linear(2 * _TIME_WAVES, _TOP)
        self.code = nn.Conv2d(CODE_SIZE, _TOP, 1)
        self.mixed = nn.Conv2d(_TOP, _TOP, 1)
        self.enter = WrappedConv2d(LATENT_CHANNELS, _TOP)
        self.down = nn.ModuleList([_Block(_TOP, _TOP), _Block(_TOP, _TOP)])
        self.to_below = nn.Conv2d(_TOP, _BELOW, 1)
        self.below_down = _Block(_BELOW, _TOP)
        self.bottom = _Block(_BELOW, _TOP)
        self.below_up = _Block(_BELOW, _TOP)
        self.to_top = nn.Conv2d(_BELOW, _TOP, 1)
        self.up = nn.ModuleList([_Block(_TOP, _TOP), _Block(_TOP, _TOP)])
        self.leave = WrappedConv2d(_TOP, LATENT_CHANNELS, gain=0.1)

    def forward(self, lattice: Tensor, time: Tensor, code: Tensor) -> Tensor:
        """Return the velocity."""
        waves = _waves(time).to(lattice.dtype)
        condition = self.time(waves)[:, :, None, None] + self.code(code)
        condition = functional.silu(self.mixed(functional.silu(condition)))
        conditions = [condition]
        for _ in range(2):
            # A code that is the same everywhere stays one value.
            conditions.append(halved(conditions[-1]) if condition.shape[2] > 1 else condition)
        x = self.enter(lattice)
        for block in self.down:
            x = block(x, conditions[0])
        below = self.below_down(self.to_below(halved(x)), conditions[1])
        bottom = self.bottom(halved(below), conditions[2])
        below = self.below_up(below + doubled(bottom), conditions[1])
        x = x + doubled(self.to_top(below))
        for block in self.up:
            x = block(x, conditions[0])
        velocity: Tensor = self.leave(functional.silu(_normalised(x)))
        return velocity


def drawn(flow: LatentFlow, noise: Tensor, code: Tensor, *, n_steps: int) -> Tensor:
    """Return lattices (B, 12, h, w), drawn from noise of the same shape.

    Args:
        flow: Trained.
        noise: Standard normal.
        code: (B, 64, 1, 1) or (B, 64, h, w).
        n_steps: Evaluations; more are more faithful.
    """
    x = noise
    # Finer steps near the noise, where the layout is decided.
    times = [(i / n_steps) ** 1.2 for i in range(n_steps + 1)]
    for now, after in pairwise(times):
        time = torch.full((x.shape[0],), now, device=x.device)
        x = x + (after - now) * flow(x, time, code).to(x.dtype)
    return x


def _normalised(x: Tensor) -> Tensor:
    rows = x.permute(0, 2, 3, 1)
    return functional.layer_norm(rows, rows.shape[-1:]).permute(0, 3, 1, 2)


def _waves(time: Tensor) -> Tensor:
    frequencies = torch.exp(torch.linspace(0, math.log(1000), _TIME_WAVES, device=time.device))
    angles = time.float()[:, None] * frequencies[None]
    return torch.cat([angles.sin(), angles.cos()], 1)
