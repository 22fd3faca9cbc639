"""Tone and structure are a lattice, taken apart."""

import pytest
import torch

from vrbridge.generators.texture.tones import (
    mean_colors,
    standardised,
    structure_of,
    toned,
    tones_of,
    with_mean_colors,
)


def test_structure_and_tone_make_the_lattice_again() -> None:
    random = torch.Generator().manual_seed(0)
    spread = torch.rand((1, 6, 1, 1), generator=random) + 0.1
    lattice = torch.randn((2, 6, 8, 8), generator=random) * spread + torch.randn(
        (1, 6, 1, 1), generator=random
    )
    tone = tones_of(lattice)[:, :, None, None]
    structure = structure_of(lattice, tone)
    assert structure.mean((2, 3)) == pytest.approx(torch.zeros(2, 6), abs=1e-5)
    assert structure.std((2, 3), correction=0) == pytest.approx(torch.ones(2, 6), abs=1e-4)
    assert torch.allclose(toned(structure, tone), lattice, atol=1e-5)


def test_a_flat_lattice_has_a_structure_of_zeros() -> None:
    lattice = torch.full((1, 6, 4, 4), 0.3)
    structure = structure_of(lattice, tones_of(lattice)[:, :, None, None])
    assert structure.abs().max() < 1e-3


def test_a_tone_says_the_mean_colour_and_takes_another() -> None:
    lattice = torch.zeros(1, 6, 4, 4)
    lattice[:, :3] = torch.tensor([0.2, -0.4, 0.6])[None, :, None, None]
    tone = tones_of(lattice)
    assert torch.allclose(mean_colors(tone), torch.tensor([[0.6, 0.3, 0.8]]), atol=1e-5)
    blue = torch.tensor([[0.1, 0.2, 0.9]])
    changed = with_mean_colors(tone, blue)
    assert torch.allclose(mean_colors(changed), blue, atol=1e-5)
    assert torch.equal(changed[:, 3:], tone[:, 3:])


def test_a_shifted_lattice_has_the_shifted_structure_to_the_last_bit() -> None:
    lattice, tone = torch.randn(1, 6, 8, 8), torch.randn(1, 12, 1, 1)
    shifted = structure_of(torch.roll(lattice, (3, 5), (2, 3)), tone)
    assert torch.equal(shifted, torch.roll(structure_of(lattice, tone), (3, 5), (2, 3)))
    again = toned(shifted, tone)
    assert torch.equal(again, torch.roll(toned(structure_of(lattice, tone), tone), (3, 5), (2, 3)))


def test_a_faint_structure_gets_mean_0_and_spread_1_and_shifts_exactly() -> None:
    faint = torch.randn((2, 6, 16, 16), generator=torch.Generator().manual_seed(5)) * 0.7 + 0.2
    found = standardised(faint)
    assert found.mean((2, 3)).abs().max() < 1e-5
    assert found.std((2, 3), correction=0).sub(1).abs().max() < 1e-3
    assert torch.equal(standardised(faint.roll((3, 5), (2, 3))), found.roll((3, 5), (2, 3)))
    assert torch.isfinite(standardised(torch.zeros(1, 6, 8, 8))).all()
