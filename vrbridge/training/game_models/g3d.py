"""G3D, the models of Glest and MegaGlest: first frame of each mesh.

Source:
    MegaGlest, `shared_lib/sources/graphics/model.cpp`, version 4.
"""

import posixpath

import numpy as np

from vrbridge.errors import DataError
from vrbridge.training.game_models.binary import BinaryReader
from vrbridge.training.game_models.parts import ModelFiles, Part, beside, checked, first_of

_VERSION = 4
_NAME_BYTES = 64
_ENDINGS = (".bmp", ".png", ".tga", ".jpg")
"""The game takes any of them for the one that is named."""


def read_g3d(name: str, files: ModelFiles) -> list[Part]:
    """Return the meshes of a G3D file.

    Args:
        name: Of the file.
        files: It and its pictures.

    Raises:
        DataError: If it is no G3D file of version 4, or damaged.
    """
    reader = BinaryReader(files.read(name), name)
    if reader.text(3) != "G3D" or reader.number("B") != _VERSION:
        raise DataError(f"{name}: no G3D file of version {_VERSION}.")
    n_meshes, _ = reader.numbers("HB")
    return checked([_mesh(reader, name, files) for _ in range(n_meshes)], name)


def _mesh(reader: BinaryReader, name: str, files: ModelFiles) -> Part:
    reader.skip(_NAME_BYTES)
    n_frames, n_points, n_corners = reader.numbers("III")
    color = reader.numbers("3f")
    reader.skip(12 + 4 + 4 + 4)  # specular colour and power, opacity, flags
    textures = reader.number("I")
    pictures = {bit: reader.text(_NAME_BYTES) for bit in range(32) if textures >> bit & 1}
    if n_frames < 1 or n_corners % 3:
        raise DataError(f"{name}: a mesh without frames, or with {n_corners} corners.")
    points = reader.array("<f4", n_points * 3).reshape(-1, 3)
    reader.skip((n_frames - 1) * n_points * 12 + n_frames * n_points * 12)  # other frames, normals
    uv = reader.array("<f4", n_points * 2).reshape(-1, 2).astype(float) if textures else None
    return Part(
        vertices=points.astype(float),
        faces=reader.array("<u4", n_corners).reshape(-1, 3).astype(np.int64),
        uv=uv,
        color=color,
        picture=_picture(name, pictures[0], files) if 0 in pictures else None,
    )


def _picture(name: str, picture: str, files: ModelFiles) -> str | None:
    path = beside(name, picture)
    return first_of([path, *(posixpath.splitext(path)[0] + ending for ending in _ENDINGS)], files)
