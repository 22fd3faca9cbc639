"""Packages whose files are read in any order."""

from pathlib import Path

import pytest

from tests.training.debs import deb, needs_dpkg, zipped
from vrbridge.errors import DataError
from vrbridge.training import package_tree
from vrbridge.training.package_tree import open_package

pytestmark = needs_dpkg


@pytest.fixture
def package(tmp_path: Path) -> Path:
    files = {
        "usr/top/a/x.obj": b"X",
        "usr/top/skins/s.PNG": b"S",
        "usr/top/notes.txt": b"N",
        "usr/side/y.obj": b"Y",
        "usr/data.zip": zipped({"a/z.obj": b"Z"}),
        "etc/top/w.obj": b"W",
    }
    deb(tmp_path, files)
    (tmp_path / "scratch").mkdir()
    return tmp_path / "bricks_1.0-1_all.deb"


def test_a_model_is_among_the_files_of_its_top_folder_or_its_archive(package: Path) -> None:
    scratch = package.parent / "scratch"
    with open_package(package, "usr", ["top/a/x.obj", "data.zip!a/z.obj"], scratch=scratch) as tree:
        name, files = tree.place("top/a/x.obj")
        assert (name, files.read(name), files.read("top/skins/s.PNG")) == ("top/a/x.obj", b"X", b"S")
        assert not any(other in files for other in ("top/notes.txt", "side/y.obj", "../etc/top/w.obj"))
        inner, zipped_files = tree.place("data.zip!a/z.obj")
        assert (inner, zipped_files.read(inner)) == ("a/z.obj", b"Z")
        for read in (files.read, zipped_files.read):
            with pytest.raises(DataError, match="none"):
                read("none")


@pytest.mark.parametrize("path", ["top/none.obj", "data.zip!none.obj", "none.zip!a.obj"])
def test_what_is_missing_is_named(package: Path, path: str) -> None:
    paths = [path, "data.zip!a/z.obj"]
    with (
        open_package(package, "usr", paths, scratch=package.parent / "scratch") as tree,
        pytest.raises(DataError, match="none"),
    ):
        tree.place(path)


def test_a_large_file_is_not_read(package: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(package_tree, "MAX_MEMBER_BYTES", 0)
    with open_package(package, "usr", ["top/a/x.obj"], scratch=package.parent / "scratch") as tree:
        name, files = tree.place("top/a/x.obj")
        with pytest.raises(DataError, match=r"top/a/x\.obj: over 0 bytes"):
            files.read(name)
