"""Runs a trained texture network: noise and codes to lattices, lattices to surfaces."""

import time
from collections.abc import Callable

import numpy as np
import numpy.typing as npt
import torch
from torch import Tensor

from vrbridge.errors import GeneratorFailed
from vrbridge.generators.batch_check import BatchCheck
from vrbridge.generators.device import on_host
from vrbridge.generators.precision import fastest_dtype, products_in
from vrbridge.generators.texture.autoencoder import (
    GRAIN_PER_POINT,
    HEIGHT_SCALE_PX,
    LATENT_CHANNELS,
    smooth_colors,
)
from vrbridge.generators.texture.latent_flow import drawn
from vrbridge.generators.texture.network_file import TextureNetwork
from vrbridge.generators.texture.noise import in_bands
from vrbridge.generators.texture.surface import Surface
from vrbridge.generators.texture.tones import TONE_SIZE, standardised, toned
from vrbridge.generators.texture.torus import placed

_SEED_BITS = 0x7FFFFFFFFFFFFFFF
# Any constant: grain and layout of a seed must not come from the same noise.
_GRAIN_SALT = 0x5DEECE66D


class TextureSampler:
    """Draws and paints, without gradients, in the fastest precision of the device.

    Args:
        network: Trained.
        device: Where it runs.
        dtype: Of the products; None: bfloat16 where that is faster, else float32.
        clock: In seconds; says what is quicker.

    Attributes:
        check: Knows how many lattices may be evaluated at once.
    """

    def __init__(
        self,
        network: TextureNetwork,
        device: torch.device,
        dtype: torch.dtype | None = None,
        *,
        clock: Callable[[], float] = time.perf_counter,
    ) -> None:
        self._network = network
        self._device = device
        self._dtype = dtype or fastest_dtype(device)
        placed(network.decoder, device)
        placed(network.flow, device)
        self.check = BatchCheck(device, clock)
        anchors = network.anchors
        self._tone_mean = torch.from_numpy(anchors.tone_mean).to(device)[None, :, None, None]
        self._tone_scale = torch.from_numpy(anchors.tone_scale).to(device)[None, :, None, None]

    def noise(self, seed: int, size: int) -> Tensor:
        """Return the (1, 6, size, size) noise that a seed stands for."""
        random = torch.Generator().manual_seed(seed & _SEED_BITS)
        return torch.randn((1, LATENT_CHANNELS, size, size), generator=random)

    def grain(self, seed: int, size: int) -> Tensor:
        """Return the (1, 1, 8 size, 8 size) noise that a seed's grain is made from."""
        random = torch.Generator().manual_seed((seed & _SEED_BITS) ^ _GRAIN_SALT)
        edge = GRAIN_PER_POINT * size
        return torch.randn((1, 1, edge, edge), generator=random)

    @torch.inference_mode()
    def draw(
        self, noise: Tensor, code: Tensor, n_steps: int, *, layout: Tensor | None = None, share: float = 0.0
    ) -> Tensor:
        """Return lattices of noise (B, 6, h, w) and code (B, 64, 1 or h, 1 or w).

        Args:
            noise: Standard normal.
            code: Of the material.
            n_steps: Evaluations of the flow.
            layout: Structures (B, 6, h, w) to start from, or None.
            share: Of the layout in what the flow starts from, 0 to 1.
        """
        begin = 0.0
        if layout is not None:
            noise, begin = share * layout + (1 - share) * noise, share
        noise = noise.to(self._device).contiguous(memory_format=torch.channels_last)
        code = code.to(self._device)
        with products_in(self._dtype, self._device):
            structure = drawn(self._network.flow, noise, code, n_steps=n_steps, begin=begin)
        return self.colored(structure.float(), code)

    @torch.inference_mode()
    def colored(self, structure: Tensor, code: Tensor) -> Tensor:
        """Return the lattice of a structure (B, 6, h, w) in the colours of a code (B, 64, 1 or h, 1 or w)."""
        structure, code = structure.to(self._device), code.to(self._device)
        if code.shape[2] == 1:
            structure = standardised(structure)
        return toned(structure, code[:, :TONE_SIZE] * self._tone_scale + self._tone_mean)

    @torch.inference_mode()
    def forms(self, lattice: Tensor) -> Tensor:
        """Return what is decided before any detail; see `Decoder.forms`."""
        with products_in(self._dtype, self._device):
            return self._network.decoder.forms(lattice.contiguous(memory_format=torch.channels_last))

    @torch.inference_mode()
    def preview(self, lattice: Tensor) -> npt.NDArray[np.float32]:
        """Return (2h, 2w, 3) float32 sRGB in [0, 1]: the mean colours of the first lattice."""
        return _srgb(smooth_colors(lattice, 1)[0].float())

    @torch.inference_mode()
    def paint(self, lattice: Tensor, forms: Tensor, grain: Tensor) -> Tensor:
        """Return (B, 6, 8h, 8w) float32 surfaces; see `Decoder`."""
        with products_in(self._dtype, self._device):
            return self._network.decoder.surface(lattice, forms, grain.to(self._device)).float()

    def surface(self, lattice: Tensor, forms: Tensor, seed: int) -> Surface:
        """Return the first lattice's surface.

        Raises:
            GeneratorFailed: If the network makes something that is no number.
        """
        return surface_of(self.paint(lattice, forms, self.grain(seed, lattice.shape[2]))[0])


def surface_of(painted: Tensor) -> Surface:
    """Return the surface that (6, S, S) numbers of the decoder stand for.

    Raises:
        GeneratorFailed: If one of them is no number.
    """
    painted = on_host(painted)
    size = painted.shape[1]
    surface = Surface(
        height=np.empty((size, size), np.float32),
        color=np.empty((size, size, 3), np.float32),
        roughness=np.empty((size, size), np.float32),
        metallic=np.empty((size, size), np.float32),
    )
    for rows in in_bands(size):
        band = painted[:, rows].contiguous()
        if not bool(torch.isfinite(band.sum())):
            raise GeneratorFailed("The network made something that holds no proper numbers.")
        surface.color[rows] = _srgb(band[:3])
        surface.height[rows] = (band[3] * (HEIGHT_SCALE_PX / size)).numpy()
        surface.roughness[rows], surface.metallic[rows] = torch.sigmoid(band[4:]).numpy()
    return surface


def _srgb(color: Tensor) -> npt.NDArray[np.float32]:
    return on_host(color.add(1).mul(0.5).clamp(0, 1).permute(1, 2, 0).contiguous()).numpy()
