"""Teaches the flow to draw codes of shapes from words."""

import copy
from collections.abc import Mapping

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from vrbridge.generators.mesh.shape_autoencoder import LATENT_CHANNELS, LATTICE_EDGE, ShapeDecoder
from vrbridge.generators.mesh.shape_flow import CodeFlow, ShapeSpace, drawn_code
from vrbridge.training.shape_batches import ShapeBatches
from vrbridge.training.slices import pictures_of
from vrbridge.training.stage import descend, follow, learning_rate

_RATE = 1e-3
_CLIP = 1.0
_DECAY = 0.999
_SILENT_SHARE = 0.15
# Sentences of prompts lie beside those of captions.
_SENTENCE_NOISE = 0.02
# Axes along which shapes hardly differ count little, but for something.
_LEAST_WEIGHT = 0.05
_N_SAMPLES = 8
_SAMPLE_STEPS = 12


class ShapeFlowStage:
    """The flow of codes; see `Stage`.

    Args:
        lattices: (M, 2, 4096) of the shapes and of their mirror pictures.
        space: Their space.
        sentences: (M, 384) vectors of their captions.
        batches: Draws shapes.
        decoder: Trained; for the sample picture.
        device: To learn on.
    """

    name = "flow"

    def __init__(
        self,
        lattices: NDArray[np.float32],
        space: ShapeSpace,
        sentences: NDArray[np.float32],
        batches: ShapeBatches,
        decoder: ShapeDecoder,
        device: torch.device,
    ) -> None:
        torch.manual_seed(0)
        self._space = space
        flat = torch.from_numpy(lattices).flatten(0, 1)
        self._codes = space.codes(flat).view(len(lattices), 2, -1)
        spread = space.axes.square().sum(1)
        weights = spread / spread.mean().clamp(min=1e-9) + _LEAST_WEIGHT
        self._weights = (weights / weights.mean()).to(device)
        self._sentences = torch.from_numpy(sentences)
        self._batches = batches
        self._decoder = decoder.to(device).eval()
        self._device = device
        self.flow = CodeFlow().to(device)
        self.average = copy.deepcopy(self.flow)
        self.modules: Mapping[str, nn.Module] = {"flow": self.flow, "average": self.average}
        self.optimizers = {"optimizer": torch.optim.Adam(self.flow.parameters(), _RATE, betas=(0.9, 0.99))}

    def start_from(self, flow: CodeFlow) -> None:
        """Take over the weights of another flow."""
        self.flow.load_state_dict(flow.state_dict())
        self.average.load_state_dict(flow.state_dict())

    def step(self, number: int, progress: float) -> Mapping[str, float]:
        """Learn from one batch; see `Stage.step`."""
        places, is_mirrored = self._batches.choose(number)
        random = torch.Generator().manual_seed(number)
        target = self._codes[places, is_mirrored.astype(np.int64)].to(self._device)
        sentence = self._sentences[places]
        sentence = sentence + _SENTENCE_NOISE * torch.randn(sentence.shape, generator=random)
        is_spoken = torch.rand(len(places), 1, generator=random) >= _SILENT_SHARE
        noise = torch.randn(target.shape, generator=random).to(self._device)
        time = torch.sigmoid(torch.randn(len(target), generator=random)).to(self._device)
        share = time[:, None]
        velocity = self.flow(
            share * target + (1 - share) * noise, time, (sentence * is_spoken).to(self._device)
        )
        loss = ((velocity - (target - noise)).square() * self._weights).mean()
        rate = _RATE * learning_rate(number, progress)
        descend(loss, self.optimizers["optimizer"], rate=rate, clip=_CLIP)
        follow(self.average, self.flow, min(_DECAY, (number + 1) / (number + 10)))
        return {"velocity": float(loss.detach())}

    @torch.no_grad()
    def sample(self) -> NDArray[np.uint8]:
        """Return what codes of known shapes stand for, and two drawings of the words of each."""
        numbers = np.arange(0, len(self._codes), max(1, len(self._codes) // _N_SAMPLES))[:_N_SAMPLES]
        codes = self._codes[numbers, 0]
        sentence = self._sentences[numbers].to(self._device)
        rows = [codes]
        random = torch.Generator().manual_seed(0)
        for _ in range(2):
            noise = torch.randn(codes.shape, generator=random).to(self._device)
            rows.append(drawn_code(self.average, noise, sentence, n_steps=_SAMPLE_STEPS).cpu())
        return np.concatenate([np.concatenate(list(self._pictures(row)), 1) for row in rows], 0)

    def _pictures(self, codes: Tensor) -> NDArray[np.uint8]:
        with torch.autocast(self._device.type, torch.bfloat16):
            logits, color = self._decoder(as_lattice(self._space.in_large(codes).to(self._device)))
        return pictures_of(torch.sigmoid(logits[:, 0].float()).cpu(), color.float().cpu())


def as_lattice(values: Tensor) -> Tensor:
    """Return (B, 8, 8, 8, 8) of (B, 4096)."""
    return values.view(-1, LATENT_CHANNELS, LATTICE_EDGE, LATTICE_EDGE, LATTICE_EDGE)
