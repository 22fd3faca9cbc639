"""Modules take the weights of a file over, and nothing is drawn for them before."""

import pytest
import torch
from torch import Tensor, nn

from vrbridge.generators.tensor_file import filled
from vrbridge.generators.texture.torus import WrappedConv2d


def layers() -> nn.Sequential:
    return nn.Sequential(WrappedConv2d(3, 4), nn.Linear(4, 5), nn.LayerNorm(5))


def weights() -> dict[str, Tensor]:
    return {name: torch.rand_like(value) for name, value in layers().state_dict().items()}


def test_a_module_has_exactly_the_weights() -> None:
    wanted = weights()
    module = filled(layers, wanted)
    found = module.state_dict()
    assert found.keys() == wanted.keys()
    assert all(torch.equal(found[name], wanted[name]) for name in wanted)
    assert not module.training
    assert not any(parameter.requires_grad for parameter in module.parameters())


def test_no_random_numbers_are_drawn_for_it() -> None:
    wanted, before = weights(), torch.get_rng_state()
    filled(layers, wanted)
    assert torch.equal(torch.get_rng_state(), before)


def test_layers_that_are_made_afterwards_are_random_as_always() -> None:
    filled(layers, weights())
    assert all(value.std() > 0 for name, value in layers().state_dict().items() if name.endswith("0.weight"))


def test_weights_have_to_fit() -> None:
    wanted = weights()
    name = next(iter(wanted))
    for wrong in (
        {n: w for n, w in wanted.items() if n != name},
        wanted | {"more": torch.zeros(1)},
        wanted | {name: torch.zeros(1)},
    ):
        with pytest.raises(RuntimeError):
            filled(layers, wrong)
