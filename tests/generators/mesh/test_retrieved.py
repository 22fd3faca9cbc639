"""Real models are found by words, shown as they are, and credited."""

from pathlib import Path

import numpy as np
import pytest

from tests.fakes import FakeTextEncoder
from tests.generators.mesh.random_shapes import random_weights
from tests.generators.mesh.shelves import CAPTIONS, small_shelf, small_shelf_file
from vrbridge.errors import ModelError
from vrbridge.generators.mesh import shelf_file
from vrbridge.generators.mesh.library import MeshLibrary
from vrbridge.generators.mesh.neural import NeuralMeshes
from vrbridge.generators.mesh.prop import Prop, is_closed
from vrbridge.generators.mesh.retrieved import RetrievedMeshes


@pytest.fixture(scope="module")
def file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return small_shelf_file(tmp_path_factory.mktemp("shelf"))


@pytest.fixture(scope="module")
def meshes(file: Path) -> RetrievedMeshes:
    return RetrievedMeshes(file, FakeTextEncoder())


def levels(meshes: RetrievedMeshes, prompt: str, *budgets: int) -> list[tuple[int, Prop]]:
    return list(meshes.draft(prompt, seed=1).levels(budgets))


@pytest.mark.parametrize("caption", CAPTIONS)
def test_what_is_found_is_named_with_its_author(meshes: RetrievedMeshes, caption: str) -> None:
    draft = meshes.draft(caption, seed=1)
    assert (draft.origin, draft.model, draft.family) == ("retrieved", "small-1", CAPTIONS[caption])
    assert draft.nearest == caption
    assert draft.attribution == f"“{caption}” by Ann, CC-BY-4.0"


def test_a_model_that_fits_is_shown_as_it_is(meshes: RetrievedMeshes) -> None:
    made = levels(meshes, "red chair", 1500, 400, 80)
    assert [(level, prop.n_faces) for level, prop in made] == [(2, 60), (1, 60), (0, 60)]


def test_a_model_that_does_not_fit_is_remade_closed(meshes: RetrievedMeshes) -> None:
    made = levels(meshes, "gray ball", 20000, 1500, 80)
    assert [level for level, _ in made] == [2, 1, 0]
    assert made[2][1].n_faces == 5120
    for (_, prop), budget in zip(made[:2], (80, 1500), strict=True):
        assert prop.n_faces <= budget
        assert is_closed(prop)
        points = prop.parts[0].vertices
        assert np.ptp(points, axis=0) == pytest.approx((0.2, 0.2, 0.2), rel=0.1)


def test_it_stands_on_the_floor_in_its_size(meshes: RetrievedMeshes) -> None:
    [(_, prop)] = levels(meshes, "brown wooden crate", 50)
    points = prop.parts[0].vertices
    assert points.min(0) == pytest.approx((-0.4, 0, -0.4), abs=1e-4)
    assert points.max(0) == pytest.approx((0.4, 0.8, 0.4), abs=1e-4)
    [(_, large)] = list(meshes.draft("brown wooden crate", seed=1, size_m=4).levels((50,)))
    assert np.ptp(large.parts[0].vertices, axis=0).max() == pytest.approx(4)


def test_a_colour_that_it_does_not_have_is_given_to_it(meshes: RetrievedMeshes) -> None:
    def mean(prompt: str) -> np.ndarray:
        [(_, prop)] = levels(meshes, prompt, 1500)
        color = prop.parts[0].material.texture_color
        assert color is not None
        return np.array(color)

    assert mean("red chair").argmax() == 0
    assert mean("blue chair").argmax() == 2
    assert mean("green ball").argmax() == 1


def test_a_file_keeps_a_shelf(file: Path) -> None:
    kept, shelf = shelf_file.read(file), small_shelf()
    assert kept.attributions == shelf.attributions
    for name in ("vertices", "colors", "faces", "vertex_starts", "face_starts"):
        assert np.array_equal(getattr(kept, name), getattr(shelf, name)), name
    model = kept.model(1)
    assert np.linalg.norm(model.vertices, axis=1) == pytest.approx(0.5, abs=1e-4)
    assert model.faces.max() == len(model.vertices) - 1


def test_files_that_hold_no_shelf_are_refused(tmp_path: Path, file: Path) -> None:
    damaged = tmp_path / "damaged.safetensors"
    damaged.write_bytes(file.read_bytes()[:900])
    for path in (tmp_path / "none.safetensors", damaged, random_weights(tmp_path)):
        with pytest.raises(ModelError):
            RetrievedMeshes(path, FakeTextEncoder())


def test_a_library_opens_each_file_as_what_it_is(tmp_path: Path, file: Path) -> None:
    library = MeshLibrary({"real": file, "net": random_weights(tmp_path)}, FakeTextEncoder())
    assert isinstance(library.generator("real"), RetrievedMeshes)
    assert isinstance(library.generator("net"), NeuralMeshes)
    assert library.generator("net") is library.generator("net")
    assert library.generator("parametric") is library.procedural
    with pytest.raises(ModelError, match="no mesh model 'gone'"):
        library.generator("gone")
