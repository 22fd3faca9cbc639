import numpy as np
import pytest

from vrbridge.generators.mesh.surfaces import COLORS, SUBSTANCE_OF, SUBSTANCES, linear, surface_of


def test_every_word_names_a_known_substance() -> None:
    assert set(SUBSTANCE_OF.values()) <= set(SUBSTANCES)


def test_srgb_becomes_linear() -> None:
    assert linear(0xFF0080) == pytest.approx([1.0, 0.0, 0.21586], abs=1e-4)


@pytest.mark.parametrize("name", SUBSTANCES)
def test_factors_are_in_range_and_a_texture_can_be_asked_for(name: str) -> None:
    surface = surface_of(name, "body", np.random.default_rng(1))
    assert all(0 <= factor <= 1 for factor in (*surface.base_color, surface.metallic, surface.roughness))
    assert surface.prompt


def test_a_colour_replaces_the_one_in_the_words_for_a_texture() -> None:
    surface = surface_of("leaves", "leaves", np.random.default_rng(1), "red")
    assert surface.prompt == "red dense leaves"
    assert surface.base_color[0] > 3 * surface.base_color[1]


def test_colours_vary_only_slightly() -> None:
    plain = linear(COLORS["blue"])
    for seed in range(20):
        varied = surface_of("wood", "body", np.random.default_rng(seed), "blue").base_color[:3]
        assert np.abs(np.array(varied) / plain - 1).max() < 0.07
