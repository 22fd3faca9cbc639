"""Which reader reads which file."""

import posixpath
from collections.abc import Callable, Sequence
from dataclasses import replace

from vrbridge.errors import DataError
from vrbridge.training.game_models.ac3d import read_ac
from vrbridge.training.game_models.actors import read_actor
from vrbridge.training.game_models.g3d import read_g3d
from vrbridge.training.game_models.kart_library import read_library
from vrbridge.training.game_models.md2 import read_md2
from vrbridge.training.game_models.md3 import read_md3
from vrbridge.training.game_models.parts import ModelFiles, Part, beside
from vrbridge.training.game_models.spm import read_spm
from vrbridge.training.game_models.wavefront import read_obj

Skins = Sequence[str | None]

_ACTORS = "art/actors/"
_LIBRARY = frozenset({"node.xml", "scene.xml"})


def read_model(name: str, files: ModelFiles, skins: Skins = ()) -> list[Part]:
    """Return the parts of a model.

    Args:
        name: Of its file.
        files: It and what it refers to.
        skins: Pictures in its folder for parts of which the file doesn't name any, in order; the last counts
            for those after it, too; None for a part without one.

    Raises:
        DataError: If there is no reader for it, a skin is missing, or a file is damaged.
    """
    reader = _reader(name)
    if reader is None:
        raise DataError(f"{name}: no reader for files like this.")
    paths = [None if skin is None else beside(name, skin) for skin in skins]
    for path in paths:
        if path is not None and path not in files:
            raise DataError(f"{path}: not in the package.")
    return [
        replace(part, picture=paths[min(number, len(paths) - 1)]) if part.picture is None and paths else part
        for number, part in enumerate(reader(name, files))
    ]


def is_backward(name: str) -> bool:
    """Return whether the models of a file's format look towards -Z."""
    return _reader(name) is read_actor


def _reader(name: str) -> Callable[[str, ModelFiles], list[Part]] | None:
    ending = posixpath.splitext(name)[1].lower()
    if ending == ".xml":
        if posixpath.basename(name) in _LIBRARY:
            return read_library
        return read_actor if name.startswith(_ACTORS) else None
    return _BY_ENDING.get(ending)


_BY_ENDING: dict[str, Callable[[str, ModelFiles], list[Part]]] = {
    ".ac": read_ac,
    ".g3d": read_g3d,
    ".md2": read_md2,
    ".md3": read_md3,
    ".obj": read_obj,
    ".spm": read_spm,
}
