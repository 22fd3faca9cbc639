"""What makes a material look as it does, in 64 numbers: colours first, then statistics of features."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from vrbridge.generators.texture.latent_flow import CODE_SIZE
from vrbridge.generators.texture.palette import to_oklab
from vrbridge.training.batches import as_input
from vrbridge.training.features import Backbone

Codes = npt.NDArray[np.float32]

COLOR_SIZE = 6
"""The first numbers: mean and deviation of lightness, a and b (Oklab)."""

_FIRST_LAYER = 1
_BATCH = 8
_RIDGE = 30.0
_LIMIT = 4.0
_LEAST_DEVIATION = 1e-3


@dataclass(frozen=True, slots=True)
class StyleSpace:
    """From statistics of a picture to its code.

    Attributes:
        color_mean: (6,) of the training pictures.
        color_scale: (6,) likewise.
        statistics_mean: (F,).
        statistics_scale: (F,).
        from_color: (13, F): what of the statistics colours alone foretell.
        axes: (F, 58): where what is left varies most, in units of its spread.
    """

    color_mean: Codes
    color_scale: Codes
    statistics_mean: Codes
    statistics_scale: Codes
    from_color: Codes
    axes: Codes

    def tensors(self) -> dict[str, Tensor]:
        """Return the arrays by name."""
        return {f.name: torch.from_numpy(getattr(self, f.name)) for f in fields(self)}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor]) -> "StyleSpace":
        """Return the space that `tensors` gave."""
        return cls(**{f.name: tensors[f.name].float().numpy() for f in fields(cls)})

    def codes(self, colors: Codes, statistics: Codes) -> Codes:
        """Return (N, 64) codes of (N, 6) colour numbers and (N, F) feature statistics."""
        color = (colors - self.color_mean) / self.color_scale
        rest = (statistics - self.statistics_mean) / self.statistics_scale - _powers(color) @ self.from_color
        return np.concatenate([color, rest @ self.axes], 1).clip(-_LIMIT, _LIMIT).astype(np.float32)

    @classmethod
    def of(cls, colors: Codes, statistics: Codes) -> "StyleSpace":
        """Return the space in which these pictures differ most clearly."""
        color_mean, color_scale = colors.mean(0), colors.std(0) + 1e-6
        mean, scale = statistics.mean(0), statistics.std(0) + 1e-6
        color = _powers((colors - color_mean) / color_scale)
        rest = (statistics - mean) / scale
        gram = color.T @ color + _RIDGE * np.eye(color.shape[1], dtype=np.float32)
        from_color = np.linalg.solve(gram, color.T @ rest)
        rest = rest - color @ from_color
        _, spread, axes = np.linalg.svd(rest, full_matrices=False)
        # Half-way to equal spread: later axes say less, but are not mere noise.
        deviation = spread / np.sqrt(len(rest))
        deviation = deviation[deviation > _LEAST_DEVIATION * deviation[0]][: CODE_SIZE - COLOR_SIZE]
        weights = (deviation / deviation[0]) ** 0.5 / deviation
        # A few pictures differ along fewer axes than there is room for.
        kept = np.zeros((rest.shape[1], CODE_SIZE - COLOR_SIZE), np.float32)
        kept[:, : len(deviation)] = axes[: len(deviation)].T * weights
        return cls(color_mean, color_scale, mean, scale, from_color.astype(np.float32), kept)


def measured(colors: npt.NDArray[np.uint8], backbone: Backbone, device: torch.device) -> tuple[Codes, Codes]:
    """Return colour numbers (N, 6) and feature statistics (N, F) of (N, S, S, 3) uint8 tiles."""
    numbers, statistics = [], []
    for start in range(0, len(colors), _BATCH):
        tiles = colors[start : start + _BATCH]
        numbers.append(color_numbers(tiles))
        statistics.append(_statistics(as_input(tiles).to(device), backbone))
    return np.concatenate(numbers), np.concatenate(statistics)


def color_numbers(colors: npt.NDArray[np.uint8]) -> Codes:
    """Return (N, 6): mean and deviation in Oklab of (N, S, S, 3) uint8 sRGB tiles."""
    oklab = to_oklab(colors.astype(np.float32) / np.float32(255)).reshape(len(colors), -1, 3)
    return np.concatenate([oklab.mean(1), oklab.std(1)], 1).astype(np.float32)


@torch.no_grad()
def _statistics(color: Tensor, backbone: Backbone) -> Codes:
    with torch.autocast(color.device.type, torch.bfloat16):
        features = backbone(color)[_FIRST_LAYER:]
    return np.concatenate([part.cpu().numpy() for part in _moments(features)], 1)


def _moments(features: list[Tensor]) -> Iterator[Tensor]:
    for layer in features:
        values = layer.float().flatten(2)
        yield values.mean(2)
        # Deviations spread over magnitudes.
        yield torch.log(values.std(2) + 0.02)


def _powers(color: Codes) -> Codes:
    """Return (N, 13): one, each number and its square."""
    return np.concatenate([np.ones((len(color), 1), np.float32), color, color * color], 1)
