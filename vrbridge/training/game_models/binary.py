"""A place in a binary file, moved on by what is read and never past the end."""

import struct
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vrbridge.errors import DataError


class BinaryReader:
    """Reads little-endian values.

    Args:
        content: The file.
        name: What errors call it.
        at: Where to start, bytes.
    """

    def __init__(self, content: bytes, name: str, *, at: int = 0) -> None:
        self._content = content
        self._name = name
        self._at = at
        self._check(0)

    @property
    def at(self) -> int:
        """Bytes from the file's start."""
        return self._at

    def numbers(self, layout: str) -> tuple[Any, ...]:
        """Return numbers; `layout` is as for `struct`, without the byte order.

        Raises:
            DataError: If the file ends before them, as all methods do.
        """
        size = struct.calcsize(f"<{layout}")
        self._check(size)
        values = struct.unpack_from(f"<{layout}", self._content, self._at)
        self._at += size
        return values

    def number(self, layout: str) -> int:
        """Return one whole number."""
        return int(self.numbers(layout)[0])

    def array(self, dtype: np.dtype[Any] | str, count: int) -> NDArray[Any]:
        """Return so many values of a NumPy type, read-only."""
        kind = np.dtype(dtype)
        self._check(kind.itemsize * count if count >= 0 else -1)
        values = np.frombuffer(self._content, kind, count, self._at)
        self._at += kind.itemsize * count
        return values

    def text(self, n_bytes: int) -> str:
        """Return a text of so many bytes, or fewer before a zero."""
        self._check(n_bytes)
        raw = self._content[self._at : self._at + n_bytes]
        self._at += n_bytes
        return raw.split(b"\0", 1)[0].decode("latin-1")

    def skip(self, n_bytes: int) -> None:
        """Move on."""
        self._check(n_bytes)
        self._at += n_bytes

    def need(self, n_bytes: int) -> None:
        """Stay, if so many bytes are left."""
        self._check(n_bytes)

    def _check(self, n_bytes: int) -> None:
        if n_bytes < 0 or not 0 <= self._at <= len(self._content) - n_bytes:
            raise DataError(f"{self._name}: ends before what it promises, or is no such file.")
