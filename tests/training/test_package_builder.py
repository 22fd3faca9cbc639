"""Data sets of any kind, made from packages."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from vrbridge.errors import DataError
from vrbridge.training.debian import DebianPackage
from vrbridge.training.package_builder import PackageBuilder, chosen


@dataclass(frozen=True)
class Note:
    id: str
    package: str
    license_class: str = "gpl"


class Pen:
    """Writes a text for each note, the last first, and fails at one.

    Args:
        bad: Id of the note that can't be written.
    """

    def __init__(self, bad: str = "") -> None:
        self.bad = bad

    def make(
        self, deb: Path, package: DebianPackage, sources: Sequence[Note], *, folder: Path, scratch: Path
    ) -> Iterator[tuple[Note, dict[str, Any]]]:
        (scratch / "thing").touch()
        for source in reversed(sources):
            if source.id == self.bad:
                raise DataError(f"{source.id}: damaged.")
            (folder / f"{source.id}.txt").write_text(f"{deb.name} {package.version}")
            yield source, {"id": source.id, "file": f"{source.id}.txt"}

    def files_of(self, line: Mapping[str, Any], folder: Path) -> Sequence[str] | None:
        return [line["file"]] if "file" in line else None

    def credit(self, lines: Sequence[Mapping[str, Any]]) -> str:
        return f"{len(lines)} notes"


NOTES = [Note("1", "a"), Note("2", "b"), Note("3", "a", "permissive")]
PACKAGES = {name: DebianPackage(name, "1", "") for name in "abc"}
DEBS = {name: Path(f"{name}.deb") for name in "abc"}


def test_lines_are_in_the_manifest_s_order_and_nothing_else_is_left(tmp_path: Path) -> None:
    told: list[tuple[str, int]] = []
    builder = PackageBuilder(tmp_path / "out", NOTES, PACKAGES, Pen())
    assert [package.name for package in builder.packages_needed()] == ["a", "b"]
    builder.build(DEBS, lambda name, done: told.append((name, done)))
    assert told == [("a", 0), ("a", 1), ("a", 2), ("b", 2), ("b", 3)]
    lines = (tmp_path / "out" / "metadata.jsonl").read_text().splitlines()
    assert [json.loads(line)["id"] for line in lines] == ["1", "2", "3"]
    assert {path.name for path in (tmp_path / "out").iterdir()} == {
        "1.txt", "2.txt", "3.txt", "metadata.jsonl", "ATTRIBUTION.md",
    }  # fmt: skip
    assert (tmp_path / "out" / "ATTRIBUTION.md").read_text() == "3 notes"


def test_what_was_done_before_an_error_stays_done(tmp_path: Path) -> None:
    with pytest.raises(DataError, match="1: damaged"):
        PackageBuilder(tmp_path, NOTES, PACKAGES, Pen("1")).build(DEBS, lambda *_: None)
    again = PackageBuilder(tmp_path, NOTES, PACKAGES, Pen())
    assert again.n_done == 1
    again.build(DEBS, lambda *_: None)
    assert PackageBuilder(tmp_path, NOTES, PACKAGES, Pen()).packages_needed() == []


def test_lines_of_another_kind_count_for_nothing(tmp_path: Path) -> None:
    (tmp_path / "metadata.jsonl").write_text('{"id": "1"}\nno line\n[]\n{"id": "2", "file": "gone.txt"}\n')
    assert PackageBuilder(tmp_path, NOTES, PACKAGES, Pen()).n_done == 0


def test_licences_choose() -> None:
    assert [note.id for note in chosen(NOTES, "permissive")] == ["3"]
    assert len(chosen(NOTES, "all")) == 3
    with pytest.raises(DataError, match="'free' is none of"):
        chosen(NOTES, "free")
