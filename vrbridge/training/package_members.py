"""Files inside Debian packages, and inside archives that lie in those packages."""

import zipfile
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from pathlib import Path

from vrbridge.errors import DataError
from vrbridge.training.debian import package_files

MAX_MEMBER_BYTES = 128 * 1024 * 1024
"""A 4096² picture without compression has 64 MiB."""

SEPARATOR = "!"
"""Between the path of an archive (zip, pk3, jar, sh3f) and a path inside it."""


def member_contents(
    deb: Path, members: Collection[str], *, scratch: Path | None = None
) -> Iterator[tuple[str, bytes]]:
    """Yield the named members and their contents, in the package's order.

    Args:
        deb: The package.
        members: Paths such as `usr/a.png`, or `usr/data.zip!a.png` for what lies in an archive.
        scratch: Folder for temporary files; None: the system's.

    Raises:
        DataError: If the package or an archive is damaged, or a member is missing or over 128 MiB.
    """
    wanted: defaultdict[str, list[str]] = defaultdict(list)
    for member in members:
        outer, _, inner = member.partition(SEPARATOR)
        wanted[outer].append(inner)
    for outer, file in package_files(deb, wanted, scratch=scratch):
        if wanted[outer] == [""]:
            _check_size(outer, file.stat().st_size)
            yield outer, file.read_bytes()
        else:
            yield from _zipped(outer, file, wanted[outer])


def open_archive(file: Path, outer: str) -> zipfile.ZipFile:
    """Return an archive, to be closed.

    Args:
        file: Where it is.
        outer: What errors call it.

    Raises:
        DataError: If it is damaged.
    """
    with _damage_named(outer):
        return zipfile.ZipFile(file)


def archive_content(archive: zipfile.ZipFile, outer: str, inner: str) -> bytes:
    """Return a member of an open archive.

    Args:
        archive: That it is in.
        outer: What errors call the archive.
        inner: Its path in there.

    Raises:
        DataError: If the archive is damaged, or the member missing or over 128 MiB.
    """
    member = f"{outer}{SEPARATOR}{inner}"
    try:
        info = archive.getinfo(inner)
    except KeyError as error:
        raise DataError(f"{member}: not in the archive.") from error
    _check_size(member, info.file_size)
    with _damage_named(outer):
        return archive.read(info)


def _zipped(outer: str, file: Path, inners: list[str]) -> Iterator[tuple[str, bytes]]:
    with open_archive(file, outer) as archive:
        for inner in inners:
            yield f"{outer}{SEPARATOR}{inner}", archive_content(archive, outer, inner)


@contextmanager
def _damage_named(outer: str) -> Iterator[None]:
    try:
        yield
    # The last two are how `zipfile` answers methods that it doesn't know and encrypted members.
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise DataError(f"{outer}: this archive is damaged ({type(error).__name__}: {error}).") from error


def _check_size(member: str, n_bytes: int) -> None:
    if n_bytes > MAX_MEMBER_BYTES:
        raise DataError(f"{member}: {n_bytes:,} bytes are over {MAX_MEMBER_BYTES:,}.")
