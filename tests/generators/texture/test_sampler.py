"""What a lattice's colours say is what is seen."""

import numpy as np
import pytest
import torch

from tests.generators.texture.random_network import random_network
from vrbridge.errors import GeneratorFailed
from vrbridge.generators.texture import noise
from vrbridge.generators.texture.sampler import TextureSampler, surface_of

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


def test_bands_of_a_painting_are_the_surface_of_the_whole(monkeypatch: pytest.MonkeyPatch) -> None:
    painted = torch.randn(6, 64, 64, generator=torch.Generator().manual_seed(1))
    whole = surface_of(painted)
    monkeypatch.setattr(noise, "_BAND_PX", 5 * 64)
    banded = surface_of(painted)
    for name in ("height", "color", "roughness", "metallic"):
        np.testing.assert_allclose(getattr(banded, name), getattr(whole, name), rtol=0, atol=1e-6)
    assert np.allclose(whole.color, (painted[:3].permute(1, 2, 0).numpy() / 2 + 0.5).clip(0, 1))
