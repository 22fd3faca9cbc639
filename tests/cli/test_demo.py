"""What a demo leaves in its folder."""

import re
from pathlib import Path

import pytest
from PIL import Image

from tests.cli.command import Command
from tests.client.demo.walks import visit
from vrbridge.cli.ask import file_name
from vrbridge.cli.demo import write_report


@pytest.mark.parametrize(
    ("prompt", "name"),
    [
        ("Mossy stone wall", "mossy-stone-wall"),
        ("../../etc/passwd", "etc-passwd"),
        ("日本", "unnamed"),
        ("C:\\x*?", "c-x"),
    ],
)
def test_prompts_become_names_that_every_file_system_takes(prompt: str, name: str) -> None:
    assert file_name(prompt) == name


def test_every_link_of_the_page_leads_to_a_file(tmp_path: Path) -> None:
    page = write_report(visit(), tmp_path)
    assert page == tmp_path / "index.html"
    links = [link for link in re.findall(r'href="([^"]+)"', page.read_text("utf-8")) if link[0] != "#"]
    assert sorted(links) == ["materials/moss-stone/", "materials/red-brick/", "props/oak-door.glb"]
    for link in links:
        assert (tmp_path / link).exists()
    with Image.open(tmp_path / "materials" / "red-brick" / "tiled.png") as picture:
        assert picture.size == (24, 24)


def test_a_folder_that_can_not_be_written_is_one_line(command: Command, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    ran = command("demo", "--out", str(tmp_path / "file" / "demo"), "--url", "ws://127.0.0.1:1/ws")
    assert ran.code == 2
    assert "Can't write to" in ran.err
    assert len(ran.err.strip().splitlines()) == 1


def test_a_server_that_is_not_there_is_one_line(command: Command, tmp_path: Path) -> None:
    ran = command("demo", "--out", str(tmp_path), "--url", "ws://127.0.0.1:1/ws")
    assert ran.code == 2
    assert "Nothing answers at ws://127.0.0.1:1/ws" in ran.err
    assert "Traceback" not in ran.err
