"""Model files of unknown origin are opened, or refused in words."""

from pathlib import Path

import numpy as np
import pytest
import trimesh

from tests.training.models_of import write_box
from vrbridge.errors import DataError
from vrbridge.generators.mesh.model_file import open_model


@pytest.mark.parametrize("ending", ["glb", "ply", "obj", "stl"])
def test_models_are_moved_to_the_origin_and_scaled(tmp_path: Path, ending: str) -> None:
    path = tmp_path / f"box.{ending}"
    mesh = trimesh.creation.box((4, 2, 1))
    mesh.apply_translation((10, 0, -3))
    mesh.export(path)
    model = open_model(path, path.name)
    assert model.vertices.min(0) == pytest.approx((-0.5, -0.25, -0.125))
    assert model.vertices.max(0) == pytest.approx((0.5, 0.25, 0.125))
    assert model.colors.shape == (len(model.vertices), 3)


def test_vertex_colours_are_linear_in_the_file(tmp_path: Path) -> None:
    path = tmp_path / "red.glb"
    write_box(path, (1, 1, 1), (55, 55, 55))
    assert open_model(path, "red").colors[0] == pytest.approx(128, abs=2)


def test_a_model_without_colours_is_gray(tmp_path: Path) -> None:
    path = tmp_path / "plain.stl"
    trimesh.creation.box((1, 1, 1)).export(path)
    assert len(set(open_model(path, "plain").colors.reshape(-1).tolist())) == 1


@pytest.mark.parametrize(
    "content", [b"", b"glTF", b"glTF\2\0\0\0\xff\xff\xff\x7f", b"\0" * 3000, b"solid x\nendsolid"]
)
@pytest.mark.parametrize("ending", ["glb", "gltf", "obj", "ply", "stl"])
def test_what_is_no_model_is_refused_by_name(tmp_path: Path, ending: str, content: bytes) -> None:
    path = tmp_path / f"broken.{ending}"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"^broken\."):
        open_model(path, path.name)


def test_models_without_extent_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "point.obj"
    path.write_text("v 1 1 1\nv 1 1 1\nv 1 1 1\nf 1 2 3\n")
    with pytest.raises(DataError, match=r"space|surface"):
        open_model(path, path.name)


def test_numbers_that_are_none_are_refused(tmp_path: Path) -> None:
    path = tmp_path / "nan.ply"
    mesh = trimesh.creation.box((1, 1, 1))
    mesh.vertices = np.where(mesh.vertices > 0, np.nan, mesh.vertices)
    mesh.export(path)
    with pytest.raises(DataError):
        open_model(path, path.name)
