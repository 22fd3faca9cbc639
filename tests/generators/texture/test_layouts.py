"""Layouts of known pictures start tiles of any size."""

import numpy as np
import pytest
import torch
from scipy.ndimage import gaussian_filter

from vrbridge.generators.texture.layouts import EDGE, Layouts


@pytest.fixture(scope="module")
def layouts() -> Layouts:
    noise = gaussian_filter(
        np.random.default_rng(0).normal(size=(2, 6, EDGE, EDGE)), (0, 0, 2, 2), mode="wrap"
    )
    return Layouts.of(noise / noise.std((2, 3), keepdims=True), np.array([4, 9]))


@pytest.mark.parametrize("size", [8, 16, 32, 64, 128, 256])
@pytest.mark.parametrize("category", ["wood", "grass"])
def test_every_size_keeps_mean_and_spread(layouts: Layouts, size: int, category: str) -> None:
    structure = layouts.laid_out(1, category, 7, size)
    assert structure.shape == (1, 6, size, size)
    if size >= EDGE:
        assert structure.mean((2, 3)).abs().max() < 0.4
        assert structure.std((2, 3)).sub(1).abs().max() < 0.25


def test_a_small_tile_is_a_moved_layout(layouts: Layouts) -> None:
    own = torch.from_numpy(layouts.structures[0] / np.float32(31.75))
    found = layouts.laid_out(0, "grass", 3, EDGE)[0]
    shifts = [(y, x) for y in range(EDGE) for x in range(EDGE)]
    assert any(torch.equal(torch.roll(own, shift, (1, 2)), found) for shift in shifts)


def test_seeds_move_it(layouts: Layouts) -> None:
    a, b, again = (layouts.laid_out(0, "grass", seed, 64) for seed in (1, 2, 1))
    assert torch.equal(a, again)
    assert not torch.equal(a, b)


def test_parts_that_have_to_meet_repeat_and_others_do_not(layouts: Layouts) -> None:
    planks, grass = (layouts.laid_out(0, category, 5, 64)[0] for category in ("wood", "grass"))
    assert torch.equal(planks[:, :EDGE], planks[:, EDGE:])
    assert not torch.allclose(grass[:, :EDGE], grass[:, EDGE:], atol=0.5)


@pytest.mark.parametrize("category", ["wood", "grass"])
def test_opposite_edges_meet(layouts: Layouts, category: str) -> None:
    structure = layouts.laid_out(0, category, 5, 96)[0]
    inside = structure.diff(dim=2).abs().mean()
    across = (structure[:, :, 0] - structure[:, :, -1]).abs().mean()
    assert across < 1.5 * inside


def test_layouts_of_two_networks_are_put_together(layouts: Layouts) -> None:
    both = layouts.and_those_of(layouts, 20)
    assert len(both) == 4
    assert both.anchors.tolist() == [4, 9, 24, 29]
    assert len(Layouts.none()) == 0
