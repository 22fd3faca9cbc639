"""Folders of models are read by their metadata or their names."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.training.models_of import write_models
from vrbridge.errors import DataError
from vrbridge.training.mesh_folder import holds_models, read_shapes
from vrbridge.training.usual_sizes import USUAL_M, sizes_m

LINE: dict[str, Any] = {
    "file": "cube.glb",
    "caption": "wooden cube",
    "caption_with_color": "red wooden cube",
    "category": "container",
    "license": "CC0-1.0",
    "license_class": "permissive",
    "copyright": "Somebody",
    "source_package": "things",
    "source_path": "a/cube.obj",
    "dims_cm": [20, 30.5, 10],
}


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    write_models(tmp_path)
    return tmp_path


def described(folder: Path, *lines: dict[str, Any]) -> Path:
    (folder / "metadata.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


def test_a_plain_folder_is_read_by_its_names(folder: Path) -> None:
    shapes = read_shapes(folder)
    assert [shape.caption for shape in shapes] == [
        "cube", "flat board", "long beam", "low box", "red brick", "tall box",
    ]  # fmt: skip
    assert not any(shape.is_held_out or shape.license for shape in shapes)


def test_subfolders_are_categories(tmp_path: Path) -> None:
    write_models(tmp_path / "boxes")
    assert {shape.category for shape in read_shapes(tmp_path)} == {"boxes"}


def test_metadata_says_everything(folder: Path) -> None:
    [shape] = read_shapes(described(folder, LINE))
    assert (shape.caption, shape.colored_caption, shape.category) == (
        "wooden cube", "red wooden cube", "container",
    )  # fmt: skip
    assert (shape.license, shape.license_class, shape.copyright) == ("CC0-1.0", "permissive", "Somebody")
    assert shape.source == "things: a/cube.obj"
    assert shape.size_m == pytest.approx(0.305)


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"file": ""}, "not there|leads out"),
        ({"file": "../secret.glb"}, "leads out"),
        ({"file": "missing.glb"}, "not there"),
        ({"caption": ""}, "caption"),
        ({"caption": 7}, "no text"),
        ({"dims_cm": "large"}, "dims_cm"),
        ({"dims_cm": []}, "dims_cm"),
        ({"dims_cm": [1, -1]}, "dims_cm"),
        ({"dims_cm": [True]}, "dims_cm"),
    ],
)
def test_bad_lines_are_told_by_number(folder: Path, change: dict[str, Any], said: str) -> None:
    with pytest.raises(DataError, match=said) as caught:
        read_shapes(described(folder, LINE, LINE | change))
    assert "line 2" in str(caught.value)


def test_licences_choose(folder: Path) -> None:
    copyleft = LINE | {"file": "tall_box.glb", "license_class": "gpl"}
    described(folder, LINE, copyleft)
    assert len(read_shapes(folder, licenses="all")) == 2
    assert [s.file for s in read_shapes(folder, licenses="permissive")] == ["cube.glb"]


def test_a_folder_without_models_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="no models"):
        read_shapes(tmp_path)


def test_sizes_are_own_or_of_the_name_or_of_the_kind(folder: Path) -> None:
    lines = [
        LINE,
        LINE | {"caption": "iron cube", "dims_cm": None},
        LINE | {"caption": "pine", "category": "tree", "dims_cm": None},
        LINE | {"caption": "gizmo", "category": "unheard of", "dims_cm": None},
        LINE | {"caption": "urn", "category": "vessel", "dims_cm": [40]},
        LINE | {"caption": "bowl", "category": "vessel", "dims_cm": None},
    ]
    found = sizes_m(read_shapes(described(folder, *lines)))
    # One cube says nothing of cubes where the kind says more.
    assert found.tolist() == pytest.approx([0.305, USUAL_M["container"], USUAL_M["tree"], 1.0, 0.4, 0.4])
    three = [LINE, LINE, LINE, LINE | {"caption": "iron cube", "dims_cm": None}]
    assert sizes_m(read_shapes(described(folder, *three)))[3] == pytest.approx(0.305)


def test_a_folder_is_of_models_by_its_first_line_or_its_files(folder: Path, tmp_path: Path) -> None:
    assert holds_models(folder)
    assert holds_models(described(folder, LINE))
    assert not holds_models(described(folder, LINE | {"file": "a.webp"}))
    assert not holds_models(described(folder))
    assert not holds_models(tmp_path / "none")
    (tmp_path / "pictures").mkdir()
    (tmp_path / "pictures" / "a.png").touch()
    assert not holds_models(tmp_path / "pictures")
