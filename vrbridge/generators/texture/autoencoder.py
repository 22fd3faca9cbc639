"""Pictures of materials as small lattices of numbers, and back."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from vrbridge.generators.texture.torus import ResidualBlock, WrappedConv2d, doubled

LATTICE_PX = 16
"""Edge of the square of pixels that one lattice point stands for."""
LATENT_CHANNELS = 12
HEIGHT_SCALE_PX = 4.0
"""Pixels of height that 1 in the decoder's fourth channel stands for."""

_FINE = 96
_MIDDLE = 160
_COARSE = 224
# Most of the work is done at a quarter of the resolution and below; what is above is thin.
_PATCH = 4
_THIN = 24


class Encoder(nn.Module):
    """Writes a picture as a lattice.

    Forward:
        (B, 3, H, W) colours in [-1, 1], H and W multiples of 16 → (B, 12, H / 16, W / 16) mean and
        log variance of the lattice, in a pair.
    """

    def __init__(self) -> None:
        super().__init__()
        self.fine = nn.Sequential(WrappedConv2d(3 * _PATCH**2, _FINE), ResidualBlock(_FINE))
        self.middle = nn.Sequential(WrappedConv2d(4 * _FINE, _MIDDLE, 1), ResidualBlock(_MIDDLE))
        self.coarse = nn.Sequential(
            WrappedConv2d(4 * _MIDDLE, _COARSE, 1), ResidualBlock(_COARSE), ResidualBlock(_COARSE)
        )
        self.head = WrappedConv2d(_COARSE, 2 * LATENT_CHANNELS)

    def forward(self, color: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance."""
        x = self.fine(functional.pixel_unshuffle(color, _PATCH))
        x = self.middle(functional.pixel_unshuffle(x, 2))
        x = self.coarse(functional.pixel_unshuffle(x, 2))
        mean, log_variance = self.head(functional.leaky_relu(x, 0.2)).chunk(2, 1)
        return mean, log_variance.clamp(-12, 4)


class Decoder(nn.Module):
    """Paints the picture that a lattice stands for, and the rest of its surface.

    Forward:
        (B, 12, h, w) lattice and (B, 1, 4h, 4w) normal noise, from which the grain is made →
        (B, 6, 16h, 16w): red, green, blue about [-1, 1], height, and logits of roughness and metallic.
    """

    def __init__(self) -> None:
        super().__init__()
        self.coarse = nn.Sequential(
            WrappedConv2d(LATENT_CHANNELS, _COARSE), ResidualBlock(_COARSE), ResidualBlock(_COARSE)
        )
        self.middle = nn.Sequential(
            WrappedConv2d(_COARSE, _MIDDLE, 1), ResidualBlock(_MIDDLE), ResidualBlock(_MIDDLE)
        )
        self.narrow = WrappedConv2d(_MIDDLE, _FINE, 1)
        self.grain = nn.Parameter(torch.zeros(1, _FINE, 1, 1))
        self.fine = nn.Sequential(ResidualBlock(_FINE), ResidualBlock(_FINE))
        self.patch = WrappedConv2d(_FINE, _THIN * _PATCH**2, 1)
        self.thin = WrappedConv2d(_THIN, _THIN)
        self.head = WrappedConv2d(_THIN, 6, gain=0.5)

    def forward(self, lattice: Tensor, noise: Tensor) -> Tensor:
        """Return the surface."""
        x = self.middle(doubled(self.coarse(lattice)))
        x = self.narrow(doubled(x))
        x = self.fine(x + self.grain * noise)
        x = functional.pixel_shuffle(self.patch(functional.leaky_relu(x, 0.2)), _PATCH)
        x = functional.leaky_relu(self.thin(functional.leaky_relu(x, 0.2)), 0.2)
        surface: Tensor = self.head(x)
        return surface
