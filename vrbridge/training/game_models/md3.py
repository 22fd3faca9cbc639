"""MD3, the models of Quake III: first frame of each surface.

Source:
    id Software, Quake III source code, `qcommon/qfiles.h`.
"""

import numpy as np

from vrbridge.errors import DataError
from vrbridge.training.game_models.binary import BinaryReader
from vrbridge.training.game_models.parts import ModelFiles, Part, checked

_SURFACES_AT = 84
_SURFACE_COUNTS_AT = 72
_MAX_SURFACES = 1000
_STEPS_PER_UNIT = 64.0


def read_md3(name: str, files: ModelFiles) -> list[Part]:
    """Return the surfaces of an MD3 file, its +X turned to the front; without their pictures.

    Args:
        name: Of the file.
        files: With it.

    Raises:
        DataError: If it is no MD3 file, or damaged.
    """
    content = files.read(name)
    if not content.startswith(b"IDP3"):
        raise DataError(f"{name}: no MD3 file.")
    n_surfaces, _, _, _, at = BinaryReader(content, name, at=_SURFACES_AT).numbers("5i")
    if not 0 <= n_surfaces <= _MAX_SURFACES:
        raise DataError(f"{name}: {n_surfaces:,} surfaces.")
    parts = []
    for _ in range(n_surfaces):
        part, size = _surface(content, name, at)
        parts.append(part)
        at += size
    return checked(parts, name)


def _surface(content: bytes, name: str, at: int) -> tuple[Part, int]:
    counts = BinaryReader(content, name, at=at + _SURFACE_COUNTS_AT).numbers("9i")
    _, _, n_points, n_faces, faces_at, _, uv_at, points_at, size = counts
    faces = BinaryReader(content, name, at=at + faces_at).array("<i4", n_faces * 3).reshape(-1, 3)
    uv = BinaryReader(content, name, at=at + uv_at).array("<f4", n_points * 2).reshape(-1, 2)
    steps = BinaryReader(content, name, at=at + points_at).array("<i2", n_points * 4).reshape(-1, 4)
    part = Part(
        vertices=(steps[:, :3] / _STEPS_PER_UNIT)[:, [1, 2, 0]],
        faces=faces[:, ::-1].astype(np.int64),
        uv=uv.astype(float),
        is_v_up=False,
    )
    return part, size
