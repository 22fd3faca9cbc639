"""The discriminator: tells painted pictures from real ones by what a trained network sees in them."""

from collections.abc import Sequence

import torch
from torch import Tensor, nn
from torch.nn import functional
from torch.nn.utils.parametrizations import spectral_norm

from vrbridge.generators.texture.torus import wrapped

_WIDTH = 64


class Critic(nn.Module):
    """Small judges on the layers of a frozen network, each of them place by place.

    Args:
        widths: Channels of the layers that it looks at.

    Source:
        Sauer et al., Projected GANs Converge Faster, NeurIPS 2021.
    """

    def __init__(self, widths: Sequence[int]) -> None:
        super().__init__()
        self.judges = nn.ModuleList(_Judge(width) for width in widths)

    def forward(self, features: Sequence[Tensor]) -> list[Tensor]:
        """Return (B, 1, H, W) verdicts for each layer (B, C, H, W): high means real."""
        return [judge(x) for judge, x in zip(self.judges, features, strict=True)]


class _Judge(nn.Module):
    def __init__(self, width: int) -> None:
        super().__init__()
        self.look = spectral_norm(nn.Conv2d(width, _WIDTH, 1))
        self.around = spectral_norm(nn.Conv2d(_WIDTH, _WIDTH, 3))
        self.say = spectral_norm(nn.Conv2d(_WIDTH, 1, 1))

    def forward(self, x: Tensor) -> Tensor:
        x = functional.leaky_relu(self.look(x), 0.2)
        x = functional.leaky_relu(self.around(wrapped(x)), 0.2)
        verdict: Tensor = self.say(x)
        return verdict


def critic_loss(real: Sequence[Tensor], painted: Sequence[Tensor]) -> Tensor:
    """Return the hinge loss of the critic."""
    losses = [
        functional.relu(1 - r.float()).mean() + functional.relu(1 + p.float()).mean()
        for r, p in zip(real, painted, strict=True)
    ]
    return torch.stack(losses).mean()


def painter_loss(painted: Sequence[Tensor]) -> Tensor:
    """Return what the painter loses where the critic sees through it."""
    return -torch.stack([p.float().mean() for p in painted]).mean()
