"""From a folder of pictures to a network that serves them."""

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from PIL import Image

from tests.fakes import FakeTextEncoder
from tests.training.random_backbone import random_backbone
from vrbridge.errors import DataError
from vrbridge.generators.texture import network_file
from vrbridge.generators.texture.neural import NeuralTextures
from vrbridge.training.dataset import TextureData
from vrbridge.training.run import TrainingOptions, device_of
from vrbridge.training.texture_training import train

NAMES = ("red brick", "green grass", "gray stone", "white snow", "brown mud")
STAGES = ["maps", "autoencoder", "painter", "flow"]


def pictures(folder: Path, names: tuple[str, ...] = NAMES) -> TextureData:
    """Return small tiles of noise, one a name."""
    folder.mkdir()
    random = np.random.default_rng(0)
    for name in names:
        tile = random.integers(60, 200, (64, 64, 3)).astype(np.uint8)
        Image.fromarray(tile).save(folder / f"{name.replace(' ', '_')}.png")
    return TextureData.open(folder, size_px=64, cache=folder.parent / "cache")


class Runs:
    """Trains in a folder, and notes which stages took steps."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.backbone = random_backbone(folder)
        self.seen: list[str] = []

    def train(self, data: TextureData, name: str = "tiny", **options: Any) -> bool:
        given = TrainingOptions(
            out=self.folder / f"{name}.safetensors", name=name, steps=1, device="cpu", **options
        )
        encoder = FakeTextEncoder()
        return train(data, given, backbone=self.backbone, encoder=encoder, on_step=self._note)

    def _note(self, stage: str, step: int, progress: float, losses: Mapping[str, float]) -> None:
        assert progress == 1
        assert all(np.isfinite(value) for value in losses.values())
        self.seen.append(stage)


@pytest.fixture
def runs(tmp_path: Path) -> Runs:
    return Runs(tmp_path)


def test_every_stage_learns_and_the_network_serves_the_captions(runs: Runs, tmp_path: Path) -> None:
    assert runs.train(pictures(tmp_path / "art"))
    assert runs.seen == STAGES
    textures = NeuralTextures(tmp_path / "tiny.safetensors", FakeTextEncoder())
    assert textures.model == "tiny"
    plan = textures.plan("gray stone", seed=1)
    assert plan.nearest == "gray stone"
    assert textures.render(plan, 64).base_color.shape == (64, 64, 3)


def test_a_run_in_slices_ends_with_the_same_network(runs: Runs, tmp_path: Path) -> None:
    data = pictures(tmp_path / "art")
    n_slices = 1
    while not runs.train(data, "sliced", slice_s=0.0):
        n_slices += 1
        assert n_slices < 10
    assert n_slices > 1
    runs.train(data, "whole")
    sliced, whole = (network_file.read(tmp_path / f"{name}.safetensors") for name in ("sliced", "whole"))
    for name, value in whole.flow.state_dict().items():
        assert torch.equal(sliced.flow.state_dict()[name], value)


def test_fine_tuning_starts_from_a_network_and_keeps_its_lattices(runs: Runs, tmp_path: Path) -> None:
    runs.train(pictures(tmp_path / "art"))
    runs.seen.clear()
    own = pictures(tmp_path / "own", ("purple slime", "golden straw", "blue ice", "black coal"))
    assert runs.train(own, "own", init=tmp_path / "tiny.safetensors")
    assert runs.seen == ["painter", "flow"]
    before, after = (network_file.read(tmp_path / f"{name}.safetensors") for name in ("tiny", "own"))
    assert (before.anchors.tone_mean == after.anchors.tone_mean).all()
    for name, value in before.encoder.state_dict().items():
        assert torch.equal(after.encoder.state_dict()[name], value)
    assert set(after.anchors.captions) == {*NAMES, "purple slime", "golden straw", "blue ice", "black coal"}
    own_ones = NeuralTextures(tmp_path / "own.safetensors", FakeTextEncoder())
    assert own_ones.plan("straw", seed=1).nearest == "golden straw"


def test_single_stages_write_no_network_until_the_last(runs: Runs, tmp_path: Path) -> None:
    assert not runs.train(pictures(tmp_path / "art"), stages=("maps", "autoencoder"))
    assert runs.seen == ["maps", "autoencoder"]
    assert not (tmp_path / "tiny.safetensors").exists()


def test_a_stage_before_those_it_needs_says_which(runs: Runs, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'autoencoder' comes first"):
        runs.train(pictures(tmp_path / "art"), stages=("flow",))


def test_an_unknown_stage_says_which_there_are(runs: Runs, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="known: maps, autoencoder, painter, flow"):
        runs.train(pictures(tmp_path / "art"), stages=("colour",))


def test_too_few_pictures_say_how_many_are_needed(runs: Runs, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="2 pictures can be learned from; at least 4"):
        runs.train(pictures(tmp_path / "art", NAMES[:2]))


@pytest.mark.parametrize(("wanted", "match"), [("cuda", "no CUDA device"), ("tpu", "auto, cpu or cuda")])
def test_a_device_that_is_not_there_is_refused(wanted: str, match: str) -> None:
    if wanted == "cuda" and torch.cuda.is_available():
        pytest.skip("this machine has one")
    with pytest.raises(DataError, match=match):
        device_of(wanted)
