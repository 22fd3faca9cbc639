"""Real models are found by words, shown as they are, and credited."""

from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from tests.fakes import FakeTextEncoder
from tests.generators.mesh.random_shapes import random_weights
from tests.generators.mesh.shelves import CAPTIONS, small_shelf, small_shelf_file, with_coarse
from vrbridge.errors import ModelError
from vrbridge.generators.mesh import shelf_file
from vrbridge.generators.mesh.library import MeshLibrary
from vrbridge.generators.mesh.neural import NeuralMeshes
from vrbridge.generators.mesh.prop import Prop, is_closed
from vrbridge.generators.mesh.retrieved import RetrievedMeshes
from vrbridge.generators.mesh.shelf_file import Remade
from vrbridge.generators.mesh.voxels import Model
from vrbridge.jobs.mesh_work import packed_mesh


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


@pytest.fixture(scope="module")
def prepared(tmp_path_factory: pytest.TempPathFactory) -> RetrievedMeshes:
    shelf = with_coarse(small_shelf(), (400, 80, 50))
    return RetrievedMeshes(small_shelf_file(tmp_path_factory.mktemp("coarse"), shelf), FakeTextEncoder())


def test_coarse_levels_of_the_file_are_those_that_would_be_made(
    meshes: RetrievedMeshes, prepared: RetrievedMeshes
) -> None:
    # In another size edges of the same cost collapse in another order.
    made_now, made_before = (
        list(source.draft("gray ball", seed=1, size_m=1).levels((400, 80, 50)))
        for source in (meshes, prepared)
    )
    for (level, made), (again, kept) in zip(made_now, made_before, strict=True):
        assert level == again
        assert kept.n_faces == made.n_faces
        assert is_closed(kept)
        points, others = (prop.parts[0].vertices for prop in (kept, made))
        assert points.min(0) == pytest.approx(others.min(0), abs=1e-4)
        assert points.max(0) == pytest.approx(others.max(0), abs=1e-4)


@pytest.mark.parametrize("budgets", [(20000, 400, 80), (1500, 400, 80), (1000, 267, 53), (300,), (64, 50)])
def test_any_ladder_is_met_from_coarse_levels(prepared: RetrievedMeshes, budgets: tuple[int, ...]) -> None:
    for prompt in CAPTIONS:
        made = levels(prepared, prompt, *budgets)
        assert [level for level, _ in made] == list(reversed(range(len(budgets))))
        for level, prop in made:
            assert prop.n_faces <= budgets[level]
            assert is_closed(prop)


def test_a_level_of_the_file_is_shown_and_not_made_again(tmp_path: Path) -> None:
    corners = np.array([[0, 0, 0], [1, 0, 0], [0, 1, 0], [0, 0, 1]], np.float32)
    faces = np.array([[0, 2, 1], [0, 1, 3], [0, 3, 2], [1, 2, 3]])
    pyramid = Model(corners, faces, np.full((4, 3), 90, np.uint8))
    shelf = replace(small_shelf(), coarse=Remade.of((400, 80), [{}, {80: pyramid}, {}]))
    odd = RetrievedMeshes(small_shelf_file(tmp_path, shelf), FakeTextEncoder())
    made = levels(odd, "gray ball", 20000, 400, 80)
    assert [prop.n_faces == 4 for _, prop in made] == [True, False, False]
    assert is_closed(made[1][1])


def test_white_is_not_brighter_than_a_material_may_be(tmp_path: Path) -> None:
    shelf = small_shelf()
    white = replace(shelf, colors=np.full_like(shelf.colors, 255))
    meshes = RetrievedMeshes(small_shelf_file(tmp_path, white), FakeTextEncoder())
    for _, prop in levels(meshes, "ball", 20000, 1500):
        assert packed_mesh(prop, "glb", "ball")


def test_coarse_levels_take_a_colour_too(prepared: RetrievedMeshes) -> None:
    [(_, plain)] = levels(prepared, "gray ball", 80)
    [(_, green)] = levels(prepared, "green ball", 80)
    assert np.array_equal(plain.parts[0].vertices, green.parts[0].vertices)
    red, of_green, blue, _ = green.parts[0].material.base_color
    assert of_green > 1.3 * max(red, blue)


def test_all_levels_are_of_one_material(prepared: RetrievedMeshes) -> None:
    made = levels(prepared, "gray ball", 20000, 400, 80)
    assert len({prop.parts[0].material for _, prop in made}) == 1


def test_a_file_keeps_coarse_models(tmp_path: Path) -> None:
    shelf = with_coarse(small_shelf(), (400, 80, 50))
    kept = shelf_file.read(small_shelf_file(tmp_path, shelf))
    assert [set(kept.remade(number)) for number in range(3)] == [set(), {400, 80, 50}, {50}]
    assert shelf.coarse is not None
    for budget, model in shelf.coarse.models(1).items():
        again = kept.remade(1)[budget]
        assert np.array_equal(model.vertices, again.vertices)
        assert np.array_equal(model.faces, again.faces)
        assert np.array_equal(model.colors, again.colors)
        assert len(model.faces) <= budget


def test_a_file_of_an_earlier_version_has_none(file: Path) -> None:
    assert shelf_file.read(file).coarse is None
    assert shelf_file.read(file).remade(1) == {}


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
