"""`vrbridge evaluate mesh` says what is wrong in one line, and measures what is right."""

import json
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from tests.cli.command import Command
from tests.generators.mesh.random_shapes import random_weights

KINDS = ("crate", "board", "beam")
WORDS = (
    "alder",
    "birch",
    "cedar",
    "ebony",
    "hazel",
    "larch",
    "maple",
    "olive",
    "poplar",
    "walnut",
    "willow",
    "yew",
)


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder of boxes; the rule holds some of the names out."""
    folder = tmp_path_factory.mktemp("models")
    lines = []
    random = np.random.default_rng(0)
    for kind in KINDS:
        for word in WORDS:
            for shape in ("round", "flat", "long", "bent"):
                caption = f"{word} {shape} {kind}"
                file = f"{caption.replace(' ', '-')}.glb"
                trimesh.creation.box(random.uniform(0.3, 1, 3)).export(folder / file)
                lines.append({"file": file, "caption": caption, "category": kind, "license": "CC0-1.0"})
    (folder / "metadata.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return folder


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "--data FOLDER"),
        (("--sheet", "sheet.tga"), "a .png, .jpg or .webp file"),
        (("--sheet", "sheet.png", "--prompts", "none.toml"), "none.toml"),
        (("--sheet", "sheet.png", "--weights", "none.safetensors"), "none.safetensors"),
        (("--data", "nowhere"), "nowhere"),
    ],
)
def test_what_cannot_be_done_is_said_in_one_line(
    command: Command,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    arguments: tuple[str, ...],
    complaint: str,
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = command("evaluate", "mesh", *arguments)
    assert ran.code == 2
    assert complaint in ran.err
    assert len(ran.err.strip().splitlines()) == 1


@pytest.mark.timeout(400)
@pytest.mark.models
def test_networks_are_measured_beside_rules_and_real_models(
    command: Command, tmp_path: Path, models: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("XDG_CACHE_HOME", str(tmp_path / "cache"))
    report = tmp_path / "mesh.json"
    ran = command(
        "evaluate",
        "mesh",
        "--data",
        str(models),
        "--weights",
        str(random_weights(tmp_path)),
        "-o",
        str(report),
    )
    assert ran.code == 0, ran.err
    found = json.loads(report.read_text())
    rows = {row["model"]: row for row in found["rows"]}
    assert list(rows) == [
        "random-shapes-1",
        "nearest code, no flow",
        "parametric-meshes-1",
        "nearest training model",
        "held-out",
    ]
    assert rows["held-out"]["coverage"] > 0.8
    assert rows["held-out"]["rank"] == 0
    assert rows["random-shapes-1"]["watertight"] == rows["random-shapes-1"]["on_budget"] == 1
    assert rows["nearest training model"]["distance"] < rows["random-shapes-1"]["distance"]
    assert 0 <= found["reconstructions"][0]["overlap"] < 0.7
    assert "1-NNA" in ran.out


@pytest.mark.models
def test_a_sheet_shows_two_things_a_prompt(command: Command, tmp_path: Path) -> None:
    prompts = tmp_path / "prompts.toml"
    prompts.write_text('things = ["oak barrel", "stone well"]\n')
    ran = command("evaluate", "mesh", "--sheet", str(tmp_path / "sheet.png"), "--prompts", str(prompts))
    assert ran.code == 0, ran.err
    sheet = np.asarray(Image.open(tmp_path / "sheet.png").convert("L")).astype(float)
    assert sheet.shape[1] > 4 * 170
    assert sheet.std() > 10
