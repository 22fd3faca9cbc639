"""Teaches encoder and decoder to keep a material in a small lattice."""

import copy
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from vrbridge.generators.texture.autoencoder import GRAIN_PER_POINT, Decoder, Encoder
from vrbridge.generators.texture.torus import placed
from vrbridge.training.batches import TileBatches, as_input, as_picture
from vrbridge.training.features import Backbone
from vrbridge.training.losses import divergence, feature_distance, grid_distance, texture_distance
from vrbridge.training.stage import descend, follow, learning_rate

_N_LAYERS = 5
_RATE = 5e-4
# Tight: a rare batch of steep gradients has thrown the lattices off.
_CLIP = 0.5
_DIVERGENCE_WEIGHT = 1e-3
_FEATURE_WEIGHT = 0.6
_TEXTURE_WEIGHT = 0.4
_GRID_WEIGHT = 1.0
_DECAY = 0.998


class AutoencoderStage:
    """Encoder and decoder, against pixels, features and local statistics; see `Stage`.

    Args:
        batches: Tiles to learn from.
        backbone: Measures likeness.
        shown: (N, S, S, 3) uint8 tiles for the sample picture.
        device: To learn on.
    """

    name = "autoencoder"

    def __init__(
        self, batches: TileBatches, backbone: Backbone, shown: npt.NDArray[np.uint8], device: torch.device
    ) -> None:
        torch.manual_seed(0)
        self._batches = batches
        self._device = device
        self._backbone = backbone.to(device).eval()
        self._shown = as_input(shown)
        self.encoder = placed(Encoder(), device)
        self.decoder = placed(Decoder(), device)
        self.averages = nn.ModuleList([copy.deepcopy(self.encoder), copy.deepcopy(self.decoder)])
        self.modules: Mapping[str, nn.Module] = {
            "encoder": self.encoder, "decoder": self.decoder, "averages": self.averages,
        }  # fmt: skip
        self._parameters = [*self.encoder.parameters(), *self.decoder.parameters()]
        optimizer = torch.optim.Adam(self._parameters, _RATE, betas=(0.9, 0.99))
        self.optimizers = {"optimizer": optimizer}

    def start_from(self, encoder: Encoder, decoder: Decoder) -> None:
        """Take over the weights of others."""
        for own in (self.encoder, self.averages[0]):
            own.load_state_dict(encoder.state_dict())
        for own in (self.decoder, self.averages[1]):
            own.load_state_dict(decoder.state_dict())

    def step(self, number: int, progress: float) -> Mapping[str, float]:
        """Learn from one batch; see `Stage.step`."""
        _, color = self._batches.draw(number)
        color = color.to(self._device)
        random = torch.Generator().manual_seed(number)
        with torch.autocast(self._device.type, torch.bfloat16):
            mean, log_variance = self.encoder(color)
            spread = torch.exp(0.5 * log_variance.float())
            lattice = mean + spread * _normal(mean.shape, random, self._device)
            painted = self.decoder(lattice, grain(lattice, random))[:, :3]
            with torch.no_grad():
                real = self._backbone(color, _N_LAYERS)
            seen = self._backbone(painted, _N_LAYERS)
        losses = {
            "pixels": functional.l1_loss(painted.float(), color),
            "features": feature_distance(seen, real),
            "texture": texture_distance(seen, real),
            "grid": grid_distance(painted.float(), color),
            "divergence": divergence(mean, log_variance),
        }
        total = (
            losses["pixels"]
            + _FEATURE_WEIGHT * losses["features"]
            + _TEXTURE_WEIGHT * losses["texture"]
            + _GRID_WEIGHT * losses["grid"]
            + _DIVERGENCE_WEIGHT * losses["divergence"]
        )
        rate = _RATE * learning_rate(number, progress)
        descend(total, self.optimizers["optimizer"], rate=rate, clip=_CLIP)
        decay = min(_DECAY, (number + 1) / (number + 10))
        follow(self.averages[0], self.encoder, decay)
        follow(self.averages[1], self.decoder, decay)
        return {name: float(loss.detach()) for name, loss in losses.items()}

    @torch.no_grad()
    def sample(self) -> npt.NDArray[np.uint8]:
        """Return real tiles above what the decoder makes of their lattices."""
        random = torch.Generator().manual_seed(0)
        rows = []
        for i in range(0, len(self._shown), 6):
            real = self._shown[i : i + 6].to(self._device)
            with torch.autocast(self._device.type, torch.bfloat16):
                mean, _ = self.averages[0](real)
                painted = self.averages[1](mean, grain(mean, random))
            rows += [real.cpu(), painted[:, :3].float().cpu()]
        return as_picture(torch.cat(rows), 6)


def _normal(shape: torch.Size, random: torch.Generator, device: torch.device) -> Tensor:
    return torch.randn(shape, generator=random).to(device)


def grain(lattice: Tensor, random: torch.Generator) -> Tensor:
    """Return the noise (B, 1, 8h, 8w) that a decoder needs beside a lattice (B, 6, h, w)."""
    batch, _, height, width = lattice.shape
    return _normal(
        torch.Size([batch, 1, GRAIN_PER_POINT * height, GRAIN_PER_POINT * width]), random, lattice.device
    )
