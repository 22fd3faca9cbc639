"""What pictures show, told by a network that learned to see: the measure of losses and critics."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor, nn
from torch.nn import functional

from vrbridge.errors import ModelError
from vrbridge.generators.texture.torus import wrapped

# Filters of the backbone of YOLOv3-tiny, each behind the halving of the one before.
_WIDTHS = (16, 32, 64, 128, 256, 512)
_HEADER_BYTES = 20
_EPSILON = 1e-5


class Backbone(nn.Module):
    """The first six convolutions of YOLOv3-tiny, trained on COCO, on a torus; frozen.

    Args:
        weights: Darknet's file `yolov3-tiny.weights`.

    Raises:
        ModelError: If the file is too short.

    Source:
        Redmon and Farhadi, YOLOv3: An Incremental Improvement, 2018.
    """

    widths = _WIDTHS

    def __init__(self, weights: Path) -> None:
        super().__init__()
        values = np.fromfile(weights, np.float32, offset=_HEADER_BYTES)
        self._kernels: list[str] = []
        start, inputs = 0, 3
        for number, outputs in enumerate(_WIDTHS):
            norm, start = _taken(values, start, 4 * outputs)
            shift, scale, mean, variance = norm.reshape(4, outputs)
            kernel, start = _taken(values, start, outputs * inputs * 9)
            # Normalisation over a fixed mean and variance is part of the convolution.
            factor = scale / np.sqrt(variance + _EPSILON)
            folded = kernel.reshape(outputs, inputs, 3, 3) * factor[:, None, None, None]
            self.register_buffer(f"weight_{number}", torch.from_numpy(folded.astype(np.float32)))
            self.register_buffer(f"bias_{number}", torch.from_numpy(shift - mean * factor))
            inputs = outputs

    def forward(self, color: Tensor, n_layers: int = len(_WIDTHS)) -> list[Tensor]:
        """Return the features of pictures.

        Args:
            color: (B, 3, H, W) sRGB in [-1, 1]; H and W multiples of 32.
            n_layers: How many convolutions to go.

        Returns:
            One (B, C, H / 2^i, W / 2^i) tensor for each layer i, before its halving.
        """
        x = (color + 1) * 0.5
        features = []
        for number in range(n_layers):
            if number:
                x = functional.max_pool2d(x, 2)
            weight, bias = self.get_buffer(f"weight_{number}"), self.get_buffer(f"bias_{number}")
            x = functional.leaky_relu(functional.conv2d(wrapped(x), weight, bias), 0.1)
            features.append(x)
        return features


def _taken(values: npt.NDArray[np.float32], start: int, count: int) -> tuple[npt.NDArray[np.float32], int]:
    if len(values) < start + count:
        raise ModelError("The file of feature weights is cut short; `vrbridge models verify` tells more.")
    return values[start : start + count], start + count
