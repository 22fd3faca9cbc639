"""A tile is the same whether it is drawn alone or with others."""

from collections.abc import Callable, Iterator
from itertools import count

import numpy as np
import pytest
import torch

from tests.generators.texture.random_network import random_network
from vrbridge.generators.texture.network_file import TextureNetwork
from vrbridge.generators.texture.sampler import TextureSampler
from vrbridge.generators.texture.tile import Tile, draw, draw_together, paint, usual_pass

CPU = torch.device("cpu")
SIZE = 8


@pytest.fixture(scope="module", autouse=True)
def _one_thread() -> Iterator[None]:
    # Threads of one pass wait for each other in loops: beside other processes they take many times as long.
    n_threads = torch.get_num_threads()
    torch.set_num_threads(1)
    yield
    torch.set_num_threads(n_threads)


@pytest.fixture(scope="module")
def network() -> TextureNetwork:
    return random_network()


def sampler(network: TextureNetwork, clock: Callable[[], float] = lambda: 0.0) -> TextureSampler:
    """Return one to which, without a clock, everything seems to take no time: all that is equal pays."""
    return TextureSampler(network, CPU, clock=clock)


def tile(
    sampler: TextureSampler, seed: int, *, size: int = SIZE, has_layout: bool = True, is_mixed: bool = False
) -> Tile:
    random = torch.Generator().manual_seed(seed)
    places = (size, size) if is_mixed else (1, 1)
    code = torch.randn((1, 64, *places), generator=random)
    layout = torch.randn((1, 6, size, size), generator=random) if has_layout else None
    return Tile(sampler, seed=seed, code=code, layout=layout, size=size)


def tiles(sampler: TextureSampler) -> list[Tile]:
    """Return tiles of several shapes, two of each, mixed up."""
    seeds = count(1)
    return [
        tile(sampler, next(seeds), size=size, has_layout=has_layout, is_mixed=is_mixed)
        for _ in range(2)
        for size, has_layout, is_mixed in (
            (8, True, False),
            (8, False, False),
            (8, True, True),
        )
    ]


def test_tiles_that_were_drawn_together_have_the_bytes_of_those_drawn_alone(network: TextureNetwork) -> None:
    alone = [one.surface() for one in tiles(sampler(network))]
    shared = sampler(network)
    # Twice for the proof, the third time for what comes of it.
    for _ in range(3):
        together = tiles(shared)
        draw_together(together)
        for one, reference in zip(together, alone, strict=True):
            surface = one.surface()
            for part in ("height", "color", "roughness", "metallic"):
                assert getattr(surface, part).tobytes() == getattr(reference, part).tobytes()


def test_what_is_used_together_was_proven_on_this_machine(network: TextureNetwork) -> None:
    shared = sampler(network)
    for _ in range(3):
        group = [tile(shared, seed) for seed in range(4)]
        draw_together(group)
    singles = [draw([tile(shared, seed)])[0] for seed in range(4)]
    both = draw([tile(shared, seed) for seed in range(4)])
    is_equal = all(
        torch.equal(a, b)
        for one, other in zip(singles, both, strict=True)
        for a, b in zip(one, other, strict=True)
    )
    assert all(one.is_drawn == is_equal for one in group)


def test_a_tile_alone_is_drawn_when_it_is_needed(network: TextureNetwork) -> None:
    one = tile(sampler(network), 1)
    draw_together([one])
    states = [one.is_drawn]
    assert one.lattice.shape == (1, 6, SIZE, SIZE)
    assert [*states, one.is_drawn] == [False, True]
    draw_together([])


def test_an_outline_is_the_same_before_and_after_the_drawing(network: TextureNetwork) -> None:
    one = tile(sampler(network), 1)
    before = one.outline()
    assert not one.is_drawn
    assert one.lattice is not None
    assert torch.equal(one.outline(), before)


def test_only_large_tiles_with_a_layout_have_an_outline_before_they_are_drawn(
    network: TextureNetwork,
) -> None:
    one = sampler(network)
    assert tile(one, 1).is_outlined(16)
    assert not tile(one, 1).is_outlined(32)
    assert not tile(one, 1, has_layout=False).is_outlined(16)


def test_each_surface_may_be_painted_over(network: TextureNetwork) -> None:
    one = tile(sampler(network), 1)
    first = one.surface()
    kept = first.color.copy()
    first.color[:] = 0
    first.height[:] = 0
    assert np.array_equal(one.surface().color, kept)
    one.forget_painting()
    assert np.array_equal(one.surface().color, kept)


def test_painting_several_at_once_gives_one_surface_each(network: TextureNetwork) -> None:
    group = [tile(sampler(network), seed) for seed in (1, 2)]
    painted = paint(group)
    assert [tuple(part.shape) for (part,) in painted] == [(6, 8 * SIZE, 8 * SIZE)] * 2
    # Not to the byte: that holds where it was proven only.
    for one, (part,) in zip(group, painted, strict=True):
        torch.testing.assert_close(part, paint([one])[0][0], rtol=0.1, atol=0.1)


def test_the_usual_pass_is_that_of_one_material_with_a_layout(network: TextureNetwork) -> None:
    one = sampler(network)
    assert tile(one, 1).shape == usual_pass(SIZE)
    others = [tile(one, 1, size=16), tile(one, 1, has_layout=False), tile(one, 1, is_mixed=True)]
    assert usual_pass(SIZE) not in {other.shape for other in others}


def test_a_device_that_is_slow_at_many_draws_each_alone(network: TextureNetwork) -> None:
    # A second between any two looks at the clock: nothing is quick enough to be tried.
    ticks = count()
    slow = sampler(network, lambda: float(next(ticks)))
    for _ in range(3):
        group = [tile(slow, seed) for seed in range(4)]
        draw_together(group)
        assert [one.is_drawn for one in group] == [True, False, False, False]


def test_bfloat16_on_a_cpu_gives_a_batch_the_bytes_of_single_tiles(network: TextureNetwork) -> None:
    if not torch.ops.mkldnn._is_mkldnn_bf16_supported():
        pytest.skip("this processor does not multiply in bfloat16")
    shared = TextureSampler(network, CPU, torch.bfloat16, clock=lambda: 0.0)
    for _ in range(2):
        draw_together([tile(shared, seed) for seed in range(8)])
    assert shared.check.largest(usual_pass(SIZE)) == 8
