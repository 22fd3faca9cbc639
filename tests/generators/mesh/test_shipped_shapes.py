"""The shape network and the props that ship are those of the catalogue, and do what their cards say."""

from pathlib import Path

import numpy as np
import pytest

from vrbridge.generators.mesh import shape_file, shelf_file
from vrbridge.generators.mesh.neural import NeuralMeshes
from vrbridge.generators.mesh.prop import is_closed
from vrbridge.generators.mesh.retrieved import RetrievedMeshes
from vrbridge.generators.text_encoder import TextEncoder
from vrbridge.memory.catalogue import Catalogue

NAMES = ("meshes-1", "props-1")

pytestmark = pytest.mark.models


def file_of(catalogue: Catalogue, name: str) -> Path:
    path = catalogue.path(name)
    assert path is not None
    return path


@pytest.fixture(scope="module")
def meshes(catalogue: Catalogue, text_encoder: TextEncoder) -> NeuralMeshes:
    return NeuralMeshes(file_of(catalogue, "meshes-1"), text_encoder)


@pytest.fixture(scope="module")
def props(catalogue: Catalogue, text_encoder: TextEncoder) -> RetrievedMeshes:
    return RetrievedMeshes(file_of(catalogue, "props-1"), text_encoder)


@pytest.mark.parametrize("name", NAMES)
def test_files_are_the_catalogues_and_small(catalogue: Catalogue, name: str) -> None:
    assert catalogue.verify(name)
    assert catalogue.entry(name).is_bundled
    assert file_of(catalogue, name).stat().st_size <= 25_000_000


@pytest.mark.parametrize("name", NAMES)
def test_cards_tell_of_data_licences_and_limits(catalogue: Catalogue, name: str) -> None:
    card = (file_of(catalogue, name).parent / "README.md").read_text("utf-8")
    for word in ("licence", "Debian", "## Limits"):
        assert word in card


def test_starts_are_of_models_that_may_be_handed_on(catalogue: Catalogue) -> None:
    network = shape_file.read(file_of(catalogue, "meshes-1"))
    free = set(shelf_file.read(file_of(catalogue, "props-1")).anchors.captions)
    started = {network.anchors.captions[i] for i in network.starts.anchors}
    assert started <= free


KINDS = [
    ("wooden chair", "chair/seat"),
    ("round table", "table/desk"),
    ("pine tree", "tree"),
    ("medieval sword", "weapon"),
    ("fishing boat", "boat/ship"),
    ("grey elephant", "animal"),
    ("floor lamp", "lamp/light"),
    ("big rock", "rock"),
]


@pytest.mark.parametrize(("prompt", "kind"), KINDS)
def test_words_find_their_kind(meshes: NeuralMeshes, prompt: str, kind: str) -> None:
    plan = meshes.plan(prompt, seed=3)
    assert plan.family == kind
    assert plan.confidence > 0.5


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("prompt", [prompt for prompt, _ in KINDS])
def test_levels_are_closed_and_within_their_budgets(meshes: NeuralMeshes, prompt: str, seed: int) -> None:
    budgets = (1500, 400, 80)
    for level, prop in meshes.draft(prompt, seed=seed).levels(budgets):
        assert prop.n_faces <= budgets[level]
        assert is_closed(prop)


@pytest.mark.parametrize("prompt", ["office chair", "kitchen sink", "floor lamp", "green plant", "red car"])
def test_coarse_levels_of_real_models_are_closed_and_within_their_budgets(
    props: RetrievedMeshes, prompt: str
) -> None:
    for budgets in ((20000, 400, 80, 50), (700, 187, 50)):
        for level, prop in props.draft(prompt, seed=1).levels(budgets):
            assert prop.n_faces <= budgets[level]
            assert level == 0 or is_closed(prop)


def test_all_real_models_have_their_coarse_levels(catalogue: Catalogue) -> None:
    shelf = shelf_file.read(file_of(catalogue, "props-1"))
    for number in range(len(shelf.attributions)):
        n_faces = len(shelf.model(number).faces)
        assert set(shelf.remade(number)) == {budget for budget in (400, 80, 50) if budget < n_faces}


def test_a_chair_is_as_large_as_chairs_and_a_house_as_houses(meshes: NeuralMeshes) -> None:
    assert 0.6 < meshes.plan("wooden chair", seed=1).size_m < 1.5
    assert meshes.plan("medieval house", seed=1).size_m > 4


def test_colours_of_the_caption_are_the_things_own(meshes: NeuralMeshes) -> None:
    def mean(prompt: str) -> np.ndarray:
        [(_, prop)] = list(meshes.draft(prompt, seed=2).levels((1500,)))
        color = prop.parts[0].material.texture_color
        assert color is not None
        return np.array(color)

    assert mean("red sports car").argmax() == 0
    assert mean("green bush").argmax() == 1
    assert mean("blue armchair").argmax() == 2
    assert mean("white chair").mean() > 2 * mean("black chair").mean()


def test_nonsense_is_a_thing_that_is_not_sure(meshes: NeuralMeshes) -> None:
    assert meshes.plan("qwrtzp glorp zzz", seed=1).confidence < 0.3


def test_the_same_words_and_seed_find_the_same_model(props: RetrievedMeshes) -> None:
    first, again = (props.draft("office chair", seed=9) for _ in range(2))
    assert first.nearest == again.nearest
    assert "chair" in first.nearest
    assert first.attribution is not None
    assert "CC" in first.attribution
    [(_, prop)] = list(first.levels((20000,)))
    assert 100 < prop.n_faces <= 1500
