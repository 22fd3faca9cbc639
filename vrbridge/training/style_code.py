"""What makes a material look as it does, in 64 numbers: its tone, then statistics of features."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, fields

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from vrbridge.generators.texture.latent_flow import CODE_SIZE
from vrbridge.generators.texture.tones import TONE_SIZE
from vrbridge.training.batches import as_input
from vrbridge.training.features import Backbone

Codes = npt.NDArray[np.float32]

_FIRST_LAYER = 1
_BATCH = 8
_RIDGE = 30.0
_LIMIT = 4.0
_LEAST_DEVIATION = 1e-3


@dataclass(frozen=True, slots=True)
class StyleSpace:
    """From what was measured of a picture to its code.

    Attributes:
        tone_mean: (12,) of the training pictures.
        tone_scale: (12,) likewise.
        statistics_mean: (F,).
        statistics_scale: (F,).
        from_tone: (25, F): what of the statistics tones alone foretell.
        axes: (F, 52): where what is left varies most, in units of its spread.
    """

    tone_mean: Codes
    tone_scale: Codes
    statistics_mean: Codes
    statistics_scale: Codes
    from_tone: Codes
    axes: Codes

    def tensors(self) -> dict[str, Tensor]:
        """Return the arrays by name."""
        return {f.name: torch.from_numpy(getattr(self, f.name)) for f in fields(self)}

    @classmethod
    def from_tensors(cls, tensors: Mapping[str, Tensor]) -> "StyleSpace":
        """Return the space that `tensors` gave."""
        return cls(**{f.name: tensors[f.name].float().numpy() for f in fields(cls)})

    def codes(self, tones: Codes, statistics: Codes) -> Codes:
        """Return (N, 64) codes of (N, 12) tones and (N, F) feature statistics."""
        tone = (tones - self.tone_mean) / self.tone_scale
        rest = (statistics - self.statistics_mean) / self.statistics_scale - _powers(tone) @ self.from_tone
        # Tones are not cut: a lattice is painted in exactly this one.
        structure = (rest @ self.axes).clip(-_LIMIT, _LIMIT)
        return np.concatenate([tone, structure], 1).astype(np.float32)

    @classmethod
    def of(cls, tones: Codes, statistics: Codes) -> "StyleSpace":
        """Return the space in which these pictures differ most clearly."""
        tone_mean, tone_scale = tones.mean(0), tones.std(0) + 1e-6
        mean, scale = statistics.mean(0), statistics.std(0) + 1e-6
        tone = _powers((tones - tone_mean) / tone_scale)
        rest = (statistics - mean) / scale
        gram = tone.T @ tone + _RIDGE * np.eye(tone.shape[1], dtype=np.float32)
        from_tone = np.linalg.solve(gram, tone.T @ rest)
        rest = rest - tone @ from_tone
        _, spread, axes = np.linalg.svd(rest, full_matrices=False)
        # Half-way to equal spread: later axes say less, but are not mere noise.
        deviation = spread / np.sqrt(len(rest))
        deviation = deviation[deviation > _LEAST_DEVIATION * deviation[0]][: CODE_SIZE - TONE_SIZE]
        weights = (deviation / deviation[0]) ** 0.5 / deviation
        # A few pictures differ along fewer axes than there is room for.
        kept = np.zeros((rest.shape[1], CODE_SIZE - TONE_SIZE), np.float32)
        kept[:, : len(deviation)] = axes[: len(deviation)].T * weights
        return cls(tone_mean, tone_scale, mean, scale, from_tone.astype(np.float32), kept)


def feature_statistics(colors: npt.NDArray[np.uint8], backbone: Backbone, device: torch.device) -> Codes:
    """Return (N, F): mean and spread of each feature of (N, S, S, 3) uint8 tiles."""
    batches = (colors[start : start + _BATCH] for start in range(0, len(colors), _BATCH))
    return np.concatenate([_statistics(as_input(batch).to(device), backbone) for batch in batches])


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


def _powers(tone: Codes) -> Codes:
    """Return (N, 25): one, each number and its square."""
    return np.concatenate([np.ones((len(tone), 1), np.float32), tone, tone * tone], 1)
