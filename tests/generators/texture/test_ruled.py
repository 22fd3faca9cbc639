"""Rules draw what has to be straight, unless a user's own pictures show it."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.fakes import FakeTextEncoder
from tests.generators.texture.random_network import random_network
from vrbridge.generators.texture import network_file
from vrbridge.generators.texture.library import TextureLibrary
from vrbridge.generators.texture.parametric import ParametricTextures
from vrbridge.generators.texture.ruled import BY_RULES
from vrbridge.generators.texture.words import FAMILY_ANCHORS


def library(folder: Path, own: tuple[str, ...] = ()) -> TextureLibrary:
    """Return a library of one network, to which the pictures of some categories are a user's own."""
    network = random_network()
    bonus = np.array([0.15 if c in own else 0 for c in network.anchors.categories], np.float32)
    file = folder / "net.safetensors"
    network_file.write(replace(network, anchors=replace(network.anchors, bonus=bonus)), file)
    return TextureLibrary({"net": file, "other": file}, FakeTextEncoder(), default="net")


def test_the_families_are_those_of_the_rules() -> None:
    assert set(FAMILY_ANCHORS) >= BY_RULES


def test_bricks_are_drawn_by_rules_and_grass_by_the_network(tmp_path: Path) -> None:
    textures = library(tmp_path).generator("net")
    bricks = textures.drawing("red brick wall", seed=4, size_px=64)
    grass = textures.drawing("green grass", seed=4, size_px=64)
    assert (bricks.origin, bricks.model) == ("procedural", ParametricTextures.model)
    assert (grass.origin, grass.model) == ("generated", "random-1")
    assert (textures.origin, textures.model) == ("generated", "random-1")
    own = ParametricTextures(FakeTextEncoder())
    assert np.array_equal(
        bricks.maps().base_color, own.render(own.plan("red brick wall", seed=4), 64).base_color
    )


def test_a_users_own_bricks_are_drawn_by_the_network(tmp_path: Path) -> None:
    textures = library(tmp_path, own=("brick",)).generator("net")
    assert textures.drawing("red brick wall", seed=4, size_px=64).origin == "generated"
    assert textures.drawing("castle wall masonry", seed=4, size_px=64).origin == "procedural"


def test_a_network_that_is_chosen_for_its_manner_draws_everything(tmp_path: Path) -> None:
    assert (
        library(tmp_path).generator("other").drawing("red brick wall", seed=4, size_px=64).origin
        == "generated"
    )


@pytest.mark.parametrize("prompt", ["red brick wall", "green grass"])
def test_maps_and_preview_are_of_the_size_asked_for(tmp_path: Path, prompt: str) -> None:
    drawing = library(tmp_path).generator("net").drawing(prompt, seed=4, size_px=128)
    assert drawing.preview(64).shape == (64, 64, 3)
    assert drawing.maps().base_color.shape == (128, 128, 3)
