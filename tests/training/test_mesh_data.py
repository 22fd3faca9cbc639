"""Models are cut into cells once, and read from the cache after that."""

import os
from pathlib import Path

import numpy as np
import pytest

from tests.training.models_of import write_box, write_models
from vrbridge.errors import DataError
from vrbridge.training import mesh_data
from vrbridge.training.mesh_data import MeshData
from vrbridge.training.shape_batches import ShapeBatches, as_input


def test_grids_hold_what_the_files_hold(tmp_path: Path) -> None:
    write_models(tmp_path / "models")
    told: list[tuple[int, int]] = []
    data = MeshData.open(
        tmp_path / "models", cache=tmp_path / "cache", progress=lambda *step: told.append(step)
    )
    assert told == [(i, 6) for i in range(1, 7)]
    assert data.solid.shape == (6, 64, 64, 64)
    assert data.color.shape == (6, 32, 32, 32, 4)
    filled = [float(solid.mean()) / 255 for solid in data.solid]
    assert np.argmax(filled) == [shape.caption for shape in data.shapes].index("cube")
    assert len(data) == 6
    assert not data.is_held_out.any()


def test_the_second_time_nothing_is_cut(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_models(tmp_path / "models")
    first = MeshData.open(tmp_path / "models", cache=tmp_path / "cache")
    monkeypatch.setattr(mesh_data, "open_model", lambda *_: pytest.fail("opened again"))
    again = MeshData.open(tmp_path / "models", cache=tmp_path / "cache")
    assert again.solid.tobytes() == first.solid.tobytes()


def test_a_changed_file_is_cut_again_and_the_old_cache_goes(tmp_path: Path) -> None:
    write_models(tmp_path / "models")
    MeshData.open(tmp_path / "models", cache=tmp_path / "cache")
    write_box(tmp_path / "models" / "cube.glb", (1, 0.1, 1), (9, 9, 9))
    os.utime(tmp_path / "models" / "cube.glb", (1, 1))
    data = MeshData.open(tmp_path / "models", cache=tmp_path / "cache")
    assert float(data.solid[0].mean()) < 60
    assert len(list((tmp_path / "cache").iterdir())) == 1


def test_a_damaged_model_is_named_and_nothing_is_kept(tmp_path: Path) -> None:
    write_models(tmp_path / "models")
    (tmp_path / "models" / "low_box.glb").write_bytes(b"glTF")
    with pytest.raises(DataError, match=r"low_box\.glb"):
        MeshData.open(tmp_path / "models", cache=tmp_path / "cache")
    assert list((tmp_path / "cache").iterdir()) == []


def test_several_processes_cut_the_same_cells(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    write_models(tmp_path / "models")
    alone = MeshData.open(tmp_path / "models", cache=tmp_path / "a")
    monkeypatch.setattr(mesh_data, "_FEW", 0)
    together = MeshData.open(tmp_path / "models", cache=tmp_path / "b")
    assert together.solid.tobytes() == alone.solid.tobytes()
    assert together.color.tobytes() == alone.color.tobytes()


def test_batches_are_drawn_by_step_and_half_of_them_mirrored(tmp_path: Path) -> None:
    write_models(tmp_path / "models")
    data = MeshData.open(tmp_path / "models", cache=tmp_path / "cache")
    batches = ShapeBatches(data, np.arange(6), batch=4, seed=1)
    solid, color = batches.draw(3)
    assert solid.shape == (4, 1, 64, 64, 64)
    assert color.shape == (4, 4, 32, 32, 32)
    assert float(solid.min()) == 0
    assert float(solid.max()) == 1
    again, _ = batches.draw(3)
    other, _ = batches.draw(4)
    assert bool((again == solid).all())
    assert not bool((other == solid).all())
    assert 10 < sum(int(batches.choose(step)[1].sum()) for step in range(10)) < 30


def test_colours_are_zero_where_no_surface_is(tmp_path: Path) -> None:
    write_models(tmp_path / "models")
    data = MeshData.open(tmp_path / "models", cache=tmp_path / "cache")
    _, color = as_input(data, np.array([0]), np.array([True]))
    is_empty = color[:, 3:] == 0
    assert bool((color[:, :3] * is_empty == 0).all())
    _, plain = as_input(data, np.array([0]))
    assert bool((plain.flip(2) == color).all())
