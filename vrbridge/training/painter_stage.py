"""Teaches the decoder, against a critic, to paint grain that a lattice doesn't hold, and the other maps."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from vrbridge.generators.texture.autoencoder import HEIGHT_SCALE_PX, LATTICE_PX, Decoder, Encoder
from vrbridge.generators.texture.map_network import MapNetwork
from vrbridge.generators.texture.torus import placed
from vrbridge.training.autoencoder_stage import grain
from vrbridge.training.batches import TileBatches, as_input, as_picture
from vrbridge.training.critic import Critic, critic_loss, painter_loss
from vrbridge.training.features import Backbone
from vrbridge.training.losses import feature_distance, grid_distance, spectrum_distance, texture_distance
from vrbridge.training.stage import descend, follow, learning_rate

# The critic sees all layers: what repeats every other pixel shows in the first one only.
_N_LAYERS = 5
_RATE = 4e-4
_CRITIC_RATE = 2e-4
_CLIP = 1.0
_CRITIC_CLIP = 10.0
_DECAY = 0.998
_PIXEL_WEIGHT = 0.5
_FEATURE_WEIGHT = 0.5
# Low: a regular dither has the right statistics too, only the critic tells it from grain.
_TEXTURE_WEIGHT = 0.2
_GRID_WEIGHT = 2.0
_WAVES_WEIGHT = 0.2
_CRITIC_WEIGHT = 0.4
_MAPS_WEIGHT = 0.3
_CRITIC_WARM_UP_STEPS = 150
_MAX_IMPERFECTION = 0.25
# In lattice points. Half as wide is three times as quick a step, and the critic needs many steps.
_PART = 16
_MARGIN = 3
_LEAST_GRAIN = 0.01
_GRAIN = 0.03


class PainterStage:
    """Decoder against critic; see `Stage`.

    Args:
        encoder: Trained, frozen.
        decoder: Trained; goes on learning.
        maps: Trained map network, the teacher of height, roughness and metallic.
        batches: Tiles to learn from.
        backbone: Measures likeness, and is what the critic looks through.
        shown: (N, S, S, 3) uint8 tiles for the sample picture.
        device: To learn on.
    """

    name = "painter"

    def __init__(
        self,
        encoder: Encoder,
        decoder: Decoder,
        maps: MapNetwork,
        batches: TileBatches,
        backbone: Backbone,
        shown: npt.NDArray[np.uint8],
        device: torch.device,
    ) -> None:
        torch.manual_seed(0)
        self._batches = batches
        self._device = device
        self._backbone = backbone.to(device).eval()
        self._shown = as_input(shown)
        self._encoder = placed(encoder, device).eval().requires_grad_(False)
        self._maps = placed(maps, device).eval().requires_grad_(False)
        self.decoder = placed(decoder, device)
        with torch.no_grad():
            # Until now noise only stood in the way; from here on grain is to be made of it.
            for gains in (self.decoder.fine_grain, self.decoder.finer_grain, self.decoder.finest_grain):
                if float(gains.abs().mean()) < _LEAST_GRAIN:
                    gains.normal_(0, _GRAIN, generator=torch.Generator(device).manual_seed(0))
        self.average = copy.deepcopy(self.decoder)
        self.critic = placed(Critic(Backbone.widths[:_N_LAYERS]), device)
        self.modules: Mapping[str, nn.Module] = {
            "decoder": self.decoder, "average": self.average, "critic": self.critic,
        }  # fmt: skip
        self.optimizers = {
            "decoder": torch.optim.Adam(self.decoder.parameters(), _RATE, betas=(0.5, 0.98)),
            "critic": torch.optim.Adam(self.critic.parameters(), _CRITIC_RATE, betas=(0.5, 0.98)),
        }

    def step(self, number: int, progress: float) -> Mapping[str, float]:
        """Learn from one batch; see `Stage.step`."""
        factor = learning_rate(number, progress)
        _, color = self._batches.draw(number)
        color = color.to(self._device)
        random = torch.Generator().manual_seed(number)
        with torch.autocast(self._device.type, torch.bfloat16):
            with torch.no_grad():
                mean, log_variance = self._encoder(color)
                spread = torch.exp(0.5 * log_variance.float())
                lattice = mean + spread * torch.randn(mean.shape, generator=random).to(self._device)
                lattice = lattice + self._imperfection(mean, random)
                # Tiles are shifted at random: a corner is as good as any other part.
                part = _Part.of(lattice.shape[2])
                lattice = part.with_margin(lattice)
                color = part.inner(part.with_margin(color, LATTICE_PX), LATTICE_PX)
                real = self._backbone(color, _N_LAYERS)
            forms = self.decoder.forms(lattice)
            surface = self.decoder.surface(lattice, forms, grain(lattice, random))
            # The other maps follow what was painted, which is not everywhere what was in the tile.
            with torch.no_grad():
                known = part.inner(self._maps(surface[:, :3].float().clamp(-1, 1)), LATTICE_PX)
            surface = part.inner(surface, LATTICE_PX)
            painted = surface[:, :3]
            seen = self._backbone(painted, _N_LAYERS)
        verdict_loss = self._judge(real, seen, _CRITIC_RATE * factor)
        with torch.autocast(self._device.type, torch.bfloat16):
            verdicts = self.critic.requires_grad_(False)(seen)
        losses = {
            "pixels": functional.l1_loss(painted.float(), color),
            "features": feature_distance(seen, real),
            "texture": texture_distance(seen, real),
            "grid": grid_distance(painted.float(), color),
            "waves": spectrum_distance(painted, color),
            "fooling": painter_loss(verdicts),
            "maps": _maps_loss(surface[:, 3:].float(), known.float()),
        }
        total = (
            _PIXEL_WEIGHT * losses["pixels"]
            + _FEATURE_WEIGHT * losses["features"]
            + _TEXTURE_WEIGHT * losses["texture"]
            + _GRID_WEIGHT * losses["grid"]
            + _WAVES_WEIGHT * losses["waves"]
            + _CRITIC_WEIGHT * min(1.0, number / _CRITIC_WARM_UP_STEPS) * losses["fooling"]
            + _MAPS_WEIGHT * losses["maps"]
        )
        descend(total, self.optimizers["decoder"], rate=_RATE * factor, clip=_CLIP)
        follow(self.average, self.decoder, min(_DECAY, (number + 1) / (number + 10)))
        return {name: float(loss.detach()) for name, loss in losses.items()} | {"critic": verdict_loss}

    def _imperfection(self, mean: Tensor, random: torch.Generator) -> Tensor:
        """Return noise of up to a quarter of the lattice's spread: drawn lattices are not perfect either."""
        spread = mean.std((0, 2, 3), keepdim=True)
        # What the first channels say is seen as it is: noise there would be learned as colour.
        spread[:, :3] = 0
        level = torch.rand((len(mean), 1, 1, 1), generator=random) * _MAX_IMPERFECTION
        noise = torch.randn(mean.shape, generator=random) * level
        return noise.to(self._device) * spread

    def _judge(self, real: list[Tensor], seen: list[Tensor], rate: float) -> float:
        """Teach the critic by one batch; return its loss."""
        self.critic.requires_grad_(True)
        with torch.autocast(self._device.type, torch.bfloat16):
            loss = critic_loss(self.critic(real), self.critic([x.detach() for x in seen]))
        descend(loss, self.optimizers["critic"], rate=rate, clip=_CRITIC_CLIP)
        return float(loss.detach())

    @torch.no_grad()
    def sample(self) -> npt.NDArray[np.uint8]:
        """Return real tiles above what is painted of their lattices, its height, and its levels."""
        random = torch.Generator().manual_seed(0)
        rows = []
        for i in range(0, len(self._shown), 6):
            real = self._shown[i : i + 6].to(self._device)
            with torch.autocast(self._device.type, torch.bfloat16):
                mean, _ = self._encoder(real)
                surface = self.average(mean, grain(mean, random)).float()
            height = (surface[:, 3:4] * 0.5).expand(-1, 3, -1, -1)
            grey = torch.cat([surface[:, 4:6], surface[:, 4:5]], 1)
            rows += [real.cpu(), surface[:, :3].cpu(), height.cpu(), torch.tanh(grey * 0.5).cpu()]
        return as_picture(torch.cat(rows), 6)


@dataclass(frozen=True, slots=True)
class _Part:
    """The part of a tile that a step learns from; what lies around it is painted, but not looked at.

    Attributes:
        points: Lattice points of its edge.
        margin: Lattice points around it; 0 if it is the whole tile.
    """

    points: int
    margin: int

    @classmethod
    def of(cls, size: int) -> "_Part":
        """Return the part of a lattice of this edge."""
        return cls(_PART, _MARGIN) if size >= _PART + 2 * _MARGIN else cls(size, 0)

    def with_margin(self, x: Tensor, per_point: int = 1) -> Tensor:
        """Return the corner that holds the part and its margin."""
        edge = (self.points + 2 * self.margin) * per_point
        return x[:, :, :edge, :edge].contiguous(memory_format=torch.channels_last)

    def inner(self, x: Tensor, per_point: int) -> Tensor:
        """Return the part alone of what has a margin."""
        begin = self.margin * per_point
        end = begin + self.points * per_point
        return x[:, :, begin:end, begin:end].contiguous(memory_format=torch.channels_last)


def _maps_loss(painted: Tensor, known: Tensor) -> Tensor:
    """Return the difference of height, which counts by its differences, and of roughness and metallic."""
    height, known_height = painted[:, :1] * HEIGHT_SCALE_PX, known[:, :1]
    known_height = known_height - known_height.mean((1, 2, 3), keepdim=True)
    right = height.diff(dim=3) - known_height.diff(dim=3)
    down = height.diff(dim=2) - known_height.diff(dim=2)
    steep = right.abs().mean() + down.abs().mean()
    level = functional.l1_loss(height, known_height)
    rest = functional.l1_loss(torch.sigmoid(painted[:, 1:]), torch.sigmoid(known[:, 1:]))
    return steep + 0.1 * level + rest
