"""What a lattice's colours say is what is seen."""

import pytest
import torch

from tests.generators.texture.random_network import random_network
from vrbridge.errors import GeneratorFailed
from vrbridge.generators.texture.sampler import TextureSampler

CPU = torch.device("cpu")


def test_a_network_gone_wrong_is_noticed() -> None:
    network = random_network()
    network.decoder.head.weight.fill_(float("nan"))
    sampler = TextureSampler(network, CPU, torch.float32)
    lattice = torch.zeros(1, 6, 4, 4)
    with pytest.raises(GeneratorFailed, match="no proper numbers"):
        sampler.surface(lattice, sampler.forms(lattice), seed=1)


def test_seeds_beyond_63_bits_are_seeds_too() -> None:
    sampler = TextureSampler(random_network(), CPU, torch.float32)
    assert torch.equal(sampler.noise(2**64 - 1, 4), sampler.noise(2**64 - 1, 4))
    assert not torch.equal(sampler.noise(2**64 - 1, 4), sampler.noise(2**64 - 2, 4))
