"""`vrbridge data`."""

import json
from pathlib import Path

import msgspec
import pytest

from tests.cli.command import Command
from tests.training.debs import deb, needs_dpkg
from tests.training.game_models.samples import g3d, obj
from tests.training.mesh_sources import mesh_source
from tests.training.models_of import write_box
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


@pytest.fixture
def mesh_manifest(tmp_path: Path) -> Path:
    """A manifest of two models, and `debs` with their package beside it."""
    (tmp_path / "debs").mkdir()
    files = {"top/a.obj": obj(), "top/b.g3d": g3d(None)}
    package = deb(tmp_path / "debs", {f"usr/{name}": content for name, content in files.items()}, name="gems")
    folder = tmp_path / "manifest"
    folder.mkdir()
    lines = [
        mesh_source(files, "top/a.obj"),
        mesh_source(files, "top/b.g3d", id="00001", license_class="permissive"),
    ]
    (folder / "meshes.jsonl").write_bytes(b"\n".join(map(msgspec.json.encode, lines)))
    (folder / "packages.toml").write_text(
        f'[[package]]\nname = "gems"\nversion = "1.0-1"\nsha256 = "{package.sha256}"\nfolder = "usr"\n'
    )
    return folder


def make_meshes(command: Command, manifest: Path, *more: str, out: str = "out") -> str:
    debs = manifest.parent / "debs"
    arguments = ["--out", str(manifest.parent / out), "--manifest", str(manifest), "--debs", str(debs)]
    ran = command("data", "meshes", *arguments, *more)
    assert ran.code == 0, ran.err
    return ran.err


@needs_dpkg
def test_a_mesh_set_is_made_and_compared(command: Command, mesh_manifest: Path) -> None:
    folder, again = mesh_manifest.parent / "out", mesh_manifest.parent / "again"
    assert "2 models are in" in make_meshes(command, mesh_manifest)
    assert "2 models are in" in make_meshes(command, mesh_manifest)
    make_meshes(command, mesh_manifest, out="again")
    shown = command("data", "show", str(folder))
    assert shown.code == 0
    assert "models" in shown.out
    assert "gpl 1, permissive 1" in shown.out
    same = command("data", "compare", str(folder), str(again))
    assert same.code == 0
    assert "The same, up to a mean distance of 0.10%" in same.out
    write_box(again / "00001.glb", (1, 1, 1), (9, 9, 9))
    other = command("data", "compare", str(folder), str(again))
    assert other.code == 1
    assert "00001.glb" in other.out
    assert "Not the same" in other.out
    assert (
        command("data", "compare", str(folder), str(again), "--distance", "1", "--tolerance", "255").code == 0
    )


@needs_dpkg
def test_only_free_models_are_made_if_asked_for(command: Command, mesh_manifest: Path) -> None:
    assert "1 models are in" in make_meshes(command, mesh_manifest, "--licenses", "permissive")
    assert [path.name for path in (mesh_manifest.parent / "out").glob("*.glb")] == ["00001.glb"]


@pytest.mark.parametrize(
    ("arguments", "complaint"),
    [
        (["show", "{}/nowhere"], "there is no such folder"),
        (["show", "{}/manifest"], "holds no pictures"),
        (["textures", "--out", "{}/manifest", "--manifest", "{}/manifest"], "choose another folder"),
        (["textures", "--out", "{}/out", "--manifest", "{}/none"], "packages.toml: can't be read"),
        (["meshes", "--out", "{}/manifest"], "choose another folder"),
        (["meshes", "--out", "{}/out", "--manifest", "{}/manifest"], "meshes.jsonl: can't be read"),
        (["meshes", "--out", "{}/out", "--licenses", "free"], "'free' is none of"),
        (
            ["meshes", "--out", "{}/out", "--debs", "{}"],
            "sweethome3d-furniture_1.8-1_all.deb: it is not there",
        ),
        (["compare", "{}/nowhere", "{}/manifest"], "there is no such folder"),
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
