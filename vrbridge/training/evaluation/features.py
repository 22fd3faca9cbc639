"""What pictures show, told by a network that no training of ours uses: EfficientNet-Lite0."""

from collections.abc import Mapping
from pathlib import Path
from pickle import UnpicklingError
from typing import Final

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor
from torch.nn import functional

from vrbridge.errors import ModelError

MODEL: Final = "efficientnet-lite0"
"""Its name in the model catalogue."""

Features = npt.NDArray[np.float32]
Pixels = npt.NDArray[np.uint8]

_N_BLOCKS: Final = 11
_HALVING_BLOCKS: Final = (1, 3, 5)
# The last blocks at a quarter, an eighth and a sixteenth of the picture's edge: what a surface is made of
# shows there. Deeper ones look for things, and lose their bearings where a picture goes on without end.
_LISTENED_TO: Final = (2, 4, 10)
_EPSILON: Final = 1e-3
_BATCH: Final = 16

_Layers = Mapping[str, tuple[Tensor, Tensor]]


class EvaluationFeatures:
    """Turns tiles into vectors that lie close where the tiles look alike.

    The pictures are taken for tori, so a tile that was shifted by a multiple of 16 pixels keeps its vector.

    Args:
        weights: File of the catalogue's `efficientnet-lite0`.

    Raises:
        ModelError: If the file is another.

    Source:
        Tan and Le, EfficientNet, ICML 2019; the Lite variant, whose blocks have no squeeze and excitation,
        trained on ImageNet.
    """

    def __init__(self, weights: Path) -> None:
        try:
            # This reader builds tensors and nothing else.
            published: Mapping[str, Tensor] = torch.load(weights, map_location="cpu", weights_only=True)
            self._layers = _folded(published)
        except (OSError, RuntimeError, KeyError, TypeError, ValueError, EOFError, UnpicklingError) as error:
            raise ModelError(
                f"These are no weights of {MODEL}; `vrbridge models verify {MODEL}` tells more."
            ) from error

    def of(self, pictures: npt.NDArray[np.uint8]) -> Features:
        """Return the vectors of pictures.

        Args:
            pictures: (N, S, S, 3) uint8 sRGB tiles; S a multiple of 16.

        Returns:
            (N, 358) float32: mean and deviation of 176 channels of three layers, then of red, green and blue.

        Raises:
            ValueError: If the shape is another.
        """
        if pictures.ndim != 4 or pictures.shape[3] != 3 or pictures.shape[1] % 16 or pictures.shape[2] % 16:
            raise ValueError(
                f"Pictures have to be (N, S, S, 3) with S a multiple of 16, not {pictures.shape}."
            )
        batches = [self._batch(pictures[i : i + _BATCH]) for i in range(0, len(pictures), _BATCH)]
        return np.concatenate(batches)

    @torch.inference_mode()
    def _batch(self, pictures: Pixels) -> Features:
        color = torch.from_numpy(np.ascontiguousarray(pictures)).permute(0, 3, 1, 2).float()
        x = (
            color.sub(127).div(128).contiguous(memory_format=torch.channels_last)
        )  # as the weights were trained
        x = functional.relu6(self._convolved(x, "_conv_stem", stride=2))
        moments: list[Tensor] = []
        for number in range(_N_BLOCKS):
            x = self._block(x, number)
            if number in _LISTENED_TO:
                moments += [x.mean((2, 3)), x.std((2, 3))]
        color = color / 255
        return torch.cat([*moments, color.mean((2, 3)), color.std((2, 3))], 1).numpy()

    def _block(self, x: Tensor, number: int) -> Tensor:
        name = f"_blocks.{number}."
        y = functional.relu6(self._convolved(x, f"{name}_expand_conv")) if number else x
        y = self._convolved(y, f"{name}_depthwise_conv", stride=2 if number in _HALVING_BLOCKS else 1)
        y = self._convolved(functional.relu6(y), f"{name}_project_conv")
        return x + y if x.shape == y.shape else y

    def _convolved(self, x: Tensor, name: str, *, stride: int = 1) -> Tensor:
        kernel, bias = self._layers[name]
        edge = kernel.shape[2]
        if edge > 1:
            # Halving convolutions take the odd pixel on the far side, as TensorFlow does.
            near, far = (edge - stride) // 2, (edge - stride + 1) // 2
            x = functional.pad(x, (near, far, near, far), mode="circular")
        groups = 1 if kernel.shape[1] > 1 or edge == 1 else kernel.shape[0]
        return functional.conv2d(x, kernel, bias, stride, groups=groups)


def _folded(published: Mapping[str, Tensor]) -> _Layers:
    """Return kernel and bias of each convolution, its normalisation included."""
    layers = {}
    for convolution, norm in _pairs():
        scale = published[f"{norm}.weight"] / torch.sqrt(published[f"{norm}.running_var"] + _EPSILON)
        kernel = published[f"{convolution}.weight"] * scale[:, None, None, None]
        bias = published[f"{norm}.bias"] - published[f"{norm}.running_mean"] * scale
        layers[convolution] = (kernel.contiguous(memory_format=torch.channels_last), bias)
    return layers


def _pairs() -> list[tuple[str, str]]:
    """Return the names of each convolution and of its normalisation."""
    pairs = [("_conv_stem", "_bn0")]
    for number in range(_N_BLOCKS):
        block = f"_blocks.{number}."
        if number:
            pairs.append((f"{block}_expand_conv", f"{block}_bn0"))
        pairs += [(f"{block}_depthwise_conv", f"{block}_bn1"), (f"{block}_project_conv", f"{block}_bn2")]
    return pairs
