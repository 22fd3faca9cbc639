"""How far two folders of models are apart."""

import json
from pathlib import Path

import numpy as np
import pytest
import trimesh

from tests.training.models_of import write_box
from vrbridge.errors import DataError
from vrbridge.generators.mesh.voxels import Model
from vrbridge.training.mesh_comparison import compare_meshes, model_difference


def box(extents: tuple[float, float, float] = (1, 1, 1), color: int = 100) -> Model:
    mesh = trimesh.creation.box(extents)
    return Model(
        np.asarray(mesh.vertices, np.float32),
        np.asarray(mesh.faces, np.int64),
        np.full((8, 3), color, np.uint8),
    )


def test_the_same_model_is_identical() -> None:
    found = model_difference(box(), box())
    assert (found.is_identical, found.distance, found.color) == (True, 0, 0)


def test_another_order_of_vertices_is_no_distance() -> None:
    whole = box()
    turned = Model(whole.vertices[::-1], 7 - whole.faces, whole.colors)
    found = model_difference(whole, turned)
    assert not found.is_identical
    assert found.distance < 1e-6
    assert found.color < 1e-3


def test_distance_and_color_are_means_over_the_surfaces() -> None:
    wide = Model(box().vertices * np.array([1.2, 1, 1], np.float32), box().faces, box(color=130).colors)
    found = model_difference(box(), wide)
    # Two of six sides are 0.1 away; of the longer one the rims of the others, too.
    assert found.distance == pytest.approx(0.1 * 2 / 6, abs=0.01)
    assert found.color == pytest.approx(30, abs=1e-3)


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    for folder in ("left", "right"):
        for name in ("a", "b"):
            write_box(tmp_path / folder / f"{name}.glb", (1, 0.5, 0.5), (200, 40, 30))
        lines = [{"file": f"{name}.glb", "caption": name, "license": "CC0-1.0"} for name in ("a", "b")]
        describe(tmp_path / folder, lines)
    return tmp_path / "left", tmp_path / "right"


def describe(folder: Path, lines: list[dict[str, str]]) -> None:
    (folder / "metadata.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))


def test_equal_folders_are_the_same(pair: tuple[Path, Path]) -> None:
    found = compare_meshes(*pair)
    assert found.n_identical == 2
    assert found.is_same(0, 0)
    assert found.farthest == ("a.glb", 0)


def test_differences_are_measured_and_named(pair: tuple[Path, Path]) -> None:
    write_box(pair[1] / "b.glb", (1, 0.6, 0.5), (200, 40, 90))
    found = compare_meshes(*pair)
    assert (found.farthest[0], found.most_colored[0], found.n_identical) == ("b.glb", "b.glb", 1)
    assert (found.n_alike(0.5, 255), found.n_alike(0.5, 1), found.n_alike(0.001, 255)) == (2, 1, 1)
    assert not found.is_same(0.5, 1)


def test_missing_models_and_other_words_are_counted(pair: tuple[Path, Path]) -> None:
    describe(pair[1], [{"file": "a.glb", "caption": "a", "license": "MIT"}])
    found = compare_meshes(*pair)
    assert (found.only_left, found.only_right, found.other_words) == (["b.glb"], [], ["a.glb"])
    assert compare_meshes(*reversed(pair)).only_right == ["b.glb"]
    assert not found.is_same(1, 255)


def test_a_folder_that_is_not_there_is_named(pair: tuple[Path, Path], tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no such folder"):
        compare_meshes(pair[0], tmp_path / "none")
