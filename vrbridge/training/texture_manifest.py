"""The list of all pictures of the texture data set: words, source, maps, rights."""

import base64
import binascii
from pathlib import Path, PurePosixPath

import msgspec

from vrbridge.errors import DataError
from vrbridge.training.manifest_lines import read_lines
from vrbridge.training.package_members import SEPARATOR

NORMAL_ALPHA = "normal alpha"
"""Stands for a height map that lies in the normal map's transparency."""


class Looks(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """Small pictures of what has to come out: base64 of uint8 rows, top first.

    Attributes:
        color: (4, 4, 3).
        normal: (2, 2, 3).
        gloss: (2, 2).
        height: (2, 2).
    """

    color: str
    normal: str | None = None
    gloss: str | None = None
    height: str | None = None


class TextureSource(
    msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True
):
    """One picture of the data set and where it comes from.

    Attributes:
        id: Five digits.
        caption: What it shows, written by a person who looked at it.
        category: Kind of material.
        package: Debian package.
        path: Inside the package's folder; `data.zip!a/b.png` for a picture in an archive.
        is_repeated: A sheet twice as long as wide that tiles along its short side is repeated to a square.
        is_tileable: Opposite edges meet.
        normal: File of the normal map, in the same folder as the picture.
        is_normal_y_down: The map's green channel points down (DirectX), and is turned round.
        gloss: File of the gloss or specular map, likewise.
        height: File of the height map, likewise, or `normal alpha`.
        license: As the package's copyright file calls it.
        license_class: `permissive`, `share-alike` or `gpl`.
        copyright: Number of the statement in the package's list.
        looks: What has to come out.
    """

    id: str
    caption: str
    category: str
    package: str
    path: str
    is_repeated: bool = False
    is_tileable: bool = True
    normal: str | None = None
    is_normal_y_down: bool = False
    gloss: str | None = None
    height: str | None = None
    license: str
    license_class: str
    copyright: int
    looks: Looks

    def members(self, folder: str) -> dict[str, str]:
        """Return the paths inside the package by kind: `color`; `normal`, `gloss`, `height` where there are.

        Args:
            folder: The package's folder.
        """
        names = {"color": self.path, **self._maps()}
        return {kind: f"{folder}/{name}" if folder else name for kind, name in names.items()}

    def _maps(self) -> dict[str, str]:
        archive, separator, inner = self.path.rpartition(SEPARATOR)
        beside = PurePosixPath(inner).parent
        files = {"normal": self.normal, "gloss": self.gloss, "height": self.height}
        named = {kind: name for kind, name in files.items() if name is not None and name != NORMAL_ALPHA}
        return {kind: f"{archive}{separator}{beside / name}" for kind, name in named.items()}


def read_manifest(path: Path) -> list[TextureSource]:
    """Return the pictures that a manifest lists, one JSON object a line.

    Raises:
        DataError: If the file can't be read, or a line isn't as `TextureSource` says.
    """
    return read_lines(path, TextureSource, _check)


def _check(source: TextureSource, where: str) -> None:
    looks = source.looks
    for kind, text, size in (
        ("color", looks.color, 48),
        ("normal", looks.normal, 12),
        ("gloss", looks.gloss, 4),
        ("height", looks.height, 4),
    ):
        try:
            is_right = text is None or len(base64.b64decode(text, validate=True)) == size
        except binascii.Error:
            is_right = False
        if not is_right:
            raise DataError(f"{where}: what {kind} looks like has {size} bytes in base64.")
