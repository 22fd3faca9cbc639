"""The shape network keeps its promises whatever its weights are."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from safetensors.torch import load_file, save_file

from tests.fakes import FakeTextEncoder
from tests.generators.mesh.random_shapes import random_network, random_weights
from vrbridge.errors import GeneratorFailed, ModelError
from vrbridge.generators.mesh import shape_file
from vrbridge.generators.mesh.neural import NeuralMeshes
from vrbridge.generators.mesh.prop import Prop, is_closed


@pytest.fixture(scope="module")
def weights(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return random_weights(tmp_path_factory.mktemp("weights"))


@pytest.fixture(scope="module")
def meshes(weights: Path) -> NeuralMeshes:
    return NeuralMeshes(weights, FakeTextEncoder())


def levels(meshes: NeuralMeshes, prompt: str, *budgets: int, seed: int = 1) -> list[tuple[int, Prop]]:
    return list(meshes.draft(prompt, seed=seed).levels(budgets))


def test_levels_come_coarsest_first_within_their_budgets_and_closed(meshes: NeuralMeshes) -> None:
    made = levels(meshes, "round table", 1500, 400, 80)
    assert [level for level, _ in made] == [2, 1, 0]
    assert all(prop.n_faces <= budget for (_, prop), budget in zip(made, (80, 400, 1500), strict=True))
    assert all(is_closed(prop) for _, prop in made)


@pytest.mark.parametrize("max_faces", [50, 51, 20000])
def test_every_budget_is_met(meshes: NeuralMeshes, max_faces: int) -> None:
    [(_, prop)] = levels(meshes, "gray elephant", max_faces)
    assert prop.n_faces <= max_faces


def test_it_stands_on_the_floor_in_its_usual_size(meshes: NeuralMeshes) -> None:
    [(_, prop)] = levels(meshes, "gray elephant", 1500)
    points = np.concatenate([part.vertices for part in prop.parts])
    low, high = points.min(0), points.max(0)
    assert (high - low).max() == pytest.approx(3.0, rel=0.05)
    assert low[1] == pytest.approx(0, abs=0.05)
    assert (low + high)[[0, 2]] == pytest.approx(0, abs=0.1)


@pytest.mark.parametrize("size_m", [0.01, 2.0, 1000.0])
def test_any_size_can_be_asked_for(meshes: NeuralMeshes, size_m: float) -> None:
    draft = meshes.draft("round table", seed=3, size_m=size_m)
    [(_, prop)] = list(draft.levels((1500,)))
    points = np.concatenate([part.vertices for part in prop.parts])
    assert np.ptp(points, axis=0).max() == pytest.approx(size_m, rel=0.05)
    assert is_closed(prop)


def test_words_of_size_and_proportion_count(meshes: NeuralMeshes) -> None:
    plain, huge = (meshes.plan(f"{word}round table", seed=3) for word in ("", "huge "))
    assert huge.size_m > 1.5 * plain.size_m
    assert meshes.plan("tall round table", seed=3).stretch[1] > 1


def test_a_named_colour_is_the_things_own(meshes: NeuralMeshes) -> None:
    def mean(prompt: str) -> np.ndarray:
        [(_, prop)] = levels(meshes, prompt, 1500)
        color = prop.parts[0].material.texture_color
        assert color is not None
        return np.array(color)

    red, green, blue = mean("green round table")
    assert green > max(red, blue)
    red, green, blue = mean("blue round table")
    assert blue > max(red, green)


def test_materials_come_from_the_words_or_the_kind(meshes: NeuralMeshes) -> None:
    assert meshes.plan("rusty lamp", seed=1).material.name == "rusty iron"
    assert meshes.plan("black iron lamp", seed=1).material.metallic > 0.5
    assert meshes.plan("red armchair", seed=1).material.name == "wood"


def test_the_same_seed_gives_the_same_bytes_and_another_does_not(meshes: NeuralMeshes) -> None:
    first, again, other = (
        levels(meshes, "red armchair", 400, seed=seed)[0][1].parts[0] for seed in (5, 5, 6)
    )
    assert first.vertices.tobytes() == again.vertices.tobytes()
    assert first.colors.tobytes() == again.colors.tobytes()
    assert first.vertices.tobytes() != other.vertices.tobytes()


def test_what_is_drafted_says_what_it_is(meshes: NeuralMeshes) -> None:
    draft = meshes.draft("red armchair", seed=1)
    assert (draft.origin, draft.model, draft.nearest) == ("generated", "random-shapes-1", "red armchair")
    assert draft.confidence > 0.9


def test_a_network_that_makes_nothing_says_so(tmp_path: Path) -> None:
    network = random_network()
    assert network.decoder.solid.bias is not None
    network.decoder.solid.bias.data.fill_(-1e3)
    path = tmp_path / "empty.safetensors"
    shape_file.write(network, path)
    with pytest.raises(GeneratorFailed, match="empty"):
        levels(NeuralMeshes(path, FakeTextEncoder()), "chair", 400)


def test_a_network_that_has_gone_bad_says_so(tmp_path: Path) -> None:
    network = random_network()
    assert network.decoder.solid.bias is not None
    network.decoder.solid.bias.data.fill_(float("nan"))
    path = tmp_path / "bad.safetensors"
    shape_file.write(network, path)
    with pytest.raises(GeneratorFailed, match="no proper numbers"):
        levels(NeuralMeshes(path, FakeTextEncoder()), "chair", 400)


def test_files_that_hold_no_network_are_refused(tmp_path: Path, weights: Path) -> None:
    missing = tmp_path / "none.safetensors"
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(weights.read_bytes()[:5000])
    partial = tmp_path / "partial.safetensors"
    tensors = {name: value for name, value in load_file(weights).items() if not name.startswith("flow.")}
    save_file(tensors, partial, metadata={"format": shape_file.FORMAT})
    foreign = tmp_path / "foreign.safetensors"
    save_file(tensors, foreign)
    for path in (missing, damaged, partial, foreign):
        with pytest.raises(ModelError):
            NeuralMeshes(path, FakeTextEncoder())


def test_a_file_keeps_a_network(weights: Path) -> None:
    network, kept = random_network(), shape_file.read(weights)
    assert kept.anchors.captions == network.anchors.captions
    assert np.abs(kept.anchors.sentences - network.anchors.sentences).max() < 0.002
    assert np.abs(kept.anchors.codes - network.anchors.codes).max() < 0.03
    assert kept.starts.rest(0) is None
    start = kept.starts.rest(3)
    assert start is not None
    assert start.shape == (4096,)
    assert kept.space.rest == network.space.rest
    assert replace(kept, facts={}).facts == {}
    assert kept.facts == network.facts
