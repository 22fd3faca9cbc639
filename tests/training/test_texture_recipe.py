"""What is learned from, and what of it may be handed on."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.training.evaluation.samples import data
from tests.training.random_backbone import random_backbone
from vrbridge.errors import DataError
from vrbridge.generators.texture.autoencoder import LATENT_CHANNELS
from vrbridge.generators.texture.layouts import EDGE
from vrbridge.training.dataset import TextureData
from vrbridge.training.features import Backbone
from vrbridge.training.texture_recipe import TextureRecipe


def noise(n: int) -> TextureData:
    """Return n tiles that have nothing in common, the last of them held out."""
    pictures = data(n_variants=1)
    colors = np.random.default_rng(0).integers(0, 255, (n, 64, 64, 3), np.uint8)
    return replace(
        pictures,
        color=colors,
        captions=[f"noise {i}" for i in range(n)],
        categories=["noise"] * n,
        licenses=["CC0-1.0"] * n,
        files=[f"{i}.png" for i in range(n)],
        is_free=np.ones(n, bool),
        is_tileable=np.ones(n, bool),
        is_held_out=np.arange(n) == n - 1,
    )


def recipe(pictures: TextureData, folder: Path) -> TextureRecipe:
    backbone = Backbone(random_backbone(folder))
    return TextureRecipe(pictures, backbone=backbone, folder=folder, device=torch.device("cpu"))


def test_held_out_pictures_and_their_copies_are_not_learned_from(tmp_path: Path) -> None:
    pictures = noise(8)
    assert recipe(pictures, tmp_path).n_tiles == 7
    darker = np.roll(pictures.color[-1] // 2, (6, 10), (0, 1))
    pictures.color[2] = darker
    assert recipe(pictures, tmp_path).n_tiles == 6


def test_too_few_pictures_are_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="at least 4"):
        recipe(noise(4), tmp_path)


def test_layouts_are_kept_of_free_pictures_alone(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    pictures = replace(noise(8), is_free=np.arange(8) % 3 == 0)
    made = recipe(pictures, tmp_path)
    structures = np.random.default_rng(1).normal(size=(7, 2, LATENT_CHANNELS, EDGE, EDGE)).astype(np.float16)
    monkeypatch.setattr(made, "_structures", lambda: (structures, None))
    assert made._layouts().anchors.tolist() == [0, 3, 6]
