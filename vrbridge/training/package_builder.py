"""Makes a data set from Debian packages, and goes on where an earlier run ended."""

import json
import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from vrbridge.errors import DataError
from vrbridge.training.debian import DebianPackage
from vrbridge.training.folder_lines import LICENSE_LEVELS, METADATA_FILE

Report = Callable[[str, int], None]
"""Called with the package under way and the number of things done."""

_UNFINISHED = ".unfinished.jsonl"
_SCRATCH = ".scratch"


class Source(Protocol):
    """One thing of a data set, as a manifest lists it."""

    @property
    def id(self) -> str:
        """Its name in the data set."""
        ...

    @property
    def package(self) -> str:
        """Debian package that it comes from."""
        ...

    @property
    def license_class(self) -> str:
        """`permissive`, `share-alike` or `gpl`."""
        ...


_S = TypeVar("_S", bound=Source)


class Craft(Protocol[_S]):
    """Knows how things of one kind are made."""

    def make(
        self, deb: Path, package: DebianPackage, sources: Sequence[_S], *, folder: Path, scratch: Path
    ) -> Iterator[tuple[_S, dict[str, Any]]]:
        """Write the files of each source into the folder, and yield it with its line of the metadata.

        Args:
            deb: The package's file.
            package: What is known of it.
            sources: All from this package; they may come back in another order.
            folder: Of the data set. A file is written under another name and moved to its place when whole.
            scratch: Folder for temporary files.

        Raises:
            DataError: If the package holds something else than the manifest says.
            OSError: If a file can't be written.
        """
        ...

    def files_of(self, line: Mapping[str, Any], folder: Path) -> Sequence[str] | None:
        """Return the files that a line of an earlier run stands for, or None if it is no such line.

        Raises:
            DataError: If it was made otherwise than this would make it.
        """
        ...

    def credit(self, lines: Sequence[Mapping[str, Any]]) -> str:
        """Return Markdown that names the authors and licences."""
        ...


class PackageBuilder(Generic[_S]):
    """Writes things, `metadata.jsonl` and `ATTRIBUTION.md` into a folder.

    Args:
        folder: An empty or new folder, or one that this class has written to before.
        sources: The things to make.
        packages: Packages by name; all of the sources' must be among them.
        craft: Makes them.

    Raises:
        DataError: If the folder holds something else, or things that were made otherwise.
    """

    def __init__(
        self,
        folder: Path,
        sources: Sequence[_S],
        packages: Mapping[str, DebianPackage],
        craft: Craft[_S],
    ) -> None:
        self._folder = folder
        self._sources = sources
        self._packages = packages
        self._craft = craft
        self._lines = self._lines_of_earlier_runs()

    @property
    def n_done(self) -> int:
        """How many of the things are there already."""
        return sum(source.id in self._lines for source in self._sources)

    def packages_needed(self) -> list[DebianPackage]:
        """Return the packages of the things that are still missing, in the manifest's order."""
        names = dict.fromkeys(s.package for s in self._sources if s.id not in self._lines)
        return [self._packages[name] for name in names]

    def build(self, debs: Mapping[str, Path], report: Report) -> None:
        """Make what is missing; each thing that is done stays done if this is stopped.

        Args:
            debs: The .deb files of `packages_needed`, by name.
            report: Told of each package and each thing.

        Raises:
            DataError: If a package or a file in it is not what the manifest says, or the disk is full.
        """
        missing: defaultdict[str, list[_S]] = defaultdict(list)
        for source in self._sources:
            if source.id not in self._lines:
                missing[source.package].append(source)
        scratch = self._folder / _SCRATCH
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            # Written anew: its last line may have been cut off.
            _replace(self._folder / _UNFINISHED, _text(self._lines.values()))
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir()
            with (self._folder / _UNFINISHED).open("a", encoding="utf-8") as done:
                for name, sources in missing.items():
                    report(name, self.n_done)
                    for source, line in self._craft.make(
                        debs[name], self._packages[name], sources, folder=self._folder, scratch=scratch
                    ):
                        done.write(_text([line]))
                        done.flush()
                        self._lines[source.id] = line
                        report(name, self.n_done)
            self._finish()
        except OSError as error:
            raise DataError(
                f"{self._folder}: can't be written: {error.strerror}. The same command goes on."
            ) from error
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _lines_of_earlier_runs(self) -> dict[str, dict[str, Any]]:
        if not self._folder.exists():
            return {}
        if not self._folder.is_dir():
            raise DataError(f"{self._folder}: this is no folder.")
        texts = [self._folder / METADATA_FILE, self._folder / _UNFINISHED]
        if not any(text.is_file() for text in texts) and any(self._folder.iterdir()):
            raise DataError(
                f"{self._folder}: not empty, and no data set made by this command; choose another folder."
            )
        lines = {}
        for text in texts:
            for line in _json_lines(text):
                files = self._craft.files_of(line, self._folder)
                if files is not None and all((self._folder / name).is_file() for name in files):
                    lines[line["id"]] = line
        return lines

    def _finish(self) -> None:
        """Describe exactly the things that were asked for."""
        lines = [self._lines[source.id] for source in self._sources]
        _replace(self._folder / "ATTRIBUTION.md", self._craft.credit(lines))
        _replace(self._folder / METADATA_FILE, _text(lines))
        (self._folder / _UNFINISHED).unlink(missing_ok=True)


def chosen(sources: Iterable[_S], licenses: str) -> list[_S]:
    """Return the sources of a licence level: `permissive`, `share-alike` (both) or `all`.

    Raises:
        DataError: If there is no such level.
    """
    if licenses not in LICENSE_LEVELS:
        raise DataError(f"licences: {licenses!r} is none of {', '.join(LICENSE_LEVELS)}.")
    allowed = LICENSE_LEVELS[licenses]
    return [source for source in sources if allowed is None or source.license_class in allowed]


def _text(lines: Iterable[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _replace(path: Path, text: str) -> None:
    unfinished = path.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the whole lines of a file; the last one may have been cut off."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            values = json.loads(line)
        except ValueError:
            continue
        if isinstance(values, dict) and isinstance(values.get("id"), str):
            yield values
