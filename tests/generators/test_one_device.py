"""Networks keep all their tensors on the device that they are given, and draw seeds on the CPU.

The device here is torch's `meta`, which every machine has; it has shapes and no numbers.
"""

from collections.abc import Mapping
from typing import Any

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils._pytree import tree_leaves

from tests.generators.mesh import random_shapes
from tests.generators.texture import random_network
from vrbridge.generators.mesh.shape_sampler import ShapeSampler
from vrbridge.generators.texture.sampler import TextureSampler
from vrbridge.generators.texture.torus import placed

CARD = torch.device("meta")
_COPIES = (torch.ops.aten.copy_, torch.ops.aten._to_copy)


class OneDevice(TorchDispatchMode):  # type: ignore[no-untyped-call]  # torch leaves it untyped
    """Refuses operations on tensors of several devices, and counts those of the card."""

    def __init__(self) -> None:
        super().__init__()  # type: ignore[no-untyped-call]  # torch leaves it untyped
        self.n_on_card = 0

    def __torch_dispatch__(
        self, func: Any, types: Any, args: tuple[Any, ...] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        given = kwargs or {}
        # Single numbers may come from the CPU.
        tensors = [leaf for leaf in tree_leaves((args, given)) if isinstance(leaf, Tensor) and leaf.dim()]
        kinds = {tensor.device.type for tensor in tensors}
        assert len(kinds) < 2 or func.overloadpacket in _COPIES, f"{func} on {kinds}"
        self.n_on_card += kinds == {CARD.type}
        return func(*args, **given)


@pytest.mark.parametrize("edge", [1, 16])
def test_a_texture_is_drawn_and_painted_on_its_device(edge: int) -> None:
    sampler = TextureSampler(random_network.random_network(), CARD, torch.float32)
    noise, grain = sampler.noise(1, 16), sampler.grain(1, 16)
    assert noise.device.type == grain.device.type == "cpu"
    with OneDevice() as watched:
        lattice = sampler.draw(noise, torch.zeros(1, 64, edge, edge), 2)
        painted = sampler.paint(lattice, sampler.forms(lattice), grain)
    assert lattice.device == painted.device == CARD
    assert painted.shape == (1, 6, 128, 128)
    assert watched.n_on_card > 100


def test_a_texture_that_starts_from_a_layout_is_drawn_on_its_device() -> None:
    sampler = TextureSampler(random_network.random_network(), CARD, torch.float32)
    layout = torch.zeros(1, 6, 16, 16)
    with OneDevice() as watched:
        drawn = sampler.draw(sampler.noise(1, 16), torch.zeros(1, 64, 1, 1), 1, layout=layout, share=0.6)
        outline = sampler.colored(layout, torch.zeros(1, 64, 1, 1))
    assert drawn.device == outline.device == CARD
    assert watched.n_on_card > 50


def test_pictures_are_read_on_the_device() -> None:
    network = placed(random_network.random_network().maps, CARD)
    with OneDevice() as watched, torch.inference_mode():
        maps: Tensor = network(torch.zeros(1, 3, 64, 64, device=CARD))
    assert maps.device == CARD
    assert maps.shape == (1, 3, 64, 64)
    assert watched.n_on_card > 30


def test_a_shape_is_drawn_and_built_on_its_device() -> None:
    network = random_shapes.random_network()
    sampler = ShapeSampler(network, CARD, torch.float32)
    code, sentence, rest = (np.zeros(size, np.float32) for size in (512, 384, 4096))
    with OneDevice() as watched, torch.inference_mode():
        lattice = sampler.lattice(code, sentence, 1, n_steps=2, share=0.5, rest=rest)
        logits, color = network.decoder(lattice)
    assert lattice.device == logits.device == color.device == CARD
    assert logits.shape == (1, 1, 64, 64, 64)
    assert watched.n_on_card > 50


def test_an_operation_across_devices_is_noticed() -> None:
    with OneDevice(), pytest.raises(AssertionError, match="on"):
        torch.zeros(2, device=CARD).add_(torch.zeros(2))


needs_card = pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a CUDA device")


@pytest.mark.gpu
@needs_card
def test_a_card_paints_what_the_cpu_paints() -> None:
    surfaces = []
    for name in ("cpu", "cuda"):
        sampler = TextureSampler(random_network.random_network(), torch.device(name), torch.float32)
        lattice = sampler.draw(sampler.noise(7, 16), torch.zeros(1, 64, 1, 1), 2)
        surfaces.append(sampler.surface(lattice, sampler.forms(lattice), seed=7))
    here, there = surfaces
    # Convolutions of a card round more coarsely.
    assert np.abs(here.color - there.color).mean() < 0.02
    assert np.abs(here.height - there.height).mean() < 0.02 * np.abs(here.height).max()
