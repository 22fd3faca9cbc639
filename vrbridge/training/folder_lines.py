"""What any data folder has: lines of metadata, files, words and licence classes."""

import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import Any, Protocol, TypeVar

from vrbridge.errors import DataError
from vrbridge.training.captions import CAPTIONS_FILE, caption_of_name, read_captions

METADATA_FILE = "metadata.jsonl"

LICENSE_LEVELS: Mapping[str, frozenset[str] | None] = {
    "permissive": frozenset({"permissive"}),
    "share-alike": frozenset({"permissive", "share-alike"}),
    "all": None,
}
"""Licence classes that each level lets in; None: any."""

_MAX_METADATA_BYTES = 256 * 1024 * 1024
_MAX_FILES = 200_000


@dataclass(frozen=True, slots=True)
class Line:
    """A line of `metadata.jsonl`.

    Attributes:
        values: Its object.
        where: How errors call it.
    """

    values: Mapping[str, Any]
    where: str

    def text(self, key: str) -> str:
        """Return a text, empty if there is none.

        Raises:
            DataError: If it is something else.
        """
        value = self.values.get(key) or ""
        if not isinstance(value, str):
            raise DataError(f"{self.where}: {key!r} is no text.")
        return value

    def file(self, folder: Path, name: str) -> str:
        """Return the name of a file if it is one inside the folder.

        Raises:
            DataError: If it isn't.
        """
        path = PurePosixPath(name)
        if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
            raise DataError(f"{self.where}: {name!r} leads out of the folder.")
        if not (folder / path).is_file():
            raise DataError(f"{self.where}: {name} is not there.")
        return name


def metadata_lines(folder: Path) -> Iterator[Line]:
    """Yield the lines of a folder's `metadata.jsonl`.

    Raises:
        DataError: If it is too large, or a line is no JSON object.
    """
    path = folder / METADATA_FILE
    if path.stat().st_size > _MAX_METADATA_BYTES:
        raise DataError(f"{METADATA_FILE}: over 256 MiB.")
    with path.open(encoding="utf-8") as lines:
        try:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    yield _parsed(line, f"{METADATA_FILE}, line {number}")
        except UnicodeDecodeError as error:
            raise DataError(f"{METADATA_FILE}: not UTF-8.") from error


def _parsed(line: str, where: str) -> Line:
    try:
        values: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where}: not JSON.") from error
    if not isinstance(values, dict):
        raise DataError(f"{where}: not an object.")
    return Line(values, where)


class Licensed(Protocol):
    """Something of a data folder."""

    @property
    def license_class(self) -> str:
        """`permissive`, `share-alike` or `gpl`; empty if unknown."""
        ...


_L = TypeVar("_L", bound=Licensed)


def check_folder(folder: Path, licenses: str | None) -> bool:
    """Return whether a folder has metadata.

    Raises:
        DataError: If there is no such folder, or no such level of licences.
    """
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such folder.")
    if licenses is not None and licenses not in LICENSE_LEVELS:
        raise DataError(f"licences: {licenses!r} is none of {', '.join(LICENSE_LEVELS)}.")
    return (folder / METADATA_FILE).is_file()


def licensed(found: list[_L], folder: Path, licenses: str | None, *, what: str) -> list[_L]:
    """Return those of a licence level.

    Args:
        found: All of the folder.
        folder: For errors.
        licenses: `permissive`, `share-alike` (both) or `all`; None: all.
        what: Plural, for errors.

    Raises:
        DataError: If there are none, or no licences are known.
    """
    allowed = LICENSE_LEVELS[licenses or "all"]
    if allowed is None:
        return found
    if not (folder / METADATA_FILE).is_file():
        raise DataError(
            f"{folder.name}: without {METADATA_FILE} no licences are known; leave out --licenses."
        )
    chosen = [one for one in found if one.license_class in allowed]
    if not chosen:
        raise DataError(f"{folder.name}: none of {len(found)} {what} has a licence of class {licenses!r}.")
    return chosen


def files_in(folder: Path, endings: frozenset[str], *, what: str) -> list[Path]:
    """Return all files of some endings in a folder and below, hidden ones left out.

    Args:
        folder: To search.
        endings: Lower case, with the dot.
        what: Plural, for errors.

    Raises:
        DataError: If there are too many.
    """
    found = []
    for path in folder.rglob("*"):
        is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in endings and not is_hidden and path.is_file():
            found.append(path)
        if len(found) > _MAX_FILES:
            raise DataError(f"{folder.name}: over {_MAX_FILES:,} {what}.")
    return sorted(found)


def captions_in(folder: Path, files: Iterable[str], shown: Sequence[str]) -> dict[str, str]:
    """Return captions by file: of `captions.csv`, or without one of the files' names.

    Args:
        folder: That may hold the CSV file.
        files: Paths inside the folder that it may name.
        shown: Those that it has to name.

    Raises:
        DataError: If a file has no caption, or a caption no file.
    """
    path = folder / CAPTIONS_FILE
    if path.is_file():
        captions = read_captions(path)
        known = set(files)
        _refuse(
            f"{CAPTIONS_FILE} names files that are not there",
            [name for name in captions if name not in known],
        )
        _refuse(f"{CAPTIONS_FILE} has no line for", [name for name in shown if name not in captions])
        return captions
    captions = {name: caption_of_name(PurePosixPath(name).stem) for name in shown}
    nameless = [name for name, caption in captions.items() if not caption]
    _refuse(f"a name without words; rename, or write a {CAPTIONS_FILE} with lines `file,caption`", nameless)
    return captions


def _refuse(why: str, names: list[str]) -> None:
    if names:
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        raise DataError(f"{why}: {', '.join(names[:3])}{more}.")
