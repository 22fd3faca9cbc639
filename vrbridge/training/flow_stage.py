"""Teaches the flow to draw lattices of a material from its code."""

import copy
from collections.abc import Mapping, Sequence

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn

from vrbridge.generators.texture.autoencoder import LATENT_CHANNELS, LATTICE_PX, Decoder, Encoder
from vrbridge.generators.texture.latent_flow import LatentFlow, drawn
from vrbridge.generators.texture.tones import TONE_SIZE, standardised, structure_of, toned, tones_of
from vrbridge.generators.texture.torus import placed
from vrbridge.training.autoencoder_stage import grain
from vrbridge.training.batches import TileBatches, as_input, as_picture
from vrbridge.training.stage import descend, follow, learning_rate
from vrbridge.training.style_code import Codes

_RATE = 6e-4
_CLIP = 1.0
_DECAY = 0.998
# A little noise on codes: those that words lead to lie beside those of the training pictures.
_CODE_NOISE = 0.15
_N_SAMPLES = 12
_SAMPLE_STEPS = 12


class FlowStage:
    """The flow; see `Stage`.

    Args:
        structures: (N, V, 6, h, w) lattices without their tone, of V shifts of each of N tiles.
        codes: (N, 64) of the tiles.
        batches: Draws tiles.
        shown: Numbers of tiles whose codes are drawn for the sample picture, at most 12.
        paint: Turns structures and codes into pictures.
        device: To learn on.
    """

    name = "flow"

    def __init__(
        self,
        structures: npt.NDArray[np.float16],
        codes: Codes,
        batches: TileBatches,
        shown: Sequence[int],
        paint: "Painter",
        device: torch.device,
    ) -> None:
        torch.manual_seed(0)
        self._structures = structures
        self._codes = codes
        self._batches = batches
        self._shown = list(shown)
        self._paint = paint
        self._device = device
        self.flow = placed(LatentFlow(), device)
        self.average = copy.deepcopy(self.flow)
        self.modules: Mapping[str, nn.Module] = {"flow": self.flow, "average": self.average}
        self.optimizers = {"optimizer": torch.optim.Adam(self.flow.parameters(), _RATE, betas=(0.9, 0.99))}

    def start_from(self, flow: LatentFlow) -> None:
        """Take over the weights of another flow."""
        self.flow.load_state_dict(flow.state_dict())
        self.average.load_state_dict(flow.state_dict())

    def step(self, number: int, progress: float) -> Mapping[str, float]:
        """Learn from one batch; see `Stage.step`."""
        target, code = self._batch(number)
        random = torch.Generator().manual_seed(number)
        noise = torch.randn(target.shape, generator=random).to(self._device)
        # Most steps near the middle, where the direction is least certain.
        time = torch.sigmoid(torch.randn(len(target), generator=random) * 1.1 - 0.2).to(self._device)
        share = time[:, None, None, None]
        mixed = (share * target + (1 - share) * noise).contiguous(memory_format=torch.channels_last)
        with torch.autocast(self._device.type, torch.bfloat16):
            velocity = self.flow(mixed, time, code)
        loss = (velocity.float() - (target - noise)).square().mean()
        rate = _RATE * learning_rate(number, progress)
        descend(loss, self.optimizers["optimizer"], rate=rate, clip=_CLIP)
        follow(self.average, self.flow, min(_DECAY, (number + 1) / (number + 10)))
        return {"velocity": float(loss.detach())}

    def _batch(self, number: int) -> tuple[Tensor, Tensor]:
        random = self._batches.random(number)
        chosen = self._batches.choose(random)
        variants = random.integers(0, self._structures.shape[1], len(chosen))
        height, width = self._structures.shape[3:]
        picked = []
        for index, variant in zip(chosen, variants, strict=True):
            shift = (int(random.integers(height)), int(random.integers(width)))
            picked.append(np.roll(self._structures[index, variant], shift, (1, 2)))
        code = self._codes[chosen] + random.normal(0, _CODE_NOISE, (len(chosen), self._codes.shape[1]))
        target = torch.from_numpy(np.stack(picked).astype(np.float32))
        return target.to(self._device), torch.from_numpy(code.astype(np.float32))[:, :, None, None].to(
            self._device
        )

    @torch.no_grad()
    def sample(self) -> npt.NDArray[np.uint8]:
        """Return tiles drawn from codes of known pictures, two noises each."""
        random = torch.Generator().manual_seed(0)
        code = torch.from_numpy(self._codes[self._shown])[:, :, None, None].to(self._device)
        pictures = []
        for _ in range(2):
            noise = torch.randn((len(code), *self._structures.shape[2:]), generator=random).to(self._device)
            with torch.autocast(self._device.type, torch.bfloat16):
                structure = drawn(self.average, noise, code, n_steps=_SAMPLE_STEPS)
            pictures.append(self._paint(structure, code))
        pairs = torch.stack(pictures, 1).flatten(0, 1)
        return as_picture(pairs, 6)


class Painter:
    """Turns what the flow draws into pictures.

    Args:
        decoder: Trained.
        tone_mean: (12,) that tones in codes are measured from.
        tone_scale: (12,) that they are measured in.
    """

    def __init__(self, decoder: Decoder, tone_mean: Tensor, tone_scale: Tensor) -> None:
        self._decoder = decoder
        self._mean = tone_mean[None, :, None, None]
        self._scale = tone_scale[None, :, None, None]

    @torch.no_grad()
    def __call__(self, structure: Tensor, code: Tensor) -> Tensor:
        """Return (B, 6, H, W) surfaces of (B, 6, h, w) structures and (B, 64, 1, 1) codes."""
        lattice = toned(standardised(structure.float()), code[:, :TONE_SIZE] * self._scale + self._mean)
        noise = grain(lattice, torch.Generator().manual_seed(0))
        with torch.autocast(lattice.device.type, torch.bfloat16):
            surface: Tensor = self._decoder(lattice.contiguous(memory_format=torch.channels_last), noise)
        return surface.float().cpu()


@torch.no_grad()
def encoded(
    colors: npt.NDArray[np.uint8], encoder: Encoder, device: torch.device, *, n_shifts: int, seed: int
) -> tuple[npt.NDArray[np.float16], Codes]:
    """Return structures (N, V, 6, h, w) of tiles shifted within a cell, and the tones (N, 12) of the tiles.

    Args:
        colors: (N, S, S, 3) uint8 tiles.
        encoder: Trained.
        device: To run on.
        n_shifts: V; every other one is mirrored.
        seed: Of the shifts.
    """
    random = np.random.default_rng(seed)
    n, size = len(colors), colors.shape[1] // LATTICE_PX
    structures = np.zeros((n, n_shifts, LATENT_CHANNELS, size, size), np.float16)
    tones = np.zeros((n, TONE_SIZE), np.float32)
    for index in range(n):
        views = []
        for variant in range(n_shifts):
            tile = colors[index][:, ::-1] if variant % 2 else colors[index]
            shift = random.integers(0, LATTICE_PX, 2)
            views.append(np.roll(tile, (int(shift[0]), int(shift[1])), (0, 1)))
        with torch.autocast(device.type, torch.bfloat16):
            lattice, _ = encoder(as_input(np.stack(views)).to(device))
        # One tone for all: what a shift changes of it is not the material's.
        tone = tones_of(lattice).mean(0, keepdim=True)
        structures[index] = structure_of(lattice, tone[:, :, None, None]).cpu().numpy()
        tones[index] = tone[0].cpu().numpy()
    return structures, tones
