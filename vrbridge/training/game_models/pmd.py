"""PMD, the meshes of 0 A.D. with their bones and points to attach other things to.

Source:
    Wildfire Games, Pyrogenesis, `source/graphics/ModelDef.cpp`.
"""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from vrbridge.errors import DataError
from vrbridge.training.game_models.binary import BinaryReader
from vrbridge.training.game_models.parts import ModelFiles

_OLDEST = 3
_SEVERAL_UV = 4
_MAX_UV = 8
_NO_BONE = 255

Placement = tuple[NDArray[np.float64], NDArray[np.float64]]
"""A (3, 3) rotation and the (3,) shift after it."""


@dataclass(frozen=True, slots=True, eq=False)
class PmdMesh:
    """A mesh as the file has it, left-handed.

    Attributes:
        vertices: (V, 3).
        faces: (F, 3).
        uv: (V, 2), v up.
        points: Where other meshes are attached, by name.
    """

    vertices: NDArray[np.float64]
    faces: NDArray[np.int64]
    uv: NDArray[np.float64]
    points: dict[str, Placement]


def read_pmd(name: str, files: ModelFiles) -> PmdMesh:
    """Return the mesh of a PMD file.

    Args:
        name: Of the file.
        files: With it.

    Raises:
        DataError: If it is no PMD file of version 3 or later, or damaged.
    """
    reader = BinaryReader(files.read(name), name)
    if reader.text(4) != "PSMD":
        raise DataError(f"{name}: no PMD file.")
    version, _, n_points = reader.numbers("III")
    n_uv = reader.number("I") if version >= _SEVERAL_UV else 1
    if version < _OLDEST or not 1 <= n_uv <= _MAX_UV:
        raise DataError(f"{name}: version {version} with {n_uv} texture coordinates a vertex.")
    rows = reader.array(
        np.dtype([("place", "<f4", 3), ("normal", "<f4", 3), ("uv", "<f4", (n_uv, 2)), ("bones", "V20")]),
        n_points,
    )
    faces = reader.array("<u2", reader.number("I") * 3).reshape(-1, 3)
    bones = [_placement(reader.numbers("7f")) for _ in range(_count(reader, name))]
    points = {}
    for _ in range(_count(reader, name)):
        label = reader.text(reader.number("I"))
        own = _placement(reader.numbers("7f"))
        bone = reader.number("B")
        points[label] = _after(bones[bone], own) if bone != _NO_BONE and bone < len(bones) else own
    return PmdMesh(
        vertices=rows["place"].astype(float),
        faces=faces.astype(np.int64),
        uv=rows["uv"][:, 0].astype(float),
        points=points,
    )


def _count(reader: BinaryReader, name: str) -> int:
    count = reader.number("I")
    if count > 10_000:
        raise DataError(f"{name}: {count:,} bones or points.")
    return count


def _placement(numbers: tuple[float, ...]) -> Placement:
    """Return a placement of x, y, z and a quaternion x, y, z, w."""
    x, y, z, w = numbers[3:]
    length = (x * x + y * y + z * z + w * w) ** 0.5 or 1
    x, y, z, w = x / length, y / length, z / length, w / length
    rotation = np.array(
        [
            [1 - 2 * (y * y + z * z), 2 * (x * y - z * w), 2 * (x * z + y * w)],
            [2 * (x * y + z * w), 1 - 2 * (x * x + z * z), 2 * (y * z - x * w)],
            [2 * (x * z - y * w), 2 * (y * z + x * w), 1 - 2 * (x * x + y * y)],
        ]
    )
    return rotation, np.array(numbers[:3])


def _after(outer: Placement, inner: Placement) -> Placement:
    """Return the placement of something that lies at `inner` in what lies at `outer`."""
    return outer[0] @ inner[0], outer[0] @ inner[1] + outer[1]
