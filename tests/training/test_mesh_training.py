"""A shape network is trained from a folder of models, and goes on where it was stopped."""

from pathlib import Path

import numpy as np
import pytest

from tests.fakes import FakeTextEncoder
from tests.training.models_of import write_models
from vrbridge.errors import DataError
from vrbridge.generators.mesh import shape_file
from vrbridge.generators.mesh.neural import NeuralMeshes
from vrbridge.training.mesh_data import MeshData
from vrbridge.training.mesh_training import train
from vrbridge.training.run import TrainingOptions


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> MeshData:
    folder = tmp_path_factory.mktemp("models")
    write_models(folder / "models")
    return MeshData.open(folder / "models", cache=folder / "cache")


def options(out: Path, **changed: object) -> TrainingOptions:
    values: dict[str, object] = {"out": out, "name": "boxes-1", "steps": 2, "device": "cpu"}
    return TrainingOptions(**(values | changed))  # type: ignore[arg-type]


@pytest.fixture(scope="module")
def trained(data: MeshData, tmp_path_factory: pytest.TempPathFactory) -> Path:
    out = tmp_path_factory.mktemp("trained") / "boxes.safetensors"
    seen: list[str] = []
    assert train(data, options(out), encoder=FakeTextEncoder(), on_step=lambda stage, *_: seen.append(stage))
    assert seen == ["shape"] * 2 + ["flow"] * 2
    return out


def test_what_was_trained_is_a_network_of_these_models(trained: Path) -> None:
    network = shape_file.read(trained)
    assert network.name == "boxes-1"
    assert set(network.anchors.captions) == {
        "cube", "flat board", "long beam", "low box", "red brick", "tall box",
    }  # fmt: skip
    assert network.facts["shapes"] == 6
    # A user's own models may all be started from, and are preferred.
    assert sorted(network.starts.anchors.tolist()) == list(range(6))
    assert (network.anchors.bonus > 0).all()


def test_it_can_be_served(trained: Path) -> None:
    meshes = NeuralMeshes(trained, FakeTextEncoder())
    assert meshes.plan("tall box", seed=1).nearest == "tall box"


def test_a_run_that_was_cut_ends_like_one_that_was_not(data: MeshData, trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "cut.safetensors"
    runs = 0
    while not train(data, options(out, slice_s=0.0), encoder=FakeTextEncoder(), on_step=lambda *_: None):
        runs += 1
    assert runs >= 2
    one, other = shape_file.read(trained), shape_file.read(out)
    for part in ("encoder", "decoder", "flow"):
        a, b = getattr(one, part).state_dict(), getattr(other, part).state_dict()
        assert all(bool((a[name] == b[name]).all()) for name in a), part


def test_fine_tuning_keeps_what_was_known(data: MeshData, trained: Path, tmp_path: Path) -> None:
    out = tmp_path / "tuned.safetensors"
    done = train(
        data, options(out, init=trained, name="tuned-1"), encoder=FakeTextEncoder(), on_step=lambda *_: None
    )
    assert done
    network = shape_file.read(out)
    assert len(network.anchors.captions) == 12
    assert np.array_equal(network.space.axes, shape_file.read(trained).space.axes)


def test_unknown_stages_and_too_few_models_are_refused(data: MeshData, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no stage 'paint'"):
        train(
            data,
            options(tmp_path / "x.safetensors", stages=("paint",)),
            encoder=FakeTextEncoder(),
            on_step=lambda *_: None,
        )
    few = MeshData(data.solid[:3], data.color[:3], data.shapes[:3], data.folder)
    with pytest.raises(DataError, match="3 models"):
        train(few, options(tmp_path / "y.safetensors"), encoder=FakeTextEncoder(), on_step=lambda *_: None)


def test_the_flow_needs_the_lattice_first(data: MeshData, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="'shape' comes first"):
        train(
            data,
            options(tmp_path / "z.safetensors", stages=("flow",)),
            encoder=FakeTextEncoder(),
            on_step=lambda *_: None,
        )
