"""Files inside Debian packages, and inside archives that lie in those packages."""

import zipfile
import zlib
from collections import defaultdict
from collections.abc import Collection, Iterator
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


def _zipped(outer: str, file: Path, inners: list[str]) -> Iterator[tuple[str, bytes]]:
    try:
        with zipfile.ZipFile(file) as archive:
            for inner in inners:
                member = f"{outer}{SEPARATOR}{inner}"
                try:
                    info = archive.getinfo(inner)
                except KeyError as error:
                    raise DataError(f"{member}: not in the archive.") from error
                _check_size(member, info.file_size)
                yield member, archive.read(info)
    # The last two are how `zipfile` answers methods that it doesn't know and encrypted members.
    except (zipfile.BadZipFile, zlib.error, OSError, EOFError, NotImplementedError, RuntimeError) as error:
        raise DataError(f"{outer}: this archive is damaged.") from error


def _check_size(member: str, n_bytes: int) -> None:
    if n_bytes > MAX_MEMBER_BYTES:
        raise DataError(f"{member}: {n_bytes:,} bytes are over {MAX_MEMBER_BYTES:,}.")
