"""The list of all models of the mesh data set: words, source, what has to come out, rights."""

import base64
import binascii
from pathlib import Path

import msgspec

from vrbridge.errors import DataError
from vrbridge.training.manifest_lines import read_lines

_N_LOOKS = 6


class MeshSource(msgspec.Struct, frozen=True, forbid_unknown_fields=True, kw_only=True, omit_defaults=True):
    """One model of the data set and where it comes from.

    Attributes:
        id: Five digits.
        caption: What it shows, without its colours, checked by a person who looked at it.
        colored: What it shows, with them; None: the caption says it.
        category: Kind of thing.
        package: Debian package.
        path: Inside the package's folder; `data.zip!a/b.obj` for a model in an archive.
        turn: (3, 3) rotation by rows, after which +Y is up and +Z the front; None: they are.
        skins: Pictures in the model's folder, where the model's file names none: of its parts in order, the
            last for those after it, too; None for a part without one.
        n_drawn: Random numbers that were drawn before; a model of many faces takes its colours at random
            places when it is simplified.
        faces: So many have to come out.
        looks: What has to come out: 6 bytes in base64, its extent along X, Y, Z, 255 being the longest, and
            its mean colour, linear.
        license: As the package's copyright file calls it.
        license_class: `permissive`, `share-alike` or `gpl`.
        copyright: Who made it.
        dims_cm: Width, height, depth of the real thing; None: unknown.
    """

    id: str
    caption: str
    colored: str | None = None
    category: str
    package: str
    path: str
    turn: tuple[float, float, float, float, float, float, float, float, float] | None = None
    skins: tuple[str | None, ...] = ()
    n_drawn: int = 0
    faces: int
    looks: str
    license: str
    license_class: str
    copyright: str
    dims_cm: tuple[float, float, float] | None = None


def read_mesh_manifest(path: Path) -> list[MeshSource]:
    """Return the models that a manifest lists, one JSON object a line.

    Raises:
        DataError: If the file can't be read, or a line isn't as `MeshSource` says.
    """
    return read_lines(path, MeshSource, _check)


def _check(source: MeshSource, where: str) -> None:
    if source.n_drawn < 0:
        raise DataError(f"{where}: a number of draws is not below 0.")
    try:
        is_right = len(base64.b64decode(source.looks, validate=True)) == _N_LOOKS
    except binascii.Error:
        is_right = False
    if not is_right:
        raise DataError(f"{where}: what it looks like has {_N_LOOKS} bytes in base64.")
