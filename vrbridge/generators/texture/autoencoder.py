"""Pictures of materials as small lattices of numbers, and back."""

from functools import partial

import torch
from torch import Tensor, nn
from torch.nn import functional

from vrbridge.generators.texture.torus import (
    ResidualBlock,
    WrappedConv2d,
    doubled,
    in_bands,
    smoothly_doubled,
    wrapped,
)
from vrbridge.interruption import step

LATTICE_PX = 8
"""Edge of the square of pixels that one lattice point stands for."""
LATENT_CHANNELS = 6
"""The first three are the mean colour of the square: a lattice is a small picture. The others are learned."""
GRAIN_PER_POINT = LATTICE_PX
"""Noise values along the edge of that square: each pixel has its own."""
HEIGHT_SCALE_PX = 4.0
"""Pixels of height that 1 in the decoder's fourth channel stands for."""

_COLORS = 3
_COLOR_LOG_VARIANCE = -5.0
_COARSE = 160
_FINE = 96
_FINER = 48
_FINEST = 24
# Most of the work is done at a quarter of the resolution and below; what is above is thin.
_PATCH = 4
# For a place of what a stage begins with: the products of its largest convolution, and the many passes over
# what it makes, which take about as long as so many more.
_FINE_PRODUCTS = 8 * _COARSE * _FINE
_FINER_PRODUCTS = 4 * _FINE * 4 * _FINER
_FINEST_PRODUCTS = 2 * 4 * _FINEST**2 * 9


class Encoder(nn.Module):
    """Writes a picture as a lattice.

    Forward:
        (B, 3, H, W) colours in [-1, 1], H and W multiples of 8 → (B, 6, H / 8, W / 8) mean and
        log variance of the lattice, in a pair.
    """

    def __init__(self) -> None:
        super().__init__()
        self.fine = nn.Sequential(WrappedConv2d(3 * _PATCH**2, _FINE), ResidualBlock(_FINE))
        self.coarse = nn.Sequential(
            WrappedConv2d(4 * _FINE, _COARSE, 1), ResidualBlock(_COARSE), ResidualBlock(_COARSE)
        )
        self.head = WrappedConv2d(_COARSE, 2 * (LATENT_CHANNELS - _COLORS))

    def forward(self, color: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance."""
        squares = functional.avg_pool2d(color.float(), LATTICE_PX)
        x = self.fine(functional.pixel_unshuffle(color, _PATCH))
        x = self.coarse(functional.pixel_unshuffle(x, 2))
        mean, log_variance = self.head(functional.leaky_relu(x, 0.2)).float().chunk(2, 1)
        known = torch.full_like(squares, _COLOR_LOG_VARIANCE)
        return torch.cat([squares, mean], 1), torch.cat([known, log_variance.clamp(-12, 4)], 1)


class Decoder(nn.Module):
    """Paints the picture that a lattice stands for, and the rest of its surface.

    Forward:
        (B, 6, h, w) lattice and (B, 1, 8h, 8w) normal noise, from which the grain is made →
        (B, 6, 8h, 8w): red, green, blue about [-1, 1], height, and logits of roughness and metallic.
    """

    def __init__(self) -> None:
        super().__init__()
        self.coarse = nn.Sequential(
            WrappedConv2d(LATENT_CHANNELS, _COARSE),
            ResidualBlock(_COARSE),
            ResidualBlock(_COARSE),
            ResidualBlock(_COARSE),
        )
        self.to_fine = WrappedConv2d(_COARSE, _FINE, 1)
        self.fine_grain = nn.Parameter(torch.zeros(1, _FINE, 1, 1))
        self.fine = nn.Sequential(ResidualBlock(_FINE), ResidualBlock(_FINE))
        self.to_finer = WrappedConv2d(_FINE, 4 * _FINER, 1)
        self.finer_grain = nn.Parameter(torch.zeros(1, _FINER, 1, 1))
        self.finer = ResidualBlock(_FINER)
        self.to_finest = WrappedConv2d(_FINER, 4 * _FINEST, 1)
        self.finest_grain = nn.Parameter(torch.zeros(1, _FINEST, 1, 1))
        self.finest = WrappedConv2d(_FINEST, _FINEST)
        self.head = WrappedConv2d(_FINEST, 6, gain=0.1)

    def forward(self, lattice: Tensor, grain: Tensor) -> Tensor:
        """Return the surface."""
        return self.surface(lattice, self.forms(lattice), grain)

    def forms(self, lattice: Tensor) -> Tensor:
        """Return what is decided before any detail, (B, 160, h, w)."""
        forms: Tensor = self.coarse(lattice)
        return forms

    def surface(self, lattice: Tensor, forms: Tensor, grain: Tensor) -> Tensor:
        """Return the surface of a lattice whose forms are known."""
        x = in_bands(
            forms, partial(self._fine_entry, grain[:, :, ::4, ::4]), reach=0, n_products=_FINE_PRODUCTS
        )
        x = self.fine(x)
        x = in_bands(
            x, partial(self._finer_entry, grain[:, :, ::2, ::2]), reach=0, n_products=_FINER_PRODUCTS
        )
        x = self.finer(x)
        colors = smooth_colors(lattice, 3)
        step()
        finest = partial(self._finest, colors, wrapped(grain, 2))
        return in_bands(x, finest, reach=1, n_products=_FINEST_PRODUCTS)

    def _fine_entry(self, grain: Tensor, forms: Tensor, rows: slice) -> Tensor:
        x = doubled(self.to_fine(forms))
        return _grained(x, self.fine_grain, grain[:, :, 2 * rows.start : 2 * rows.stop])

    def _finer_entry(self, grain: Tensor, x: Tensor, rows: slice) -> Tensor:
        x = functional.pixel_shuffle(self.to_finer(functional.leaky_relu(x, 0.2)), 2)
        return _grained(x, self.finer_grain, grain[:, :, 2 * rows.start : 2 * rows.stop])

    def _finest(self, colors: Tensor, grain: Tensor, x: Tensor, rows: slice) -> Tensor:
        """Return rows of the surface, from the finer ones and one more on each side."""
        x = functional.pixel_shuffle(self.to_finest(functional.leaky_relu(x, 0.2)), 2)
        x = _grained(x, self.finest_grain, grain[:, :, 2 * rows.start : 2 * rows.stop + 4])
        x = self.finest.inside(functional.leaky_relu(x, 0.2))
        surface = self.head.inside(functional.leaky_relu(x, 0.2)).float()
        # Large colours are in the lattice; only what they lack has to be learned.
        painted = surface[:, :_COLORS] + colors[:, :, 2 * rows.start : 2 * rows.stop]
        return torch.cat([painted, surface[:, _COLORS:]], 1)


def _grained(x: Tensor, gains: Tensor, grain: Tensor) -> Tensor:
    # In the precision of what it is added to, or all that follows would be done in the higher one.
    return torch.addcmul(x, gains.to(x.dtype), grain.to(x.dtype))


def smooth_colors(lattice: Tensor, n_doublings: int) -> Tensor:
    """Return the mean colours that a lattice holds, (B, 3, h, w) in [-1, 1], that often doubled in size."""
    colors = lattice[:, :_COLORS].float()
    for _ in range(n_doublings):
        colors = smoothly_doubled(colors)
    return colors
