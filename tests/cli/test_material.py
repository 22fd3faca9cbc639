"""A photograph from the command line, through a real server."""

import io
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.cli.command import Command
from tests.integration.serving import Serving
from tests.jobs.test_material_work import stones
from vrbridge.cli.material import fitting
from vrbridge.errors import SettingsError
from vrbridge.protocol.params import MAX_IMAGE_BYTES


@pytest.mark.models
@pytest.mark.xdist_group("server")
def test_a_photograph_is_written_as_pictures(command: Command, server: Serving, tmp_path: Path) -> None:
    photo = tmp_path / "My Wall.jpg"
    Image.fromarray(stones(200, 260)).save(photo)
    wall = tmp_path / "wall"
    ran = command("material", str(photo), "-o", str(wall), "--size", "128", "--url", server.url)
    assert ran.code == 0, ran.err
    names = ["base_color", "normal", "orm", "height", "tiled"]
    assert ran.out.split() == [str(wall / f"{name}.png") for name in names]
    with Image.open(wall / "normal.png") as normal:
        assert normal.size == (128, 128)


def test_what_is_no_file_or_no_picture_is_said(command: Command, tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("bricks")
    for name, reason in (("gone.jpg", "No such file"), ("notes.txt", "no picture")):
        ran = command("material", str(tmp_path / name))
        assert ran.code == 2
        assert name in ran.err
        assert reason in ran.err


def test_small_files_are_sent_as_they_are(tmp_path: Path) -> None:
    photo = tmp_path / "wall.webp"
    Image.fromarray(stones(64, 64)).save(photo)
    assert fitting(photo) == photo.read_bytes()


def test_large_and_unusual_files_are_made_to_fit(tmp_path: Path) -> None:
    noise = np.random.default_rng(0).integers(0, 255, (1500, 2000, 3), np.uint8)
    Image.fromarray(noise).save(tmp_path / "large.png")
    Image.fromarray(stones(64, 80)).save(tmp_path / "small.tif")
    large, small = fitting(tmp_path / "large.png"), fitting(tmp_path / "small.tif")
    assert len(large) <= MAX_IMAGE_BYTES
    with Image.open(io.BytesIO(large)) as opened:
        width, height = opened.size
        assert opened.format == "JPEG"
        assert width / height == pytest.approx(4 / 3, rel=0.01)
    with Image.open(io.BytesIO(small)) as opened:
        assert opened.size == (80, 64)


def test_a_bomb_is_not_opened(tmp_path: Path) -> None:
    Image.new("1", (9000, 9000)).save(tmp_path / "bomb.tif", compression="group4")
    with pytest.raises(SettingsError, match="9000 × 9000"):
        fitting(tmp_path / "bomb.tif")
