"""The network that ships is the one of the catalogue, and does what its card says."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch

from vrbridge.generators.text_encoder import TextEncoder
from vrbridge.generators.texture import network_file
from vrbridge.generators.texture.network_file import TextureNetwork
from vrbridge.generators.texture.neural import NeuralTextures
from vrbridge.generators.texture.sampler import TextureSampler
from vrbridge.memory.catalogue import Catalogue
from vrbridge.training.evaluation.roll import roll_error
from vrbridge.training.evaluation.seams import seams

NAME = "textures-1"

pytestmark = pytest.mark.models


@pytest.fixture(scope="module")
def file(catalogue: Catalogue) -> Path:
    path = catalogue.path(NAME)
    assert path is not None
    return path


@pytest.fixture(scope="module")
def network(file: Path) -> TextureNetwork:
    return network_file.read(file)


@pytest.fixture(scope="module")
def textures(file: Path, text_encoder: TextEncoder) -> NeuralTextures:
    return NeuralTextures(file, text_encoder)


def test_its_file_is_the_catalogues_and_small(catalogue: Catalogue, file: Path) -> None:
    assert catalogue.verify(NAME)
    assert catalogue.entry(NAME).is_bundled
    assert file.stat().st_size <= 25_000_000


def test_its_card_tells_of_data_licences_and_limits(file: Path) -> None:
    card = (file.parent / "README.md").read_text("utf-8")
    for word in ("licence", "held-out", "KID", "Debian", "## Limits"):
        assert word in card


def test_a_shifted_lattice_gives_the_shifted_picture_to_the_last_bit(network: TextureNetwork) -> None:
    assert roll_error(network) == 0.0


def test_layouts_are_of_pictures_that_may_be_handed_on(network: TextureNetwork) -> None:
    layouts = network.layouts
    assert 0 < len(layouts) < len(network.anchors.captions)
    assert layouts.anchors.max() < len(network.anchors.captions)


PROMPTS = (
    "green meadow grass",
    "brown forest soil",
    "gray granite rock",
    "fresh snow",
    "rusty iron",
    "yellow sand",
)


def test_tiles_have_no_seams(textures: NeuralTextures) -> None:
    tiles = [textures.render(textures.plan(p, seed=3), 128) for p in PROMPTS]
    for role in ("base_color", "normal", "orm", "height"):
        assert seams(getattr(tile, role) for tile in tiles).ratio <= 1.1, role


@pytest.mark.parametrize(
    ("prompt", "category"),
    [
        ("lush green grass", "grass"),
        ("sandy desert dunes", "sand"),
        ("snow", "snow"),
        ("old oak planks", "wood"),
        ("rough rocky cliff", "rock"),
        ("molten lava", "lava"),
    ],
)
def test_words_find_their_material(textures: NeuralTextures, prompt: str, category: str) -> None:
    plan = textures.plan(prompt, seed=256)
    assert plan.family == category
    assert plan.confidence > 0.5


def test_nonsense_is_a_material_that_is_not_sure(textures: NeuralTextures) -> None:
    plan = textures.plan("qwrtzp glorp zzz", seed=1)
    assert plan.confidence < 0.3
    colors = textures.render(plan, 64).base_color.astype(np.float32)
    assert np.abs(np.diff(colors, axis=1)).mean() < np.abs(colors - colors[::-1, ::-1]).mean() + 12


def test_colours_are_those_of_the_words(textures: NeuralTextures) -> None:
    def mean(prompt: str) -> Any:
        colors = textures.render(textures.plan(prompt, seed=512), 64).base_color
        return colors.reshape(-1, 3).mean(0)

    red, green, blue = mean("green carpet")
    assert green > max(red, blue)
    red, green, blue = mean("reddish dirt")
    assert red > green > blue
    assert mean("dark gray rock").mean() + 30 < mean("light gray rock").mean()
    red, green, blue = mean("blue painted plaster")
    assert blue > red


def test_seeds_vary_layout_alone_and_material_alone(textures: NeuralTextures) -> None:
    first, moved, other = (textures.plan("gravel", seed=seed) for seed in (512, 513, 768))
    assert first.codes == moved.codes
    assert first.codes != other.codes
    pictures = [textures.render(plan, 64).base_color for plan in (first, moved, other)]
    assert (pictures[0] != pictures[1]).any()


@pytest.mark.parametrize(
    "prompt", [*PROMPTS, "red brick wall", "cracked dry mud", "grass with patches of snow"]
)
def test_a_preview_shows_what_is_going_to_come(textures: NeuralTextures, prompt: str) -> None:
    plan = textures.plan(prompt, seed=1031)
    before = textures.preview(plan, 512, 128).astype(np.float32)
    picture = textures.render(plan, 512).base_color.astype(np.float32)
    small = picture.reshape(128, 4, 128, 4, 3).mean((1, 3))
    assert np.abs(before.mean((0, 1)) - small.mean((0, 1))).max() < 20
    coarse, coarse_before = (x.reshape(64, 2, 64, 2, 3).mean((1, 3, 4)).ravel() for x in (small, before))
    assert np.corrcoef(coarse, coarse_before)[0, 1] > 0.6


def test_it_runs_in_full_precision_too(network: TextureNetwork) -> None:
    sampler = TextureSampler(network, torch.device("cpu"), torch.float32)
    code = torch.from_numpy(network.anchors.codes[:1])[:, :, None, None]
    lattice = sampler.draw(sampler.noise(1, 8), code, 3)
    assert np.isfinite(sampler.surface(lattice, sampler.forms(lattice), 1).color).all()
