"""Teaches encoder and decoder to keep a shape in a small lattice."""

import copy
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn
from torch.nn import functional

from vrbridge.generators.mesh.shape_autoencoder import ShapeDecoder, ShapeEncoder
from vrbridge.training.losses import divergence
from vrbridge.training.shape_batches import ShapeBatches
from vrbridge.training.slices import pictures_of
from vrbridge.training.stage import descend, follow, learning_rate

_RATE = 7e-4
_CLIP = 1.0
_DIVERGENCE_WEIGHT = 1e-3
_COLOR_WEIGHT = 0.3
_DECAY = 0.998
# Most cells are far from any surface, and soon right.
_NEAR_WEIGHT = 6.0
_BLOCK = 4


class ShapeStage:
    """Encoder and decoder of shapes; see `Stage`.

    Args:
        batches: Shapes to learn from.
        shown: Solids and colours of shapes for the sample picture.
        device: To learn on.
    """

    name = "shape"

    def __init__(self, batches: ShapeBatches, shown: tuple[Tensor, Tensor], device: torch.device) -> None:
        torch.manual_seed(0)
        self._batches = batches
        self._shown = shown
        self._device = device
        self.encoder = placed3d(ShapeEncoder(), device)
        self.decoder = placed3d(ShapeDecoder(), device)
        self.averages = nn.ModuleList([copy.deepcopy(self.encoder), copy.deepcopy(self.decoder)])
        self.modules: Mapping[str, nn.Module] = {
            "encoder": self.encoder, "decoder": self.decoder, "averages": self.averages,
        }  # fmt: skip
        parameters = [*self.encoder.parameters(), *self.decoder.parameters()]
        self.optimizers = {"optimizer": torch.optim.Adam(parameters, _RATE, betas=(0.9, 0.99))}

    def start_from(self, encoder: ShapeEncoder, decoder: ShapeDecoder) -> None:
        """Take over the weights of others."""
        for own in (self.encoder, self.averages[0]):
            own.load_state_dict(encoder.state_dict())
        for own in (self.decoder, self.averages[1]):
            own.load_state_dict(decoder.state_dict())

    def step(self, number: int, progress: float) -> Mapping[str, float]:
        """Learn from one batch; see `Stage.step`."""
        solid, color = (part.to(self._device) for part in self._batches.draw(number))
        random = torch.Generator().manual_seed(number)
        with torch.autocast(self._device.type, torch.bfloat16):
            mean, log_variance = self.encoder(solid, color)
            noise = torch.randn(mean.shape, generator=random).to(self._device)
            logits, painted = self.decoder(mean + torch.exp(0.5 * log_variance) * noise)
        logits, painted = logits.float(), painted.float()
        weight = 1 + _NEAR_WEIGHT * _near_surface(solid)
        cells = functional.binary_cross_entropy_with_logits(logits, solid, reduction="none")
        here = color[:, 3:]
        losses = {
            "cells": (cells * weight).sum() / weight.sum(),
            "color": ((painted - color[:, :3]).abs() * here).sum() / (3 * here.sum()).clamp(min=1),
            "divergence": divergence(mean, log_variance),
        }
        total = losses["cells"] + _COLOR_WEIGHT * losses["color"] + _DIVERGENCE_WEIGHT * losses["divergence"]
        descend(total, self.optimizers["optimizer"], rate=_RATE * learning_rate(number, progress), clip=_CLIP)
        decay = min(_DECAY, (number + 1) / (number + 10))
        follow(self.averages[0], self.encoder, decay)
        follow(self.averages[1], self.decoder, decay)
        shown = {name: float(loss.detach()) for name, loss in losses.items()}
        return shown | {"overlap": overlap(logits.detach() > 0, solid > 0.5)}

    @torch.no_grad()
    def sample(self) -> NDArray[np.uint8]:
        """Return shapes above what the decoder makes of their lattices."""
        solid, color = (part.to(self._device) for part in self._shown)
        with torch.autocast(self._device.type, torch.bfloat16):
            mean, _ = self.averages[0](solid, color)
            logits, painted = self.averages[1](mean)
        real = pictures_of(solid[:, 0].cpu(), color[:, :3].cpu())
        made = pictures_of(torch.sigmoid(logits[:, 0].float()).cpu(), painted.float().cpu())
        return np.concatenate([np.concatenate(list(real), 1), np.concatenate(list(made), 1)], 0)


def _near_surface(solid: Tensor) -> Tensor:
    """Return 1 in blocks of cells that are neither all empty nor all full, else 0."""
    b, _, d, h, w = solid.shape
    blocks = solid.view(b, 1, d // _BLOCK, _BLOCK, h // _BLOCK, _BLOCK, w // _BLOCK, _BLOCK)
    mean = blocks.mean((3, 5, 7), keepdim=True)
    return ((mean > 0) & (mean < 1)).float().expand_as(blocks).reshape(solid.shape)


def overlap(a: Tensor, b: Tensor) -> float:
    """Return the mean intersection over union of (B, …) pairs of solids."""
    a, b = a.flatten(1), b.flatten(1)
    return float(((a & b).sum(1) / (a | b).sum(1).clamp(min=1)).mean())


def placed3d(module: nn.Module, device: torch.device) -> nn.Module:
    """Return the module on a device, its kernels in the order that convolutions there prefer."""
    module.to(device)
    for parameter in module.parameters():
        if parameter.dim() == 5:
            parameter.data = parameter.data.contiguous(memory_format=torch.channels_last_3d)
    return module
