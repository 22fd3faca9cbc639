"""The part of a Debian package that its models may refer to, open to be read in any order."""

import zipfile
from collections.abc import Collection, Iterator, Mapping
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

from vrbridge.errors import DataError
from vrbridge.training.debian import unpack_package
from vrbridge.training.game_models.parts import ModelFiles
from vrbridge.training.package_members import MAX_MEMBER_BYTES, SEPARATOR, archive_content, open_archive

_ENDINGS = frozenset(
    {".obj", ".mtl", ".ac", ".g3d", ".md2", ".md3", ".spm", ".xml"}
    | {".png", ".jpg", ".jpeg", ".tga", ".bmp", ".dds", ".rgb"}
)
"""Of plain files that models are in or refer to."""


@dataclass(frozen=True, slots=True)
class PackageTree:
    """Files of a package and of the archives in it."""

    _plain: ModelFiles
    _archives: Mapping[str, ModelFiles]

    def place(self, path: str) -> tuple[str, ModelFiles]:
        """Return a model's path among the files that it may refer to, and those files.

        Args:
            path: Inside the package's folder, such as `a/b.obj`, or `data.zip!a/b.obj` for one in an archive.

        Raises:
            DataError: If it isn't there.
        """
        outer, separator, inner = path.partition(SEPARATOR)
        if not separator:
            name, files = path, self._plain
        elif outer in self._archives:
            name, files = inner, self._archives[outer]
        else:
            raise DataError(f"{outer}: not in the package.")
        if name not in files:
            raise DataError(f"{path}: not in the package.")
        return name, files


@contextmanager
def open_package(deb: Path, folder: str, paths: Collection[str], *, scratch: Path) -> Iterator[PackageTree]:
    """Give what some models of a package may refer to.

    Archives are read where they are; of plain files all those are unpacked that lie below the same first
    folder as a model and that a model may be in or refer to.

    Args:
        deb: The package.
        folder: Of the package, where paths begin.
        paths: Of the models.
        scratch: An empty folder for temporary files of up to 8 GiB.

    Raises:
        DataError: If the package or an archive in it is damaged.
    """
    outers = {outer for outer, separator, _ in (path.partition(SEPARATOR) for path in paths) if separator}
    tops = {PurePosixPath(path).parts[0] for path in paths if SEPARATOR not in path}
    root = f"{folder}/" if folder else ""

    def is_wanted(name: str) -> bool:
        inside = name.removeprefix(root)
        if not name.startswith(root) or not inside:
            return False
        path = PurePosixPath(inside)
        return inside in outers or (path.parts[0] in tops and path.suffix.lower() in _ENDINGS)

    found = unpack_package(deb, is_wanted, scratch)
    by_path = {name.removeprefix(root): file for name, file in found.items()}
    with ExitStack() as stack:
        archives: dict[str, ModelFiles] = {}
        for outer in outers & by_path.keys():
            archive = stack.enter_context(open_archive(by_path[outer], outer))
            archives[outer] = _Zipped(outer, archive)
        yield PackageTree(_Plain(by_path), archives)


class _Plain:
    def __init__(self, files: Mapping[str, Path]) -> None:
        self._files = files

    def __contains__(self, name: object) -> bool:
        return name in self._files

    def read(self, name: str) -> bytes:
        if name not in self._files:
            raise DataError(f"{name}: not in the package.")
        path = self._files[name]
        if path.stat().st_size > MAX_MEMBER_BYTES:
            raise DataError(f"{name}: over {MAX_MEMBER_BYTES:,} bytes.")
        return path.read_bytes()


class _Zipped:
    def __init__(self, outer: str, archive: zipfile.ZipFile) -> None:
        self._outer = outer
        self._archive = archive
        self._names = frozenset(archive.namelist())

    def __contains__(self, name: object) -> bool:
        return name in self._names

    def read(self, name: str) -> bytes:
        return archive_content(self._archive, self._outer, name)
