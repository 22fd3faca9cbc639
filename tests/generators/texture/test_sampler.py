"""What a lattice's colours say is what is seen."""

import numpy as np
import numpy.typing as npt
import pytest
import torch

from tests.generators.texture.random_network import random_network
from vrbridge.errors import GeneratorFailed
from vrbridge.generators.texture.palette import chosen_color, to_oklab
from vrbridge.generators.texture.sampler import TextureSampler, recolored

CPU = torch.device("cpu")


def mean_color(lattice: torch.Tensor) -> npt.NDArray[np.float32]:
    srgb = (lattice[0, :3].numpy().reshape(3, -1).T + 1) / 2
    mean: npt.NDArray[np.float32] = to_oklab(srgb.astype(np.float32)).mean(0)
    return mean


@pytest.mark.parametrize("word", ["blue", "dark green", "beige"])
def test_a_lattice_takes_on_a_colour_and_keeps_its_variation(word: str) -> None:
    lattice = torch.rand(1, 12, 8, 8) * 0.4 - 0.2
    color = chosen_color(word)
    assert color is not None
    changed = recolored(lattice, color, 1.0)
    assert mean_color(changed) == pytest.approx(color, abs=0.02)
    assert changed[0, :3].std() > 0.3 * lattice[0, :3].std()
    assert torch.equal(changed[:, 3:], lattice[:, 3:])


def test_half_of_the_strength_goes_half_of_the_way() -> None:
    lattice, color = torch.zeros(1, 12, 4, 4), chosen_color("blue")
    assert color is not None
    half = mean_color(recolored(lattice, color, 0.5))
    assert half == pytest.approx((mean_color(lattice) + color) / 2, abs=0.01)


def test_a_network_gone_wrong_is_noticed() -> None:
    network = random_network()
    network.decoder.head.weight.fill_(float("nan"))
    sampler = TextureSampler(network, CPU, torch.float32)
    lattice = torch.zeros(1, 12, 4, 4)
    with pytest.raises(GeneratorFailed, match="no proper numbers"):
        sampler.surface(lattice, sampler.forms(lattice), seed=1)


def test_seeds_beyond_63_bits_are_seeds_too() -> None:
    sampler = TextureSampler(random_network(), CPU, torch.float32)
    assert torch.equal(sampler.noise(2**64 - 1, 4), sampler.noise(2**64 - 1, 4))
    assert not torch.equal(sampler.noise(2**64 - 1, 4), sampler.noise(2**64 - 2, 4))
