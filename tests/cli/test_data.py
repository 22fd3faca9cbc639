"""`vrbridge data`."""

import json
from pathlib import Path

import msgspec
import pytest

from tests.cli.command import Command
from tests.training.debs import deb, needs_dpkg
from tests.training.pictures import noise, packed, write
from tests.training.sources import source


@pytest.fixture
def manifest(tmp_path: Path) -> Path:
    """A manifest of two pictures, and `debs` with their package beside it."""
    (tmp_path / "debs").mkdir()
    files = {f"usr/{name}.png": packed(noise(index), "png") for index, name in enumerate("ab")}
    package = deb(tmp_path / "debs", files, subfolder="usr")
    folder = tmp_path / "manifest"
    folder.mkdir()
    lines = [
        source({"color": noise(0)}, id="00000", path="a.png", caption="yellow rippled sand", category="sand"),
        source({"color": noise(1)}, id="00001", path="b.png", license_class="permissive"),
    ]
    (folder / "textures.jsonl").write_bytes(b"\n".join(map(msgspec.json.encode, lines)))
    (folder / "packages.toml").write_text(
        f'[[package]]\nname = "bricks"\nversion = "1.0-1"\nsha256 = "{package.sha256}"\n'
        f'bytes = {package.bytes}\nfolder = "usr"\ncopyrights = ["Ann"]\n'
    )
    return folder


def make(command: Command, manifest: Path, *more: str, out: str = "out") -> str:
    arguments = ["--out", str(manifest.parent / out), "--manifest", str(manifest), "--size", "64", *more]
    ran = command("data", "textures", *arguments, "--debs", str(manifest.parent / "debs"))
    assert ran.code == 0, ran.err
    return ran.err


@needs_dpkg
def test_a_data_set_is_made_shown_and_compared(command: Command, manifest: Path) -> None:
    folder = manifest.parent / "out"
    assert "2 pictures are in" in make(command, manifest)
    shown = command("data", "show", str(folder))
    assert shown.code == 0
    assert "1 (50.0%) of 1 materials" in shown.out
    assert "rippled sand 1" in shown.out
    assert "gpl 1, permissive 1" in shown.out
    same = command("data", "compare", str(folder), str(folder))
    assert same.code == 0
    assert "The same" in same.out
    write(folder / "00001_albedo.webp", noise(50))
    make(command, manifest, out="out2")
    other = command("data", "compare", str(folder), str(manifest.parent / "out2"))
    assert other.code == 1
    assert "00001_albedo.webp" in other.out
    assert "Not the same" in other.out


@needs_dpkg
def test_only_free_pictures_are_made_if_asked_for(command: Command, manifest: Path) -> None:
    assert "1 pictures are in" in make(command, manifest, "--licenses", "permissive")
    lines = (manifest.parent / "out" / "metadata.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["00001"]


@needs_dpkg
def test_packages_are_fetched_with_apt_where_none_are_given(
    command: Command, manifest: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    home, tools = manifest.parent, manifest.parent / "bin"
    tools.mkdir()
    (tools / "apt-get").write_text(f"#!/bin/sh\ncp {home}/debs/bricks_1.0-1_all.deb .\n")
    (tools / "apt-get").chmod(0o755)
    (home / "vrbridge.toml").write_text(f'[memory]\ncache = "{home}/cache"\n')
    arguments = ["--out", str(home / "out"), "--manifest", str(manifest), "--size", "64"]
    ran = command(
        "data", "textures", *arguments, "--config", str(home / "vrbridge.toml"), PATH=f"{tools}:/usr/bin:/bin"
    )
    assert ran.code == 0, ran.err
    assert f"The packages stay in {home}/cache/debs" in ran.err
    assert (home / "cache/debs/bricks_1.0-1_all.deb").is_file()
    # A second run has all it needs, and says nothing of packages.
    again = command("data", "textures", *arguments, PATH="/nowhere")
    assert again.code == 0
    assert "packages stay" not in again.err


def test_too_little_room_is_said_before_anything_is_fetched(
    command: Command, manifest: Path, tmp_path: Path
) -> None:
    text = (manifest / "packages.toml").read_text()
    (manifest / "packages.toml").write_text(text.replace("bytes = ", "bytes = 999999999999"))
    (tmp_path / "vrbridge.toml").write_text(f'[memory]\ncache = "{tmp_path}/cache"\n')
    ran = command(
        "data", "textures", "--out", str(tmp_path / "out"), "--manifest", str(manifest), "--config",
        str(tmp_path / "vrbridge.toml"),
    )  # fmt: skip
    assert ran.code == 2
    assert "GB are needed" in ran.err
    assert not (tmp_path / "cache").exists()


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["show", "{}/nowhere"], "there is no such folder"),
        (["show", "{}/manifest"], "holds no pictures"),
        (["textures", "--out", "{}/manifest", "--manifest", "{}/manifest"], "choose another folder"),
        (["textures", "--out", "{}/out", "--manifest", "{}/none"], "packages.toml: can't be read"),
        (
            ["textures", "--out", "{}/out", "--licenses", "free"],
            "'free' is none of permissive, share-alike, all",
        ),
        (
            ["textures", "--out", "{}/out", "--manifest", "{}/manifest", "--debs", "{}"],
            "bricks_1.0-1_all.deb: it is not there",
        ),
    ],
)
def test_what_the_user_got_wrong_is_one_line(
    command: Command, manifest: Path, arguments: list[str], complaint: str
) -> None:
    ran = command("data", *(argument.format(manifest.parent) for argument in arguments))
    assert ran.code == 2
    assert complaint in ran.err
    assert "Traceback" not in ran.err
