"""Solids in a grid as small lattices of numbers, and back."""

import torch
from torch import Tensor, nn
from torch.nn import functional

LATTICE_EDGE = 8
"""Lattice points along each side of the grid."""
LATENT_CHANNELS = 8

_FINE = 64
_COARSE = 144
_THIN = 16
# Most of the work is done at a quarter of the resolution and below; what is above is thin.
_PATCH = 4
_COLORS = 4


class ResidualBlock3d(nn.Module):
    """Two convolutions beside a shortcut, without normalisation: empty space must not change what is full.

    Args:
        channels: Of input and output.
    """

    def __init__(self, channels: int) -> None:
        super().__init__()
        self.first = conv3d(channels, channels)
        self.second = conv3d(channels, channels, gain=0.1)

    def forward(self, x: Tensor) -> Tensor:
        """Return (B, C, D, H, W) of (B, C, D, H, W)."""
        inner = self.first(functional.leaky_relu(x, 0.2))
        result: Tensor = x + self.second(functional.leaky_relu(inner, 0.2))
        return result


def conv3d(in_channels: int, out_channels: int, kernel_size: int = 3, *, gain: float = 1.0) -> nn.Conv3d:
    """Return a convolution of stride 1 that keeps the edges' lengths.

    Args:
        in_channels: Of the input.
        out_channels: Of the output.
        kernel_size: Odd.
        gain: Scales the initial weights; below 1 for the last layer of a residual branch.
    """
    layer: nn.Conv3d = nn.Conv3d(in_channels, out_channels, kernel_size, padding=kernel_size // 2)
    nn.init.kaiming_normal_(layer.weight, a=0.2)
    assert layer.bias is not None
    with torch.no_grad():
        layer.weight.mul_(gain)
        layer.bias.zero_()
    return layer


class ShapeEncoder(nn.Module):
    """Writes a shape as a lattice.

    Forward:
        solid (B, 1, 64, 64, 64) in [0, 1] and color (B, 4, 32, 32, 32), of which the first three are sRGB in
        [-1, 1] where the fourth is 1, and 0 elsewhere → (B, 8, 8, 8, 8) mean and log variance, in a pair.
    """

    def __init__(self) -> None:
        super().__init__()
        self.enter = conv3d(_PATCH**3 + _COLORS, _FINE)
        self.fine = ResidualBlock3d(_FINE)
        self.shrink = conv3d(8 * _FINE, _COARSE, 1)
        self.coarse = nn.Sequential(ResidualBlock3d(_COARSE), ResidualBlock3d(_COARSE))
        self.head = conv3d(_COARSE, 2 * LATENT_CHANNELS, 1, gain=0.3)

    def forward(self, solid: Tensor, color: Tensor) -> tuple[Tensor, Tensor]:
        """Return mean and log variance."""
        colors = functional.avg_pool3d(color, 2)
        x = self.fine(self.enter(torch.cat([folded(solid, _PATCH), colors.to(solid.dtype)], 1)))
        x = self.coarse(self.shrink(folded(functional.leaky_relu(x, 0.2), 2)))
        mean, log_variance = self.head(functional.leaky_relu(x, 0.2)).float().chunk(2, 1)
        return mean, log_variance.clamp(-12, 4)


class ShapeDecoder(nn.Module):
    """Builds the shape that a lattice stands for.

    Forward:
        (B, 8, 8, 8, 8) → logits of being solid (B, 1, 64, 64, 64) and sRGB colours about [-1, 1]
        (B, 3, 32, 32, 32), which mean something at the surface only.
    """

    def __init__(self) -> None:
        super().__init__()
        self.enter = conv3d(LATENT_CHANNELS, _COARSE)
        self.coarse = nn.Sequential(ResidualBlock3d(_COARSE), ResidualBlock3d(_COARSE))
        self.grow = conv3d(_COARSE, 8 * _FINE, 1)
        self.fine = ResidualBlock3d(_FINE)
        self.to_thin = conv3d(_FINE, 8 * _THIN, 1)
        self.thin = ResidualBlock3d(_THIN)
        self.color = conv3d(_THIN, 3, gain=0.3)
        self.solid = conv3d(_THIN, 8, gain=0.3)

    def forward(self, lattice: Tensor) -> tuple[Tensor, Tensor]:
        """Return logits and colours."""
        x = self.coarse(self.enter(lattice))
        x = self.fine(unfolded(self.grow(functional.leaky_relu(x, 0.2)), 2))
        x = self.thin(unfolded(self.to_thin(functional.leaky_relu(x, 0.2)), 2))
        x = functional.leaky_relu(x, 0.2)
        return unfolded(self.solid(x), 2), self.color(x)


def folded(x: Tensor, n: int) -> Tensor:
    """Return (B, C n³, D / n, H / n, W / n) of (B, C, D, H, W): blocks of n³ cells become channels."""
    b, c, d, h, w = x.shape
    blocks = x.view(b, c, d // n, n, h // n, n, w // n, n).permute(0, 1, 3, 5, 7, 2, 4, 6)
    return blocks.reshape(b, c * n**3, d // n, h // n, w // n).contiguous(
        memory_format=torch.channels_last_3d
    )


def unfolded(x: Tensor, n: int) -> Tensor:
    """Return (B, C / n³, n D, n H, n W) of (B, C, D, H, W); the opposite of `folded`."""
    b, c, d, h, w = x.shape
    blocks = x.view(b, c // n**3, n, n, n, d, h, w).permute(0, 1, 5, 2, 6, 3, 7, 4)
    return blocks.reshape(b, c // n**3, n * d, n * h, n * w).contiguous(memory_format=torch.channels_last_3d)
