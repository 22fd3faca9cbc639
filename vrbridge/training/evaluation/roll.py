"""The roll test: a shifted lattice has to give the shifted picture, to the last bit."""

from pathlib import Path
from typing import Final

import torch
from torch import Tensor

from vrbridge.generators.texture import network_file
from vrbridge.generators.texture.autoencoder import GRAIN_PER_POINT, LATTICE_PX
from vrbridge.generators.texture.latent_flow import CODE_SIZE
from vrbridge.generators.texture.network_file import TextureNetwork
from vrbridge.generators.texture.sampler import TextureSampler

# As materials are, a power of two: elsewhere the last few numbers of a row go through other instructions.
_SIZE: Final = 32
_N_STEPS: Final = 2
# Down and to the right, in points of the lattice. The flow halves it three times, so what it draws moves by
# multiples of eight points; what is painted moves by any.
_DRAWN_SHIFTS: Final = ((8, 0), (0, 16), (16, 8))
_PAINTED_SHIFTS: Final = ((1, 0), (0, 3), (5, 2))


def file_roll_error(weights: Path) -> float:
    """Return `roll_error` of the network in a file.

    Raises:
        ModelError: If there is none in it.
    """
    return roll_error(network_file.read(weights))


def roll_error(network: TextureNetwork, *, seed: int = 0) -> float:
    """Return the largest difference between shifted surfaces and those of shifted noise and grain.

    Args:
        network: Is run in float32 on the CPU, all the way from noise to maps.
        seed: Of noise, grain and code.

    Returns:
        In units of the network's outputs; 0.0 means that nothing in it knows where a tile begins.
    """
    sampler = TextureSampler(network, torch.device("cpu"), torch.float32)
    code = torch.randn((1, CODE_SIZE, 1, 1), generator=torch.Generator().manual_seed(seed))
    noise, grain = sampler.noise(seed, _SIZE), sampler.grain(seed, _SIZE)
    lattice = sampler.draw(noise, code, _N_STEPS)
    surface = _painted(sampler, lattice, grain)
    errors = []
    for shift in (*_DRAWN_SHIFTS, *_PAINTED_SHIFTS):
        moved = (
            _rolled(lattice, shift)
            if shift in _PAINTED_SHIFTS
            else sampler.draw(_rolled(noise, shift), code, _N_STEPS)
        )
        again = _painted(sampler, moved, _rolled(grain, shift, GRAIN_PER_POINT))
        errors.append((_rolled(surface, shift, LATTICE_PX) - again).abs().max())
    return float(torch.stack(errors).max())


def _painted(sampler: TextureSampler, lattice: Tensor, grain: Tensor) -> Tensor:
    return sampler.paint(lattice, sampler.forms(lattice), grain)


def _rolled(x: Tensor, shift: tuple[int, int], per_point: int = 1) -> Tensor:
    return torch.roll(x, (shift[0] * per_point, shift[1] * per_point), (2, 3))
