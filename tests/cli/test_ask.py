"""One request from the command line, through a real server."""

import json
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from tests.cli.command import Command
from tests.integration.serving import Serving
from vrbridge.cli.ask import report

pytestmark = [pytest.mark.models, pytest.mark.xdist_group("server")]


def test_a_texture_is_written_as_pictures(command: Command, server: Serving, tmp_path: Path) -> None:
    wall = tmp_path / "wall"
    ran = command(
        "texture", "mossy stone wall", "-o", str(wall), "--size", "128", "--seed", "4", "--url", server.url
    )
    assert ran.code == 0, ran.err
    names = ["base_color", "normal", "orm", "height", "tiled"]
    assert ran.out.split() == [str(wall / f"{name}.png") for name in names]
    assert "seed 4" in ran.err
    with Image.open(wall / "base_color.png") as picture, Image.open(wall / "tiled.png") as tiled:
        pixels = np.asarray(picture)
        assert pixels.shape == (128, 128, 3)
        assert np.array_equal(np.asarray(tiled), np.tile(pixels, (3, 3, 1)))


def test_a_mesh_is_written_with_its_textures(command: Command, server: Serving, tmp_path: Path) -> None:
    file = tmp_path / "chair.glb"
    ran = command(
        "mesh", "wooden chair", "-o", str(file), "--texture-px", "64", "--size", "2", "--url", server.url
    )
    assert ran.code == 0, ran.err
    assert ran.out.strip() == str(file)
    assert "family chair" in ran.err
    scene = trimesh.load_scene(file)
    assert max(scene.extents) == pytest.approx(2, rel=0.02)
    assert any(geometry.visual.material.baseColorTexture is not None for geometry in scene.geometry.values())


def test_files_are_named_by_the_prompt(
    command: Command, server: Serving, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert command("texture", "Grey sand", "--size", "64", "--url", server.url).code == 0
    assert command("mesh", "Oak barrel", "--texture-px", "0", "--url", server.url).code == 0
    assert (tmp_path / "grey-sand" / "normal.png").is_file()
    assert trimesh.load_scene(tmp_path / "oak-barrel.glb").geometry


def test_an_answer_is_printed_with_its_action(command: Command, server: Serving, tmp_path: Path) -> None:
    offered = tmp_path / "actions.json"
    parameters = {
        "type": "object",
        "properties": {"item": {"enum": ["sword", "horseshoe"]}},
        "required": ["item"],
        "additionalProperties": False,
    }
    offered.write_text(
        json.dumps([{"name": "give_item", "description": "Hand an item over", "parameters": parameters}])
    )
    ran = command(
        "say", "blacksmith", "Please give me the sword.", "--actions", str(offered), "--seed", "3",
        "--url", server.url,
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert "first word after" in ran.err
    action = next(line for line in ran.out.splitlines() if line.startswith("→ give_item "))
    assert json.loads(action.removeprefix("→ give_item "))["item"] in {"sword", "horseshoe"}
    assert any(line and not line.startswith("→") for line in ran.out.splitlines())


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["texture", "sand", "--size", "500"], "params.size_px"),
        (["say", "nobody_we_know", "Hi"], "params.npc"),
        (["texture", "how to build a pipe bomb"], "refused"),
    ],
)
def test_what_the_server_refuses_is_one_line(
    command: Command, server: Serving, arguments: list[str], says: str
) -> None:
    ran = command(*arguments, "--url", server.url)
    assert ran.code == 2
    assert says in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_what_is_less_than_was_asked_for_is_told(capsys: pytest.CaptureFixture[str]) -> None:
    report({"seed": 3, "degraded": {"size_px": [1024, 512]}}, {"total_ms": 10.0})
    report({"seed": 4}, {"total_ms": 10.0})
    said = " ".join(capsys.readouterr().err.split())
    assert "size_px is 512 instead of 1024" in said
    assert said.count("instead of") == 1
