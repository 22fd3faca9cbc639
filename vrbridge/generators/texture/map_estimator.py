"""Reads a whole surface off a picture of it."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from vrbridge.errors import GeneratorFailed
from vrbridge.generators.device import on_host
from vrbridge.generators.texture import network_file
from vrbridge.generators.texture.map_network import MapNetwork
from vrbridge.generators.texture.surface import Surface
from vrbridge.generators.texture.torus import placed


class MapEstimator:
    """The trained map network, for pictures that tile.

    Args:
        weights: File of a trained texture network, of which the map network is a part.
        device: Of the network.

    Raises:
        ModelError: If the file is none.
    """

    def __init__(self, weights: Path, device: str = "cpu") -> None:
        # Only this part: in a worker that also draws, the rest of the file is read there.
        self._name, network = network_file.read_maps(weights)
        self._device = torch.device(device)
        self._network: MapNetwork = placed(network, self._device)

    @property
    def model(self) -> str:
        """Name of the network."""
        return self._name

    @torch.inference_mode()
    def estimate(self, color: npt.NDArray[np.float32]) -> Surface:
        """Return the surface that a picture shows; it wraps around as the picture does.

        Args:
            color: (S, S, 3) float32, sRGB in [0, 1]; S a multiple of 16.

        Raises:
            ValueError: If the shape is another.
            GeneratorFailed: If the network makes something that is no number.
        """
        size = color.shape[0]
        if color.shape != (size, size, 3) or size % 16:
            raise ValueError(f"A picture has to be (S, S, 3) with S a multiple of 16, not {color.shape}.")
        values = torch.from_numpy(np.ascontiguousarray(color)).to(self._device).permute(2, 0, 1)[None].float()
        maps: Tensor = self._network(values.mul(2).sub(1).contiguous(memory_format=torch.channels_last))[0]
        if not bool(torch.isfinite(maps.sum())):
            raise GeneratorFailed("The map network made something that holds no proper numbers.")
        levels = on_host(torch.sigmoid(maps[1:])).numpy()
        return Surface(
            height=on_host(maps[0] / size).numpy(),
            color=np.ascontiguousarray(color, np.float32),
            roughness=levels[0],
            metallic=levels[1],
        )
