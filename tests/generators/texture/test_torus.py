"""Nothing has a border: what is shifted before is shifted after."""

import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional

from tests.generators.texture.random_network import random_network
from vrbridge.generators.precision import products_in
from vrbridge.generators.texture import torus
from vrbridge.generators.texture.latent_flow import drawn
from vrbridge.generators.texture.torus import ResidualBlock, WrappedConv2d, doubled, halved, placed, wrapped
from vrbridge.interruption import watch


def rolled(x: Tensor, rows: int, columns: int) -> Tensor:
    return torch.roll(x, (rows, columns), (2, 3))


def test_each_side_continues_at_the_opposite_one() -> None:
    x = torch.arange(6.0).reshape(1, 1, 2, 3)
    assert wrapped(x)[0, 0].tolist() == [
        [5, 3, 4, 5, 3],
        [2, 0, 1, 2, 0],
        [5, 3, 4, 5, 3],
        [2, 0, 1, 2, 0],
    ]


def test_a_torus_can_be_continued_at_most_once_around() -> None:
    with pytest.raises(ValueError, match="can't be continued by 3"):
        wrapped(torch.zeros(1, 1, 2, 5), 3)


def test_gradients_come_back_from_the_margins() -> None:
    x = torch.randn(2, 2, 3, 4, dtype=torch.double, requires_grad=True)
    assert torch.autograd.gradcheck(lambda x: wrapped(x, 2), x)
    assert torch.autograd.gradgradcheck(lambda x: wrapped(x, 2), x)


@pytest.mark.parametrize("layer", [WrappedConv2d(3, 3), WrappedConv2d(3, 3, 5), ResidualBlock(3)])
def test_layers_commute_with_shifts(layer: nn.Module) -> None:
    x = torch.randn(2, 3, 8, 6)
    with torch.no_grad():
        assert torch.equal(layer(rolled(x, 3, 2)), rolled(layer(x), 3, 2))


def test_doubling_and_halving_undo_each_other() -> None:
    x = torch.randn(1, 2, 4, 4)
    assert torch.equal(halved(doubled(x)), x)


def test_a_shifted_lattice_is_painted_as_the_shifted_picture_to_the_last_bit() -> None:
    decoder = random_network().decoder
    lattice, grain = torch.randn(1, 6, 8, 8), torch.randn(1, 1, 64, 64)
    shifted = decoder(rolled(lattice, 3, 5), rolled(grain, 24, 40))
    assert torch.equal(shifted, rolled(decoder(lattice, grain), 24, 40))


def test_shifted_noise_is_drawn_as_the_shifted_lattice_to_the_last_bit() -> None:
    flow = random_network().flow
    noise, code = torch.randn(1, 6, 16, 16), torch.randn(1, 64, 16, 16)
    straight = rolled(drawn(flow, noise, code, n_steps=3), 8, 8)
    shifted = drawn(flow, rolled(noise, 8, 8), rolled(code, 8, 8), n_steps=3)
    assert torch.equal(shifted, straight)


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_large_convolution_looks_between_its_strips_and_makes_the_same(dtype: torch.dtype) -> None:
    generator = torch.Generator().manual_seed(3)
    layer = placed(WrappedConv2d(24, 24), torch.device("cpu")).to(dtype)
    x = torch.randn(1, 24, 1024, 768, generator=generator).to(dtype)
    n_steps = 0

    def look() -> bool:
        nonlocal n_steps
        n_steps += 1
        return False

    watch(look)
    try:
        with torch.inference_mode():
            # Not called: calls are steps too in a process that has made a worker's generators.
            made = layer.forward(x)
            n_small, n_steps = n_steps, 0
            layer.forward(x[:, :, :64])
    finally:
        watch(None)
    assert n_small >= 4
    assert n_steps == 1
    with torch.inference_mode():
        whole = functional.conv2d(wrapped(x), layer.weight, layer.bias)
    torch.testing.assert_close(made, whole)
    assert made.is_contiguous(memory_format=torch.channels_last)


def test_gradients_pass_a_large_convolution_whole() -> None:
    layer = WrappedConv2d(24, 24)
    x = torch.randn(1, 24, 600, 600, requires_grad=True)
    layer(x).sum().backward()
    assert x.grad is not None
    assert x.grad.shape == x.shape


@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
@pytest.mark.parametrize("n_tiles", [1, 2])
def test_bands_are_drawn_and_painted_as_the_whole(
    dtype: torch.dtype, n_tiles: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    network = random_network()
    placed(network.decoder, torch.device("cpu"))
    placed(network.flow, torch.device("cpu"))
    generator = torch.Generator().manual_seed(4)
    lattice, code = (torch.randn(n_tiles, n, 8, 8, generator=generator) for n in (6, 64))
    grain = torch.randn(n_tiles, 1, 64, 64, generator=generator)
    lattice = lattice.contiguous(memory_format=torch.channels_last)

    def made() -> tuple[Tensor, Tensor]:
        with torch.inference_mode(), products_in(dtype, torch.device("cpu")):
            return drawn(network.flow, lattice, code, n_steps=2), network.decoder(lattice, grain)

    whole = made()
    monkeypatch.setattr(torus, "_STRIP_PRODUCTS", 4_000_000)
    monkeypatch.setattr(torus.WrappedConv2d, "inside", _in_one_piece)
    banded = made()
    for a, b in zip(banded, whole, strict=True):
        torch.testing.assert_close(a, b)


def _in_one_piece(self: WrappedConv2d, x: Tensor) -> Tensor:
    result: Tensor = self._conv_forward(x, self.weight, self.bias)
    return result
