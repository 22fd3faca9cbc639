"""Teaches the map network what real normal and gloss maps say, and what is known of each material."""

import copy
from collections.abc import Mapping
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from vrbridge.generators.texture.map_network import MapNetwork
from vrbridge.generators.texture.torus import placed, wrapped
from vrbridge.training.batches import TileBatches, as_input, as_picture
from vrbridge.training.stage import descend, follow, learning_rate

_RATE = 6e-4
_CLIP = 1.0
_DECAY = 0.998
_MAX_SLOPE = 2.5
# Slopes are compared as they are and as means over so many pixels, since forms matter at each size.
_SCALES = (1, 2, 4, 8, 16)
_FLATNESS_WEIGHT = 0.002


@dataclass(frozen=True, slots=True)
class MapTargets:
    """What is known of each tile's surface.

    Attributes:
        normal: (N, S, S, 3) uint8, +Y up; undefined where `has_normal` is false.
        has_normal: (N,).
        roughness: (N, S, S) uint8, 0–255; where `has_roughness` is false only its mean counts.
        has_roughness: (N,).
        metallic: (N, S, S) uint8, 0–255.
    """

    normal: npt.NDArray[np.uint8]
    has_normal: npt.NDArray[np.bool_]
    roughness: npt.NDArray[np.uint8]
    has_roughness: npt.NDArray[np.bool_]
    metallic: npt.NDArray[np.uint8]


class MapsStage:
    """The map network; see `Stage`.

    Args:
        colors: (N, S, S, 3) uint8 tiles.
        targets: Of the same tiles.
        batches: Draws tiles.
        shown: Tiles for the sample picture.
        device: To learn on.
    """

    name = "maps"

    def __init__(
        self,
        colors: npt.NDArray[np.uint8],
        targets: MapTargets,
        batches: TileBatches,
        shown: npt.NDArray[np.uint8],
        device: torch.device,
    ) -> None:
        torch.manual_seed(0)
        self._colors = colors
        self._targets = targets
        self._batches = batches
        self._shown = as_input(shown)
        self._device = device
        self.network = placed(MapNetwork(), device)
        self.average = copy.deepcopy(self.network)
        self.modules: Mapping[str, nn.Module] = {"network": self.network, "average": self.average}
        self.optimizers = {"optimizer": torch.optim.Adam(self.network.parameters(), _RATE, betas=(0.9, 0.98))}

    def start_from(self, network: MapNetwork) -> None:
        """Take over the weights of another."""
        self.network.load_state_dict(network.state_dict())
        self.average.load_state_dict(network.state_dict())

    def step(self, number: int, progress: float) -> Mapping[str, float]:
        """Learn from one batch; see `Stage.step`."""
        chosen, color, slopes, roughness, metallic = self._batch(number)
        has_normal = torch.from_numpy(self._targets.has_normal[chosen]).to(self._device)
        has_roughness = torch.from_numpy(self._targets.has_roughness[chosen]).to(self._device)
        with torch.autocast(self._device.type, torch.bfloat16):
            maps = self.network(color)
        height, rough, metal = (part.float() for part in maps.split(1, 1))
        losses = {
            "slopes": _slope_loss(slopes_of(height), slopes, has_normal),
            "roughness": _level_loss(torch.sigmoid(rough), roughness, has_roughness),
            "metallic": (torch.sigmoid(metal) - metallic).abs().mean(),
        }
        # Without a normal map nothing else holds the height of a tile.
        flatness = slopes_of(height).square().mean()
        total = (
            losses["slopes"] + losses["roughness"] + 0.5 * losses["metallic"] + _FLATNESS_WEIGHT * flatness
        )
        rate = _RATE * learning_rate(number, progress)
        descend(total, self.optimizers["optimizer"], rate=rate, clip=_CLIP)
        follow(self.average, self.network, min(_DECAY, (number + 1) / (number + 10)))
        return {name: float(loss.detach()) for name, loss in losses.items()}

    def _batch(self, number: int) -> tuple[npt.NDArray[np.int64], Tensor, Tensor, Tensor, Tensor]:
        random = self._batches.random(number)
        chosen = self._batches.choose(random)
        size = self._colors.shape[1]
        colors, normals, levels = [], [], []
        for index in chosen:
            shift = tuple(int(v) for v in random.integers(0, size, 2))
            # Light and exposure of a picture say nothing about its relief.
            gain, gamma = random.uniform(0.85, 1.15), random.uniform(0.8, 1.25)
            tile = 255 * (self._colors[index] / np.float32(255)) ** gamma * gain
            normal = self._targets.normal[index].astype(np.float32)
            level = np.stack([self._targets.roughness[index], self._targets.metallic[index]], 2)
            if random.random() < 0.5:
                tile, normal, level = (
                    tile[:, ::-1],
                    normal[:, ::-1] * (-1, 1, 1) + (255, 0, 0),
                    level[:, ::-1],
                )
            if random.random() < 0.5:
                tile, normal, level = tile[::-1], normal[::-1] * (1, -1, 1) + (0, 255, 0), level[::-1]
            colors.append(np.roll(tile, shift, (0, 1)).clip(0, 255).astype(np.uint8))
            normals.append(np.roll(normal, shift, (0, 1)).astype(np.float32))
            levels.append(np.roll(level, shift, (0, 1)))
        level_values = torch.from_numpy(np.stack(levels).astype(np.float32) / 255).permute(0, 3, 1, 2)
        return (
            chosen,
            as_input(np.stack(colors)).to(self._device),
            slopes_of_normals(torch.from_numpy(np.stack(normals)).permute(0, 3, 1, 2)).to(self._device),
            level_values[:, :1].to(self._device),
            level_values[:, 1:].to(self._device),
        )

    @torch.no_grad()
    def sample(self) -> npt.NDArray[np.uint8]:
        """Return rows of colours, normals, roughness and metallic as grey."""
        color = self._shown.to(self._device)
        with torch.autocast(self._device.type, torch.bfloat16):
            maps = self.average(color).float()
        normal = normals_of(slopes_of(maps[:, :1]))
        grey = [torch.sigmoid(maps[:, i : i + 1]).expand(-1, 3, -1, -1) * 2 - 1 for i in (1, 2)]
        return as_picture(torch.cat([color, normal, *grey]).cpu(), len(color))


def slopes_of(height: Tensor) -> Tensor:
    """Return the rise to the right and downwards, (B, 2, H, W), of (B, 1, H, W) height in pixels."""
    around = wrapped(height)
    right = (around[:, :, 1:-1, 2:] - around[:, :, 1:-1, :-2]) * 0.5
    down = (around[:, :, 2:, 1:-1] - around[:, :, :-2, 1:-1]) * 0.5
    return torch.cat([right, down], 1)


def slopes_of_normals(normal: Tensor) -> Tensor:
    """Return (B, 2, H, W) slopes of (B, 3, H, W) normal maps, 0–255, +Y up."""
    vector = normal / 127.5 - 1
    out = vector[:, 2:].clamp_min(0.15)
    slopes = torch.cat([-vector[:, :1] / out, vector[:, 1:2] / out], 1)
    # A constant tilt is an error of the map: a tile has to come back to its own height.
    slopes = slopes - slopes.mean((2, 3), keepdim=True)
    return slopes.clamp(-_MAX_SLOPE, _MAX_SLOPE)


def normals_of(slopes: Tensor) -> Tensor:
    """Return (B, 3, H, W) unit normals, +Y up, of (B, 2, H, W) slopes."""
    vector = torch.cat([-slopes[:, :1], slopes[:, 1:], torch.ones_like(slopes[:, :1])], 1)
    return functional.normalize(vector, dim=1)


def _slope_loss(painted: Tensor, real: Tensor, has_normal: Tensor) -> Tensor:
    """Return the difference in units of each tile's own steepness, over several scales."""
    if not bool(has_normal.any()):
        return painted.sum() * 0
    painted, real = painted[has_normal], real[has_normal]
    steepness = real.abs().mean((1, 2, 3), keepdim=True).clamp_min(0.05)
    total = painted.new_zeros(())
    for scale in _SCALES:
        p, r = (functional.avg_pool2d(x, scale) for x in (painted, real))
        total = total + ((p - r) / steepness).abs().mean() * scale**0.5
    return total / len(_SCALES)


def _level_loss(painted: Tensor, known: Tensor, is_exact: Tensor) -> Tensor:
    exact = (painted - known).abs().mean((1, 2, 3))
    average = (painted.mean((1, 2, 3)) - known.mean((1, 2, 3))).abs()
    return torch.where(is_exact, exact, average).mean()
