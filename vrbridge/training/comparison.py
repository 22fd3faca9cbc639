"""Compares two data folders picture by picture."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import numpy as np

from vrbridge.encoding.photo import rgb
from vrbridge.training.data_folder import Picture, read_folder
from vrbridge.training.pictures import open_picture

Progress = Callable[[int, int], None]
"""Called with pictures done and pictures in all."""


@dataclass(frozen=True, slots=True)
class KindComparison:
    """How far pictures of one kind are apart.

    Attributes:
        differences: Mean absolute difference over pixels and channels, 0–255, by file; files of different
            sizes have 255.
        only_left: Files whose counterpart is missing in the right folder.
        only_right: Files whose counterpart is missing in the left one.
    """

    differences: dict[str, float]
    only_left: list[str]
    only_right: list[str]

    @property
    def n_identical(self) -> int:
        """Pictures with the same pixels."""
        return sum(not difference for difference in self.differences.values())

    @property
    def mean(self) -> float:
        """Mean difference of all pictures; 0 if there are none."""
        return float(np.mean(list(self.differences.values()))) if self.differences else 0.0

    @property
    def worst(self) -> tuple[str, float]:
        """The file that differs most, and by how much."""
        return max(self.differences.items(), key=lambda item: item[1], default=("", 0.0))


@dataclass(frozen=True, slots=True)
class FolderComparison:
    """How far two data folders are apart.

    Attributes:
        kinds: By `color`, `normal`, `gloss` and `height`.
        other_words: Files whose caption, category, licence or tileability differs.
    """

    kinds: dict[str, KindComparison]
    other_words: list[str]

    def is_same(self, tolerance: float) -> bool:
        """Return whether the folders hold the same words and pictures, up to a mean difference of 0–255."""
        return not self.other_words and all(
            not kind.only_left and not kind.only_right and kind.worst[1] <= tolerance
            for kind in self.kinds.values()
        )


def compare_folders(left: Path, right: Path, *, progress: Progress | None = None) -> FolderComparison:
    """Return the differences of two data folders; pictures are matched by their file names.

    Args:
        left: A data folder.
        right: Another.
        progress: Told of each picture.

    Raises:
        DataError: If a folder or picture can't be read.
    """
    here = {picture.file: picture for picture in read_folder(left)}
    there = {picture.file: picture for picture in read_folder(right)}
    both = [name for name in here if name in there]
    differences: dict[str, dict[str, float]] = {kind: {} for kind in ("color", "normal", "gloss", "height")}
    for index, name in enumerate(both, 1):
        files, others = _files(here[name]), _files(there[name])
        for kind in files.keys() & others.keys():
            differences[kind][files[kind]] = _difference(left / files[kind], right / others[kind])
        if progress is not None:
            progress(index, len(both))
    return FolderComparison(
        {kind: KindComparison(found, *_unmatched(kind, here, there)) for kind, found in differences.items()},
        [name for name in both if _words(here[name]) != _words(there[name])],
    )


def _files(picture: Picture) -> dict[str, str]:
    return {"color": picture.file, **picture.maps}


def _words(picture: Picture) -> tuple[object, ...]:
    return picture.caption, picture.category, picture.license, picture.license_class, picture.is_tileable


def _unmatched(kind: str, here: dict[str, Picture], there: dict[str, Picture]) -> tuple[list[str], list[str]]:
    def only(these: dict[str, Picture], those: dict[str, Picture]) -> list[str]:
        return [
            _files(picture)[kind]
            for name, picture in these.items()
            if kind in _files(picture) and (name not in those or kind not in _files(those[name]))
        ]

    return only(here, there), only(there, here)


def _difference(left: Path, right: Path) -> float:
    values = [np.asarray(rgb(open_picture(path, path.name)), np.int16) for path in (left, right)]
    if values[0].shape != values[1].shape:
        return 255.0
    return float(np.abs(values[0] - values[1]).mean())
