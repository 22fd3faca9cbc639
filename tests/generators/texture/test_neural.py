"""The neural generator keeps its promises whatever its weights are."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.fakes import FakeTextEncoder
from tests.generators.texture.random_network import random_weights
from vrbridge.errors import ModelError
from vrbridge.generators.texture.neural import NeuralTextures


@pytest.fixture(scope="module")
def textures(tmp_path_factory: pytest.TempPathFactory) -> NeuralTextures:
    return NeuralTextures(random_weights(tmp_path_factory.mktemp("weights")), FakeTextEncoder())


@pytest.mark.parametrize("size_px", [64, 128, 192, 256])
def test_maps_have_the_size_asked_for(textures: NeuralTextures, size_px: int) -> None:
    maps = textures.render(textures.plan("green grass", seed=1), size_px)
    assert maps.base_color.shape == maps.normal.shape == maps.orm.shape == (size_px, size_px, 3)
    assert maps.height.shape == (size_px, size_px)


@pytest.mark.parametrize("size_px", [0, 63, 100, 4096])
def test_other_sizes_are_refused(textures: NeuralTextures, size_px: int) -> None:
    with pytest.raises(ValueError, match="multiple of 64"):
        textures.render(textures.plan("grass", seed=1), size_px)


def test_the_same_seed_gives_the_same_bytes(textures: NeuralTextures) -> None:
    first, second = (textures.render(textures.plan("red brick", seed=7), 64) for _ in range(2))
    assert first.base_color.tobytes() == second.base_color.tobytes()
    assert first.normal.tobytes() == second.normal.tobytes()


def test_low_bits_of_a_seed_lay_the_tile_out_and_the_others_vary_the_material(
    textures: NeuralTextures,
) -> None:
    a, b, c = (textures.plan("brick wall", seed=seed) for seed in (256, 257, 512))
    assert a.codes == b.codes
    assert a.codes != c.codes
    assert (textures.render(a, 64).base_color != textures.render(b, 64).base_color).any()


def test_a_tile_starts_from_its_layout(textures: NeuralTextures) -> None:
    plan = textures.plan("white snow", seed=3)
    assert plan.layouts == ((1, "snow"),)
    pictures = [textures.render(p, 64).base_color for p in (plan, replace(plan, layouts=(None,)))]
    assert (pictures[0] != pictures[1]).any()


def test_a_mixture_has_two_codes(textures: NeuralTextures) -> None:
    plan = textures.plan("green grass and white snow", seed=3)
    assert len(plan.codes) == 2
    assert textures.render(plan, 128).base_color.std() > 0


def test_a_state_that_no_known_picture_shows_is_laid_over(textures: NeuralTextures) -> None:
    assert textures.plan("frozen red brick wall", seed=1).states == ("frozen",)
    assert textures.plan("mossy gray stone wall", seed=1).states == ()


@pytest.mark.parametrize(
    "prompt", ["🔥🔥🔥", "x", "?" * 300, "the of and", "with with with", "red blue green dark pale"]
)
def test_any_text_gets_a_material(textures: NeuralTextures, prompt: str) -> None:
    plan = textures.plan(prompt, seed=5)
    assert 0 <= plan.confidence <= 1
    assert np.isfinite(plan.codes).all()


def test_a_colour_given_in_numbers_wins_over_words(textures: NeuralTextures) -> None:
    mean = textures.render(textures.plan("red brick wall", seed=1, color=(0, 0, 0.6)), 128).base_color.mean(
        (0, 1)
    )
    assert mean[2] > mean[0]
    assert mean[2] > mean[1]


def test_a_preview_is_a_small_picture_of_the_same_size_as_asked(textures: NeuralTextures) -> None:
    plan = textures.plan("frozen red brick wall", seed=1)
    for size_px, preview_px in ((512, 128), (256, 128), (64, 64)):
        assert textures.preview(plan, size_px, preview_px).shape == (preview_px, preview_px, 3)


def test_what_is_drawn_after_a_preview_is_what_is_drawn_without_one(textures: NeuralTextures) -> None:
    plan = textures.plan("green grass", seed=9)
    textures.preview(plan, 128, 64)
    after = textures.render(plan, 128)
    textures.preview(textures.plan("white snow", seed=2), 64, 64)
    assert textures.render(plan, 128).base_color.tobytes() == after.base_color.tobytes()


def test_a_missing_network_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError):
        NeuralTextures(tmp_path / "none.safetensors", FakeTextEncoder())
