"""Reads the list of a data set's things, one JSON object a line."""

from collections.abc import Callable
from pathlib import Path
from typing import Protocol, TypeVar

import msgspec

from vrbridge.errors import DataError


class _Named(Protocol):
    @property
    def id(self) -> str: ...


_N = TypeVar("_N", bound=_Named)


def read_lines(path: Path, kind: type[_N], check: Callable[[_N, str], None]) -> list[_N]:
    """Return what a manifest lists.

    Args:
        path: Of the manifest.
        kind: Struct of a line.
        check: Told each thing and how errors call its line; raises DataError if it can't be used.

    Raises:
        DataError: If the file can't be read, a line isn't as the struct says, or two things have one id.
    """
    try:
        lines = path.read_bytes().splitlines()
    except OSError as error:
        raise DataError(f"{path.name}: can't be read.") from error
    decoder = msgspec.json.Decoder(kind)
    found: list[_N] = []
    for number, line in enumerate(lines, 1):
        where = f"{path.name}, line {number}"
        try:
            one = decoder.decode(line)
        except msgspec.MsgspecError as error:
            raise DataError(f"{where}: {error}") from error
        if not (one.id.isascii() and one.id.isalnum()):
            raise DataError(f"{where}: an id has letters and digits only.")
        check(one, where)
        found.append(one)
    if len({one.id for one in found}) != len(found):
        raise DataError(f"{path.name}: an id is used twice.")
    return found
