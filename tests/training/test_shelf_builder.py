"""A shelf holds the models that may be handed on, small and turned outwards."""

import json
from pathlib import Path

import numpy as np
import pytest
import trimesh

from tests.fakes import FakeTextEncoder
from tests.training.models_of import write_models
from vrbridge.errors import DataError
from vrbridge.generators.mesh.extraction import Surface
from vrbridge.generators.mesh.simplification import is_watertight
from vrbridge.training.mesh_data import MeshData
from vrbridge.training.shelf_builder import credits_of, shelf_of


def folder_of(path: Path, license_class: str = "permissive") -> Path:
    write_models(path)
    inside_out = trimesh.creation.icosphere(subdivisions=5)
    inside_out.invert()
    inside_out.export(path / "ball.glb")
    lines = [
        {
            "file": file.name,
            "caption": file.stem.replace("_", " "),
            "category": "thing",
            "license": "CC0-1.0",
            "license_class": license_class if file.stem != "cube" else "gpl",
            "copyright": "Ann",
            "source_package": "things",
            "source_path": f"a/{file.name}",
        }
        for file in sorted(path.glob("*.glb"))
    ]
    (path / "metadata.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def test_free_models_are_kept_small_and_outward(tmp_path: Path) -> None:
    data = MeshData.open(folder_of(tmp_path / "m"), cache=tmp_path / "c")
    told: list[int] = []
    shelf = shelf_of(data, "s", FakeTextEncoder(), lambda done, _: told.append(done))
    assert told == list(range(1, 7))
    assert "cube" not in shelf.anchors.captions
    ball = shelf.model(shelf.anchors.captions.index("ball"))
    assert len(ball.faces) <= 1500
    corners = ball.vertices[ball.faces]
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    assert (np.einsum("ij,ij->i", normals, corners.mean(1)) > 0).mean() > 0.99
    coarse = [shelf.remade(number) for number in range(len(shelf.attributions))]
    assert [set(levels) for levels in coarse] == [{400, 80, 50}, *[set()] * 5]
    for budget, level in coarse[0].items():
        assert len(level.faces) <= budget
        assert is_watertight(Surface(level.vertices.astype(float), level.faces))
    assert shelf.attributions[0] == "“ball” by Ann, CC0-1.0, from things: a/ball.glb; simplified"
    assert "## things: CC0-1.0 (6 models)" in credits_of(data)


def test_a_folder_without_free_models_is_refused(tmp_path: Path) -> None:
    data = MeshData.open(folder_of(tmp_path / "m", "gpl"), cache=tmp_path / "c")
    with pytest.raises(DataError, match="permissive"):
        shelf_of(data, "s", FakeTextEncoder(), lambda *_: None)
