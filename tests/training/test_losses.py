"""Losses see what they are for."""

import torch

from vrbridge.training.losses import grid_distance, spectrum_distance


def noise(seed: int) -> torch.Tensor:
    return torch.randn((2, 3, 128, 128), generator=torch.Generator().manual_seed(seed))


def test_a_repeated_pattern_of_lattice_points_is_seen_and_plain_grain_is_not() -> None:
    real, dots = noise(1), torch.randn((1, 3, 8, 8), generator=torch.Generator().manual_seed(9))
    grain = float(grid_distance(noise(2), real))
    faint = float(grid_distance(noise(2) + 0.2 * dots.repeat(1, 1, 16, 16), real))
    strong = float(grid_distance(noise(2) + dots.repeat(1, 1, 16, 16), real))
    assert grain < 0.02
    assert 4 * grain < faint < strong


def test_a_pattern_of_another_width_is_no_grid() -> None:
    real, stripes = noise(1), torch.randn((1, 3, 1, 7), generator=torch.Generator().manual_seed(9))
    other = noise(2) + stripes.repeat(1, 1, 128, 19)[..., :128]
    assert float(grid_distance(other, real)) < 0.15


def test_a_grid_that_the_real_picture_has_costs_nothing() -> None:
    dots = torch.randn((1, 3, 8, 8), generator=torch.Generator().manual_seed(9)).repeat(1, 1, 16, 16)
    real = noise(1) + dots
    assert float(grid_distance(real, real)) == 0


def test_dots_and_missing_grain_stand_out_in_the_spectrum() -> None:
    real = 0.2 * noise(1)
    dots = torch.ones((1, 1, 128, 128))
    dots[..., ::2, 1::2] = dots[..., 1::2, ::2] = -1
    alike = float(spectrum_distance(0.2 * noise(2), real))
    assert float(spectrum_distance(real, real)) == 0
    assert 2 * alike < float(spectrum_distance(0.2 * noise(2) + 0.1 * dots, real))
    assert 4 * alike < float(spectrum_distance(0.05 * noise(2), real))


def test_the_spectrum_does_not_care_where_things_lie() -> None:
    real = 0.2 * noise(1)
    assert float(spectrum_distance(real.roll((8, 36), (2, 3)), real)) < 0.05
