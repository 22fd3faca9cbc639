"""Each stage learns what it is for, on pictures small enough to do so in seconds."""

from collections.abc import Mapping
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
import torch

from tests.training.random_backbone import random_backbone
from vrbridge.errors import ModelError
from vrbridge.generators.texture.autoencoder import Decoder, Encoder
from vrbridge.generators.texture.map_network import MapNetwork
from vrbridge.training.autoencoder_stage import AutoencoderStage
from vrbridge.training.batches import TileBatches
from vrbridge.training.features import Backbone
from vrbridge.training.flow_stage import FlowStage, Painter, encoded
from vrbridge.training.maps_stage import MapsStage, MapTargets, normals_of, slopes_of, slopes_of_normals
from vrbridge.training.painter_stage import PainterStage
from vrbridge.training.stage import Stage

CPU = torch.device("cpu")
SIZE = 64


@pytest.fixture(scope="module")
def tiles() -> npt.NDArray[np.uint8]:
    """(8, 64, 64, 3): stripes of different widths and colours."""
    random = np.random.default_rng(0)
    wave = np.sin(np.arange(SIZE)[None, :] * 2 * np.pi * np.array([1, 2, 4, 8] * 2)[:, None] / SIZE)
    base, swing = random.uniform(80, 170, (8, 1, 1, 3)), random.uniform(-70, 70, (8, 1, 1, 3))
    return np.broadcast_to(base + swing * wave[:, None, :, None], (8, SIZE, SIZE, 3)).astype(np.uint8)


@pytest.fixture(scope="module")
def backbone(tmp_path_factory: pytest.TempPathFactory) -> Backbone:
    return Backbone(random_backbone(tmp_path_factory.mktemp("backbone")))


def batches(tiles: npt.NDArray[np.uint8], batch: int = 4) -> TileBatches:
    return TileBatches(tiles, ["stripes"] * len(tiles), batch=batch, seed=1)


def learned(stage: Stage, n_steps: int) -> tuple[Mapping[str, float], Mapping[str, float]]:
    losses = [stage.step(number, 0.5) for number in range(n_steps)]
    picture = stage.sample()
    assert picture.dtype == np.uint8
    assert picture.shape[2] == 3
    return losses[0], losses[-1]


def test_the_autoencoder_comes_nearer_to_the_pictures(
    tiles: npt.NDArray[np.uint8], backbone: Backbone
) -> None:
    first, last = learned(AutoencoderStage(batches(tiles), backbone, tiles[:2], CPU), 30)
    assert last["features"] < 0.9 * first["features"]


def test_the_painter_moves_and_its_critic_learns(tiles: npt.NDArray[np.uint8], backbone: Backbone) -> None:
    encoder, decoder = Encoder(), Decoder()
    before = {name: value.clone() for name, value in encoder.state_dict().items()}
    stage = PainterStage(encoder, decoder, MapNetwork(), batches(tiles), backbone, tiles[:2], CPU)
    first, last = learned(stage, 25)
    assert last["critic"] < first["critic"]
    assert all(torch.equal(value, before[name]) for name, value in encoder.state_dict().items())


def test_the_flow_learns_where_lattices_lie(tiles: npt.NDArray[np.uint8]) -> None:
    structures, tones = encoded(tiles, Encoder().eval(), CPU, n_shifts=2, seed=0)
    assert structures.astype(np.float32).mean((0, 1, 3, 4)) == pytest.approx(np.zeros(6), abs=0.2)
    assert tones.shape == (len(tiles), 12)
    codes = np.random.default_rng(0).standard_normal((len(tiles), 64)).astype(np.float32)
    painter = Painter(Decoder().eval(), torch.zeros(12), torch.ones(12))
    stage = FlowStage(structures, codes, batches(tiles, 8), [0, 1], painter, CPU)
    first, last = learned(stage, 40)
    assert last["velocity"] < 0.9 * first["velocity"]


def test_the_maps_learn_relief_roughness_and_metal(tiles: npt.NDArray[np.uint8]) -> None:
    normal = np.zeros_like(tiles)
    normal[:] = (128, 128, 255)
    grey = np.full(tiles.shape[:3], 200, np.uint8)
    has = np.array([True] * 4 + [False] * 4)
    targets = MapTargets(normal, has, grey, has, np.zeros_like(grey))
    stage = MapsStage(tiles, targets, batches(tiles), tiles[:2], CPU)
    first, last = learned(stage, 30)
    assert last["metallic"] < 0.95 * first["metallic"]
    assert last["roughness"] < first["roughness"]


def test_normals_and_slopes_undo_each_other() -> None:
    y, x = torch.meshgrid(torch.arange(32.0), torch.arange(32.0), indexing="ij")
    height = (3 * torch.sin(2 * torch.pi * x / 32) + 2 * torch.cos(4 * torch.pi * y / 32))[None, None]
    slopes = slopes_of(height)
    again = slopes_of_normals((normals_of(slopes) + 1) * 127.5)
    assert torch.allclose(slopes, again, atol=1e-4)


def test_a_rise_to_the_right_leans_the_normal_to_the_left() -> None:
    height = torch.zeros(1, 1, 8, 8)
    height[..., 4] = 1.0
    normal = normals_of(slopes_of(height))[0]
    assert normal[0, 4, 3] < 0 < normal[0, 4, 5]
    height = torch.zeros(1, 1, 8, 8)
    height[:, :, 4] = 1.0
    normal = normals_of(slopes_of(height))[0]
    # Rows go down, and +Y is up: above the ridge the surface looks up.
    assert normal[1, 3, 4] > 0 > normal[1, 5, 4]


def test_feature_weights_that_are_cut_short_say_so(tmp_path: Path) -> None:
    path = random_backbone(tmp_path)
    path.write_bytes(path.read_bytes()[:1000])
    with pytest.raises(ModelError, match="cut short"):
        Backbone(path)


def test_features_of_a_shifted_picture_are_shifted(backbone: Backbone) -> None:
    color = torch.rand(1, 3, 64, 64) * 2 - 1
    with torch.no_grad():
        straight = backbone(color)
        shifted = backbone(torch.roll(color, (32, 32), (2, 3)))
    for layer, (a, b) in enumerate(zip(straight, shifted, strict=True)):
        step = 32 >> layer
        assert torch.allclose(torch.roll(a, (step, step), (2, 3)), b, atol=1e-5)


def test_the_same_step_draws_the_same_batch_and_another_step_another(tiles: npt.NDArray[np.uint8]) -> None:
    source = batches(tiles)
    first, again, other = source.draw(3), source.draw(3), source.draw(4)
    assert torch.equal(first[1], again[1])
    assert not torch.equal(first[1], other[1])


def test_rare_categories_are_drawn_more_often_than_their_number(tiles: npt.NDArray[np.uint8]) -> None:
    source = TileBatches(tiles, ["common"] * 7 + ["rare"], batch=1, seed=0)
    drawn = [int(source.choose(source.random(step))[0]) for step in range(400)]
    assert drawn.count(7) > 400 / 8 * 1.4


def test_a_batch_may_be_larger_than_the_set(tiles: npt.NDArray[np.uint8]) -> None:
    assert batches(tiles[:2], 6).draw(0)[1].shape == (6, 3, SIZE, SIZE)
