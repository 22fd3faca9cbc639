"""A short walk through a real server; `make demo` walks the long one."""

from pathlib import Path

import pytest

from tests.cli.command import Command
from tests.integration.serving import Serving

pytestmark = [pytest.mark.models, pytest.mark.xdist_group("server")]

SCENE = """
title = "A short walk"
text = "One stop."
speed_m_s = 9.0
eye_height_m = 1.6
see_m = 5.0
start = [0.0, 3.0]
seed = 5
texture_px = 256
prop_texture_px = 64

[[object]]
id = "wall"
name = "stone wall"
position = [0.0, 1.0, 0.0]

[[object]]
id = "smith"
name = "the blacksmith"
position = [1.0, 0.0, 0.0]

[[stop]]
place = "the smithy"
position = [0.0, 2.0]
focus = "wall"

[[stop.ask]]
kind = "texture"
object = "wall"
prompt = "grey granite"
drop = true

[[stop.ask]]
kind = "texture"
object = "wall"
prompt = "red clay bricks"
slot = "wall"
instead_of = "yellow sand"

[[stop.ask]]
kind = "texture"
object = "wall"
prompt = "golden mosaic tiles"
size_px = 2048
cancel = true

[[stop.ask]]
kind = "mesh"
object = "smith"
prompt = "wooden stool"

[stop.talk]
npc = "blacksmith"
object = "smith"

[[stop.talk.line]]
text = "Good day!"
heard = 0.5
"""


def test_a_walk_shows_everything_that_it_promises(command: Command, server: Serving, tmp_path: Path) -> None:
    script = tmp_path / "short.toml"
    script.write_text(SCENE)
    out = tmp_path / "out"
    ran = command("demo", "--scene", str(script), "--out", str(out), "--url", server.url)
    assert ran.code == 0, ran.err
    assert ran.out.strip() == str(out / "index.html")
    page = (out / "index.html").read_text("utf-8")
    assert sorted(path.name for path in (out / "materials").iterdir()) == ["grey-granite", "red-clay-bricks"]
    assert [path.name for path in (out / "props").iterdir()] == ["wooden-stool.glb"]
    # Three pictures and four maps a material, two views a prop.
    assert page.count("<img ") == 2 * 7 + 2
    for mark in (">Cancelled<", ">Superseded<", ">Connection lost<", "The session went on where it was"):
        assert mark in page
    assert "<b>0</b> bytes came twice, <b>0</b> requests were sent again" in page
    assert page.count("first word after") == 1
    assert "the player left before the pale part" in page
