"""MD2, the models of Quake II: first frame and texture coordinates.

Source:
    id Software, Quake II source code, `qcommon/qfiles.h`.
"""

import numpy as np

from vrbridge.errors import DataError
from vrbridge.training.game_models.binary import BinaryReader
from vrbridge.training.game_models.parts import ModelFiles, Part, checked

_FRAME_HEAD_BYTES = 40


def read_md2(name: str, files: ModelFiles) -> list[Part]:
    """Return the one part of an MD2 file, its +X turned to the front; without its picture.

    Args:
        name: Of the file.
        files: With it.

    Raises:
        DataError: If it is no MD2 file, or damaged.
    """
    content = files.read(name)
    head = BinaryReader(content, name)
    if head.text(4) != "IDP2":
        raise DataError(f"{name}: no MD2 file.")
    _, width, height, _, _, n_points, n_uv, n_faces, _, n_frames, _, uv_at, faces_at, frames_at, _, _ = (
        head.numbers("16i")
    )
    if n_frames < 1:
        raise DataError(f"{name}: has no frame.")
    pixels = BinaryReader(content, name, at=uv_at).array("<i2", n_uv * 2).reshape(-1, 2)
    corners = BinaryReader(content, name, at=faces_at).array("<u2", n_faces * 6).reshape(-1, 6)
    frame = BinaryReader(content, name, at=frames_at)
    scale, shift = frame.array("<f4", 3), frame.array("<f4", 3)
    frame.skip(_FRAME_HEAD_BYTES - 24)
    points = frame.array("u1", n_points * 4).reshape(-1, 4)[:, :3] * scale + shift
    point, pixel = corners[:, :3].ravel().astype(np.int64), corners[:, 3:].ravel().astype(np.int64)
    if corners.size and (point.max() >= n_points or pixel.max() >= n_uv):
        raise DataError(f"{name}: a face names a vertex that is not there.")
    part = Part(
        vertices=points[point][:, [1, 2, 0]].astype(float),
        faces=np.arange(len(point)).reshape(-1, 3)[:, ::-1],
        uv=pixels[pixel] / np.array([max(width, 1), max(height, 1)]),
        is_v_up=False,
    )
    return checked([part], name)
