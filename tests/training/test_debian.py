"""Fetching, checking and reading Debian packages, with small ones made here."""

import hashlib
from pathlib import Path

import pytest

from tests.training.debs import deb, needs_dpkg
from vrbridge.errors import DataError
from vrbridge.settings import assets_dir
from vrbridge.training import debian
from vrbridge.training.debian import (
    DebianPackage,
    download_package,
    find_package,
    package_files,
    read_packages,
    unpack_package,
)


def fake_apt(folder: Path, script: str, monkeypatch: pytest.MonkeyPatch) -> None:
    folder.mkdir()
    (folder / "apt-get").write_text(f"#!/bin/sh\n{script}\n")
    (folder / "apt-get").chmod(0o755)
    monkeypatch.setenv("PATH", f"{folder}:/usr/bin:/bin")


def test_every_package_of_the_textures_has_a_version_and_a_hash() -> None:
    packages = read_packages(assets_dir() / "datasets" / "packages.toml")
    assert packages["torcs-data"].file_name == "torcs-data_1.3.7+dfsg-5_all.deb"
    assert all(len(bytes.fromhex(package.sha256)) == 32 for package in packages.values())


@pytest.mark.parametrize("text", ["", "package = 1", "[[package]]\nname = 'a'", "["])
def test_a_broken_list_is_refused(tmp_path: Path, text: str) -> None:
    (tmp_path / "packages.toml").write_text(text)
    with pytest.raises(DataError, match=r"packages\.toml: needs"):
        read_packages(tmp_path / "packages.toml")
    with pytest.raises(DataError, match="can't be read"):
        read_packages(tmp_path / "none.toml")


def test_an_epoch_is_escaped_as_apt_does() -> None:
    assert DebianPackage("a", "1:2-3", "").file_name == "a_1%3a2-3_all.deb"


def test_missing_other_and_damaged_packages_are_told_apart(tmp_path: Path) -> None:
    right = tmp_path / "bricks_1.0-1_all.deb"
    package = DebianPackage("bricks", "1.0-1", hashlib.sha256(b"whole").hexdigest())
    with pytest.raises(
        DataError, match=r"it is not there; version 1\.0-1 is needed.*snapshot\.debian\.org/package/bricks/"
    ):
        find_package(package, tmp_path)
    (tmp_path / "bricks_0.9-1_all.deb").write_bytes(b"old")
    with pytest.raises(DataError, match=r"only bricks_0\.9-1_all\.deb is there"):
        find_package(package, tmp_path)
    right.write_bytes(b"hole")
    with pytest.raises(DataError, match="damaged or changed"):
        find_package(package, tmp_path)
    right.write_bytes(b"whole")
    assert find_package(package, tmp_path) == right


def test_apt_fetches_once_what_is_missing(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    package = DebianPackage("bricks", "1.0-1", hashlib.sha256(b"whole").hexdigest())
    script = f'echo "$@" >> {tmp_path}/calls; printf whole > bricks_1.0-1_all.deb'
    fake_apt(tmp_path / "bin", script, monkeypatch)
    for _ in range(2):
        assert download_package(package, tmp_path / "debs").read_bytes() == b"whole"
    assert (tmp_path / "calls").read_text() == "download -q bricks=1.0-1\n"
    assert [path.name for path in (tmp_path / "debs").iterdir()] == ["bricks_1.0-1_all.deb"]


@pytest.mark.parametrize(
    ("script", "complaint"),
    [
        ("echo 'E: Version was not found' >&2; exit 100", "apt-get says: E: Version was not found"),
        ("printf half > bricks_1.0-1_all.deb", "damaged or changed"),
        ("printf whole > bricks_2.0-1_all.deb", r"only bricks_2\.0-1_all\.deb"),
    ],
)
def test_what_apt_gets_wrong_leaves_nothing_behind(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, script: str, complaint: str
) -> None:
    package = DebianPackage("bricks", "1.0-1", hashlib.sha256(b"whole").hexdigest())
    fake_apt(tmp_path / "bin", script, monkeypatch)
    with pytest.raises(DataError, match=complaint):
        download_package(package, tmp_path / "debs")
    assert list((tmp_path / "debs").iterdir()) == []


def test_without_apt_the_other_way_is_named(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", str(tmp_path))
    with pytest.raises(DataError, match="--debs"):
        download_package(DebianPackage("bricks", "1.0-1", ""), tmp_path)


@needs_dpkg
def test_only_named_files_are_read(tmp_path: Path) -> None:
    package = deb(tmp_path, {"usr/a.png": b"A", "usr/b.png": b"B", "usr/c.png": b"C"})
    path = find_package(package, tmp_path)
    found = {name: file.read_bytes() for name, file in package_files(path, ["usr/a.png", "usr/c.png"])}
    assert found == {"usr/a.png": b"A", "usr/c.png": b"C"}


@needs_dpkg
def test_links_and_absent_files_are_refused(tmp_path: Path) -> None:
    secret = tmp_path / "secret"
    secret.write_bytes(b"secret")
    package = deb(tmp_path, {"usr/a.png": b"A"}, link=("usr/b.png", str(secret)))
    path = find_package(package, tmp_path)
    for name in ("usr/b.png", "usr/none.png", "../secret"):
        with pytest.raises(DataError, match="is not in it"):
            list(package_files(path, [name]))


@needs_dpkg
def test_a_cut_package_is_refused(tmp_path: Path) -> None:
    package = deb(tmp_path, {"usr/a.png": bytes(100_000)})
    path = find_package(package, tmp_path)
    path.write_bytes(path.read_bytes()[:50_000])
    with pytest.raises(DataError, match="damaged"):
        list(package_files(path, ["usr/a.png"]))


@needs_dpkg
def test_wanted_files_are_unpacked_under_numbers_and_links_followed_inside(tmp_path: Path) -> None:
    files = {"usr/a/x.obj": b"X", "usr/a/y.txt": b"Y", "usr/b/z.obj": b"Z"}
    for name, target in (("in", "../a/x.obj"), ("out", "../../../../etc/passwd")):
        deb(tmp_path, files, link=(f"usr/b/{name}.obj", target), name=name)
        folder = tmp_path / f"unpacked-{name}"
        folder.mkdir()
        found = unpack_package(tmp_path / f"{name}_1.0-1_all.deb", lambda path: path.endswith(".obj"), folder)
        contents = {path: file.read_bytes() for path, file in found.items()}
        linked = {"usr/b/in.obj": b"X"} if name == "in" else {}
        assert contents == {"usr/a/x.obj": b"X", "usr/b/z.obj": b"Z"} | linked
        assert sorted(file.name for file in folder.iterdir()) == ["0", "1"]


@needs_dpkg
def test_too_much_or_damage_stops_the_unpacking(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    deb(tmp_path, {"usr/a": bytes(1000), "usr/b": bytes(1000)})
    monkeypatch.setattr(debian, "MAX_UNPACKED_BYTES", 1500)
    (tmp_path / "folder").mkdir()
    with pytest.raises(DataError, match="over 1,500 bytes to unpack"):
        unpack_package(tmp_path / "bricks_1.0-1_all.deb", lambda _: True, tmp_path / "folder")
    (tmp_path / "bricks_1.0-1_all.deb").write_bytes(b"no package")
    with pytest.raises(DataError, match="no Debian package"):
        unpack_package(tmp_path / "bricks_1.0-1_all.deb", lambda _: True, tmp_path / "folder")
