import itertools
import json
from pathlib import Path

import msgspec
import numpy as np
import pytest
from PIL import Image

from tests.cli.command import Command
from tests.training.evaluation.samples import COLORS, PATTERNS, picture
from vrbridge.memory.catalogue import Catalogue
from vrbridge.training.evaluation.table import Table

# The rule for held-out names chooses one of each for one of the patterns.
THINGS = ("jute", "paper", "chalk")


@pytest.fixture(scope="module")
def pictures(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A data folder with captions; the rule holds some of the names out."""
    folder = tmp_path_factory.mktemp("pictures")
    lines = []
    for color, pattern, thing in itertools.product(COLORS, PATTERNS, THINGS):
        caption = f"{color} {thing} {pattern}"
        tile = Image.fromarray(picture(color, pattern, THINGS.index(thing), 64))
        tile.resize((256, 256), Image.Resampling.NEAREST).save(folder / f"{caption}.png")
        facts = {"file": f"{caption}.png", "caption": caption, "category": pattern, "license": "CC0-1.0"}
        lines.append(json.dumps(facts))
    (folder / "metadata.jsonl").write_text("\n".join(lines) + "\n")
    return folder


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        ((), "--data FOLDER"),
        (("--sheet", "sheet.tga"), "a .png, .jpg or .webp file"),
        (("--data", "nowhere", "--source", "magic"), "not 'magic'"),
        (("--sheet", "sheet.png", "--prompts", "none.toml"), "none.toml"),
        (("--sheet", "sheet.png", "--source", "none"), "A contact sheet needs a generator"),
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
    ran = command("evaluate", "texture", *arguments)
    assert ran.code == 2
    assert complaint in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert not list(tmp_path.iterdir())


def test_a_contact_sheet_needs_no_data(command: Command, tmp_path: Path) -> None:
    prompts = tmp_path / "prompts.toml"
    prompts.write_text("a = ['red bricks', 'gold', 'fresh snow']\n")
    file = tmp_path / "new" / "sheet.png"
    ran = command("evaluate", "texture", "--sheet", str(file), "--prompts", str(prompts))
    assert ran.code == 0
    assert str(file) in ran.out
    with Image.open(file) as sheet:
        values = np.asarray(sheet).astype(int)
    bricks, snow = values[40:180, 20:400], values[40:180, -400:-20]
    assert (bricks[..., 0] - bricks[..., 2]).mean() > 30
    assert snow.mean() > bricks.mean() + 50


@pytest.mark.models
def test_a_quick_report_tells_the_sources_apart(
    command: Command, catalogue: Catalogue, pictures: Path, tmp_path: Path
) -> None:
    folder, cache, config = tmp_path / "report", tmp_path / "cache", tmp_path / "vrbridge.toml"
    cache.mkdir()
    (cache / "models").symlink_to(catalogue.pull("efficientnet-lite0").parents[1])
    config.write_text(f"[memory]\ncache = {json.dumps(str(cache))}\n")
    ran = command(
        "evaluate", "texture", "--data", str(pictures), "--quick",
        "--config",
        str(config), "-o", str(folder),
        "--source", "nearest", "--source", "held-out",
    )  # fmt: skip
    assert ran.code == 0, ran.err
    assert "caption found, top 1" in ran.out
    assert str(folder / "index.html") in ran.out
    table = msgspec.json.decode((folder / "report.json").read_bytes(), type=Table)
    nearest, held_out = table.rows
    assert (table.n_training, table.n_held_out, table.n_captions) == (48, 12, 12)
    assert nearest.novelty == pytest.approx(0, abs=0.02)
    assert held_out.novelty == pytest.approx(1, abs=0.5)
    assert {path.name for path in cache.iterdir()} == {"models", "training", "evaluation"}
