"""Draws lattices of new material tiles: a flow from noise to what the decoder can paint."""

import math
from itertools import pairwise

import torch
from torch import Tensor, nn
from torch.nn import functional

from vrbridge.generators.texture.autoencoder import LATENT_CHANNELS
from vrbridge.generators.texture.torus import WrappedConv2d, doubled, halved, in_bands, wrapped

CODE_SIZE = 64
"""Numbers that say which material a place is."""

# Channels and blocks of each level, from the finest to the coarsest; each is half as wide as the one above.
_WIDTHS = (96, 160, 192, 192)
_DEPTHS = (2, 1, 1, 1)
_CONDITION = 160
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
        scale, shift = (_continued(part) for part in self.steer(condition).chunk(2, 1))
        n_products = self.first.weight.numel()

        def entered(band: Tensor, _rows: slice) -> Tensor:
            return self.first.inside(functional.silu(_normalised(band)))

        def steered(band: Tensor, rows: slice) -> Tensor:
            band = _normalised(band) * (1 + _rows_of(scale, rows)) + _rows_of(shift, rows)
            return x[:, :, rows] + self.second.inside(functional.silu(band))

        inner = in_bands(x, entered, reach=1, n_products=n_products)
        return in_bands(inner, steered, reach=1, n_products=n_products)


def _continued(condition: Tensor) -> Tensor:
    """Return a condition of each place continued as the places are; one of all places stays as it is."""
    return wrapped(condition) if condition.shape[2] > 1 else condition


def _rows_of(condition: Tensor, rows: slice) -> Tensor:
    """Return what belongs to some rows that are continued by one on each side."""
    return condition[:, :, rows.start : rows.stop + 2] if condition.shape[2] > 1 else condition


class LatentFlow(nn.Module):
    """The velocity that carries a noisy lattice towards a material.

    Forward:
        lattice (B, 6, h, w), h and w multiples of 8; time (B,), 0 is noise and 1 the material; code
        (B, 64, 1, 1) or (B, 64, h, w) → velocity (B, 6, h, w).

    Source:
        Lipman et al., Flow Matching for Generative Modeling, ICLR 2023; Liu et al., Flow Straight and
        Fast, ICLR 2023.
    """

    def __init__(self) -> None:
        super().__init__()
        self.time = nn.Linear(2 * _TIME_WAVES, _CONDITION)
        self.code = nn.Conv2d(CODE_SIZE, _CONDITION, 1)
        self.mixed = nn.Conv2d(_CONDITION, _CONDITION, 1)
        self.enter = WrappedConv2d(LATENT_CHANNELS, _WIDTHS[0])
        self.down = nn.ModuleList(_blocks(width, n) for width, n in zip(_WIDTHS, _DEPTHS, strict=True))
        self.shrink = nn.ModuleList(nn.Conv2d(a, b, 1) for a, b in pairwise(_WIDTHS))
        self.up = nn.ModuleList(_blocks(width, n) for width, n in zip(_WIDTHS[:-1], _DEPTHS, strict=False))
        self.grow = nn.ModuleList(nn.Conv2d(b, a, 1) for a, b in pairwise(_WIDTHS))
        self.leave = WrappedConv2d(_WIDTHS[0], LATENT_CHANNELS, gain=0.1)

    def forward(self, lattice: Tensor, time: Tensor, code: Tensor) -> Tensor:
        """Return the velocity."""
        waves = _waves(time).to(lattice.dtype)
        condition = self.time(waves)[:, :, None, None] + self.code(code)
        condition = functional.silu(self.mixed(functional.silu(condition)))
        x = self.enter(lattice)
        kept: list[tuple[Tensor, Tensor]] = []
        for level, blocks in enumerate(self.down):
            if level:
                kept.append((x, condition))
                x = self.shrink[level - 1](halved(x))
                # A code that is the same everywhere stays one value.
                condition = halved(condition) if condition.shape[2] > 1 else condition
            x = _through(blocks, x, condition)
        for level in reversed(range(len(self.up))):
            wide, condition = kept[level]
            x = wide + doubled(self.grow[level](x))
            x = _through(self.up[level], x, condition)
        velocity: Tensor = self.leave(functional.silu(_normalised(x)))
        return velocity


def _through(blocks: nn.Module, x: Tensor, condition: Tensor) -> Tensor:
    for block in blocks.children():
        x = block(x, condition)
    return x


def _blocks(width: int, n: int) -> nn.ModuleList:
    return nn.ModuleList(_Block(width, _CONDITION) for _ in range(n))


def drawn(flow: LatentFlow, noise: Tensor, code: Tensor, *, n_steps: int, begin: float = 0.0) -> Tensor:
    """Return lattices (B, 6, h, w), drawn from noise of the same shape.

    Args:
        flow: Trained.
        noise: Standard normal; with `begin` above 0 mixed with a lattice, of which it holds that share.
        code: (B, 64, 1, 1) or (B, 64, h, w).
        n_steps: Evaluations; more are more faithful.
        begin: Time to start at, 0 to 1.
    """
    x = noise
    # Finer steps near the noise, where the layout is decided.
    times = [begin + (1 - begin) * (i / n_steps) ** 1.2 for i in range(n_steps + 1)]
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
