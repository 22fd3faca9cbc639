"""Networks as files."""

from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from tests.generators.texture.random_network import CAPTIONS, random_network, random_weights
from vrbridge.errors import ModelError
from vrbridge.generators.texture import network_file


def test_a_network_comes_back_as_it_was_in_half_precision(tmp_path: Path) -> None:
    before, after = random_network(), network_file.read(random_weights(tmp_path))
    assert after.name == "random-1"
    assert after.facts == {"tiles": len(CAPTIONS)}
    assert after.anchors.captions == before.anchors.captions
    assert after.anchors.codes == pytest.approx(before.anchors.codes, abs=2e-3)
    for name, value in before.decoder.state_dict().items():
        assert torch.equal(after.decoder.state_dict()[name], value.bfloat16().float())


def test_the_file_is_small_enough_to_ship(tmp_path: Path) -> None:
    assert random_weights(tmp_path).stat().st_size < 25e6


def test_a_file_of_something_else_is_refused(tmp_path: Path) -> None:
    other = tmp_path / "other.safetensors"
    save_file({"weight": torch.zeros(2)}, other)
    with pytest.raises(ModelError, match="holds no texture network"):
        network_file.read(other)


@pytest.mark.parametrize("keep", [0, 100, 5_000_000])
def test_a_file_that_is_cut_short_is_refused(tmp_path: Path, keep: int) -> None:
    path = random_weights(tmp_path)
    path.write_bytes(path.read_bytes()[:keep])
    with pytest.raises(ModelError, match="can't be read as a texture network"):
        network_file.read(path)


def test_a_missing_file_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="can't be read"):
        network_file.read(tmp_path / "none.safetensors")


def test_a_file_without_one_of_the_networks_is_refused(tmp_path: Path) -> None:
    header = {"format": network_file.FORMAT, "name": "a", "captions": "[]", "categories": "[]"}
    tensors = {"lattice.mean": torch.zeros(12)}
    save_file(tensors, tmp_path / "a.safetensors", metadata=header | {"facts": "{}"})
    with pytest.raises(ModelError, match="no whole texture network"):
        network_file.read(tmp_path / "a.safetensors")
