"""The network that reads height, roughness and metalness off a picture."""

import torch
from torch import Tensor, nn
from torch.nn import functional

from vrbridge.generators.texture.torus import ResidualBlock, WrappedConv2d, doubled

_PATCH = 4
_FINE = 64
_MIDDLE = 96
_COARSE = 128
_THIN = 16


class MapNetwork(nn.Module):
    """Colours to the rest of the surface.

    Forward:
        (B, 3, H, W) colours in [-1, 1], H and W multiples of 16 → (B, 3, H, W): height in pixels,
        roughness and metallic as logits.
    """

    def __init__(self) -> None:
        super().__init__()
        self.fine = nn.Sequential(WrappedConv2d(3 * _PATCH**2, _FINE), ResidualBlock(_FINE))
        self.middle = nn.Sequential(WrappedConv2d(4 * _FINE, _MIDDLE, 1), ResidualBlock(_MIDDLE))
        self.coarse = nn.Sequential(
            WrappedConv2d(4 * _MIDDLE, _COARSE, 1), ResidualBlock(_COARSE), ResidualBlock(_COARSE)
        )
        self.to_middle = WrappedConv2d(_COARSE, _MIDDLE, 1)
        self.middle_up = ResidualBlock(_MIDDLE)
        self.to_fine = WrappedConv2d(_MIDDLE, _FINE, 1)
        self.fine_up = ResidualBlock(_FINE)
        self.patch = WrappedConv2d(_FINE, _THIN * _PATCH**2, 1)
        self.thin = WrappedConv2d(_THIN + 3, _THIN)
        self.head = WrappedConv2d(_THIN, 3, gain=0.3)

    def forward(self, color: Tensor) -> Tensor:
        """Return the maps."""
        fine = self.fine(functional.pixel_unshuffle(color, _PATCH))
        middle = self.middle(functional.pixel_unshuffle(fine, 2))
        coarse = self.coarse(functional.pixel_unshuffle(middle, 2))
        middle = self.middle_up(middle + doubled(self.to_middle(coarse)))
        fine = self.fine_up(fine + doubled(self.to_fine(middle)))
        x = functional.pixel_shuffle(self.patch(functional.leaky_relu(fine, 0.2)), _PATCH)
        x = self.thin(torch.cat([functional.leaky_relu(x, 0.2), color], 1))
        maps: Tensor = self.head(functional.leaky_relu(x, 0.2))
        return maps
