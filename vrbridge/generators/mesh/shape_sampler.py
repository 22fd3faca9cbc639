"""Runs a trained shape network: codes to lattices, lattices to solids with colours."""

from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from vrbridge.errors import GeneratorFailed
from vrbridge.generators.device import on_host
from vrbridge.generators.mesh.shape_autoencoder import LATENT_CHANNELS, LATTICE_EDGE
from vrbridge.generators.mesh.shape_file import ShapeNetwork
from vrbridge.generators.mesh.shape_flow import drawn_code
from vrbridge.generators.precision import fastest_dtype, products_in

_SEED_BITS = 0x7FFFFFFFFFFFFFFF
_SHAPE = (1, LATENT_CHANNELS, LATTICE_EDGE, LATTICE_EDGE, LATTICE_EDGE)


@dataclass(frozen=True, slots=True, eq=False)
class Solid:
    """What the decoder builds.

    Attributes:
        logits: (64, 64, 64) float32, above 0 where it is solid.
        color: (3, 32, 32, 32) float32, sRGB about [-1, 1].
    """

    logits: NDArray[np.float32]
    color: NDArray[np.float32]


class ShapeSampler:
    """Draws and decodes, without gradients, in the fastest precision of the device.

    Args:
        network: Trained.
        device: Where it runs.
        dtype: Of the products; None: bfloat16 where that is faster, else float32.
    """

    def __init__(self, network: ShapeNetwork, device: torch.device, dtype: torch.dtype | None = None) -> None:
        self._network = network
        self._device = device
        self._dtype = dtype or fastest_dtype(device, n_axes=3)
        network.decoder.to(device)
        network.flow.to(device)
        self._mean = network.space.mean.to(device)
        self._axes = network.space.axes.to(device)

    @torch.inference_mode()
    def lattice(
        self,
        code: NDArray[np.float32],
        sentence: NDArray[np.float32],
        seed: int,
        *,
        n_steps: int,
        share: float,
        rest: NDArray[np.float32] | None = None,
    ) -> Tensor:
        """Return a lattice (1, 8, 8, 8, 8) near a code.

        Args:
            code: (512,) of a known shape.
            sentence: (384,) of the prompt.
            seed: Of the noise.
            n_steps: Evaluations of the flow; 0: the code stays as it is.
            share: Of the code in what the flow starts from, 0 to 1.
            rest: (4096,) what the known shape has beside its code, if that may be used.
        """
        codes = torch.from_numpy(code)[None].to(self._device)
        if n_steps:
            random = torch.Generator().manual_seed(seed & _SEED_BITS)
            noise = torch.randn(codes.shape, generator=random).to(self._device)
            codes = drawn_code(
                self._network.flow,
                share * codes + (1 - share) * noise,
                torch.from_numpy(sentence)[None].to(self._device),
                n_steps=n_steps,
                begin=share,
            )
        lattice = self._mean + codes @ self._axes
        if rest is not None:
            lattice = lattice + torch.from_numpy(rest)[None].to(self._device) * self._network.space.rest
        return lattice.view(_SHAPE)

    @torch.inference_mode()
    def solid(self, lattice: Tensor) -> Solid:
        """Return what a lattice stands for.

        Raises:
            GeneratorFailed: If the network makes something that is no number.
        """
        with products_in(self._dtype, self._device):
            logits, color = self._network.decoder(lattice)
        solid = Solid(on_host(logits[0, 0].float()).numpy(), on_host(color[0].float()).numpy())
        if not (np.isfinite(solid.logits.sum()) and np.isfinite(solid.color.sum())):
            raise GeneratorFailed("The network made a shape that holds no proper numbers.")
        return solid
