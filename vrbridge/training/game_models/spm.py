"""SPM, the models of SuperTuxKart: vertices as they are bound.

Source:
    SuperTuxKart, `src/graphics/sp_mesh_loader.cpp`.
"""

import posixpath
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from vrbridge.errors import DataError
from vrbridge.training.game_models.binary import BinaryReader
from vrbridge.training.game_models.parts import ModelFiles, Part, beside, checked, first_of

_SHARED = ("data/textures", "data/models")
"""Where the game looks for pictures, too."""
_BOUNDS_BYTES = 24
_WHITE_MARK = 128
"""Stands for a white vertex, whose three values are left out."""
_MAX_BYTE_INDEX = 255
_KIND_BITS = 7
_SKINNED = 1


@dataclass(frozen=True, slots=True)
class _Layout:
    """What each vertex has besides its place."""

    has_normals: bool
    has_colors: bool
    has_tangents: bool
    is_skinned: bool

    def after_color(self, *, n_pictures: int) -> np.dtype[Any]:
        fields: list[tuple[str, Any]] = []
        if n_pictures:
            fields.append(("uv", "<f2", 2))  # type: ignore[arg-type]  # three items name a shape as well
        if n_pictures > 1:
            fields.append(("uv2", "V4"))
        if n_pictures and self.has_tangents:
            fields.append(("tangent", "V4"))
        if self.is_skinned:
            fields.append(("bones", "V16"))
        return np.dtype(fields)


def read_spm(name: str, files: ModelFiles) -> list[Part]:
    """Return the meshes of an SPM file.

    Args:
        name: Of the file.
        files: It, its pictures, and those that the game shares.

    Raises:
        DataError: If it is no SPM file, or damaged.
    """
    reader = BinaryReader(files.read(name), name)
    if reader.text(2) != "SP":
        raise DataError(f"{name}: no SPM file.")
    kind, flags = reader.numbers("BB")
    layout = _Layout(
        has_normals=bool(flags & 1),
        has_colors=bool(flags & 2),
        has_tangents=bool(flags & 4),
        is_skinned=kind & _KIND_BITS == _SKINNED,
    )
    reader.skip(_BOUNDS_BYTES)
    materials = [(_short_text(reader), _short_text(reader)) for _ in range(reader.number("H"))]
    parts = []
    for _ in range(reader.number("H")):
        n_meshes = reader.number("H")
        parts += [_mesh(reader, name, layout, materials, files) for _ in range(n_meshes)]
    return checked(parts, name)


def _short_text(reader: BinaryReader) -> str:
    return reader.text(reader.number("B"))


def _mesh(
    reader: BinaryReader, name: str, layout: _Layout, materials: list[tuple[str, str]], files: ModelFiles
) -> Part:
    n_points, n_corners, material = reader.numbers("IIH")
    if material >= len(materials) or n_corners % 3:
        raise DataError(
            f"{name}: a mesh of material {material}, of {len(materials)}, and {n_corners} corners."
        )
    pictures = materials[material]
    n_pictures = 0 if not pictures[0] else 2 if pictures[1] else 1
    points, uv, colors = _points(reader, layout, n_points, n_pictures)
    corners = reader.array("<u2" if n_points > _MAX_BYTE_INDEX else "u1", n_corners)
    red, green, blue = colors.mean(0) if n_points else (1.0, 1.0, 1.0)
    return Part(
        vertices=points * [-1, 1, 1],
        faces=corners.astype(np.int64).reshape(-1, 3)[:, ::-1],
        uv=uv,
        color=(float(red), float(green), float(blue)),
        picture=_picture(name, pictures[0], files) if pictures[0] else None,
        is_v_up=False,
    )


def _points(
    reader: BinaryReader, layout: _Layout, n: int, n_pictures: int
) -> tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]:
    """Return the places, texture coordinates and colours of so many vertices."""
    before = np.dtype([("place", "<f4", 3), ("normal", "V4")][: 1 + layout.has_normals])
    after = layout.after_color(n_pictures=n_pictures)
    # Before room is made for them.
    reader.need(n * (before.itemsize + layout.has_colors + after.itemsize))
    uv, colors = np.zeros((n, 2)), np.ones((n, 3))
    if not layout.has_colors:
        rows = reader.array(np.dtype([("before", before), ("after", after)]), n)
        if n_pictures:
            uv = rows["after"]["uv"].astype(float)
        return rows["before"]["place"].astype(float), uv, colors
    places = np.zeros((n, 3))
    for i in range(n):
        places[i] = reader.array(before, 1)["place"][0]
        if reader.number("B") != _WHITE_MARK:
            colors[i] = [value / 255 for value in reader.numbers("3B")]
        if n_pictures:
            uv[i] = reader.array(after, 1)["uv"][0]
        else:
            reader.skip(after.itemsize)
    return places, uv, colors


def _picture(name: str, picture: str, files: ModelFiles) -> str | None:
    shared = [posixpath.join(folder, picture) for folder in _SHARED]
    return first_of([beside(name, picture), *shared], files)
