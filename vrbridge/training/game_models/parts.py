"""What readers of models look into, and what they return."""

import posixpath
from dataclasses import dataclass
from typing import Protocol

import numpy as np
from numpy.typing import NDArray

from vrbridge.errors import DataError

GRAY = (0.7, 0.7, 0.7)
"""Colour of what has none."""

MAX_FACES = 2_000_000
"""Of one model, triangles; the largest in the packages has a quarter of that."""


class ModelFiles(Protocol):
    """The files of a package, or of an archive in it, by their paths with `/`."""

    def __contains__(self, name: object) -> bool: ...

    def read(self, name: str) -> bytes:
        """Return a file's content.

        Raises:
            DataError: If it isn't there, or can't be read.
        """
        ...


@dataclass(frozen=True, slots=True, eq=False)
class Part:
    """Triangles with one material; right-handed, +Y up, front +Z as far as the format tells, any unit.

    Attributes:
        vertices: (V, 3).
        faces: (F, 3), counter-clockwise from outside, each index below V.
        uv: (V, 2), or None.
        color: Where no picture is, sRGB 0–1.
        picture: Path of the picture on it, or None.
        opacity: 0–1.
        is_v_up: The picture's last row is at v = 0; else its first.
        is_cut_out: The picture's transparency is the part's; else it means something else.
    """

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]
    uv: NDArray[np.float64] | None = None
    color: tuple[float, float, float] = GRAY
    picture: str | None = None
    opacity: float = 1.0
    is_v_up: bool = True
    is_cut_out: bool = True


def checked(parts: list[Part], name: str) -> list[Part]:
    """Return the parts if their faces fit their vertices.

    Args:
        parts: Of one model.
        name: Of its file.

    Raises:
        DataError: If a face names no vertex, texture coordinates are missing, or there are too many faces.
    """
    for part in parts:
        n = len(part.vertices)
        if part.faces.size and not 0 <= int(part.faces.min()) <= int(part.faces.max()) < n:
            raise DataError(f"{name}: a face names a vertex that is not there.")
        if part.uv is not None and len(part.uv) != n:
            raise DataError(f"{name}: {len(part.uv)} texture coordinates for {n} vertices.")
    if sum(len(part.faces) for part in parts) > MAX_FACES:
        raise DataError(f"{name}: over {MAX_FACES:,} triangles.")
    return parts


def beside(name: str, other: str) -> str:
    r"""Return the path of a file that another one names relative to its own folder, `\` read as `/`."""
    return posixpath.normpath(posixpath.join(posixpath.dirname(name), other.replace("\\", "/")))


def first_of(candidates: list[str], files: ModelFiles) -> str | None:
    """Return the first of some paths that is a file, or None."""
    return next((name for name in candidates if name in files), None)


def lines_of(content: bytes) -> list[str]:
    """Return the lines of a text in any 8-bit code, however they end."""
    return content.decode("latin-1").replace("\r\n", "\n").replace("\r", "\n").split("\n")
