"""Wavefront OBJ with its material libraries.

Other readers put materials into an order of their own and round their colours; here a model has to come out
the same each time, to the bit.

Source:
    Wavefront, “Object Files (.obj)” and “MTL Material Format”, 1995.
"""

from dataclasses import dataclass

import numpy as np

from vrbridge.errors import DataError
from vrbridge.training.game_models.parts import GRAY, ModelFiles, Part, beside, checked, first_of, lines_of

_NEARLY_NOTHING = 0.02
"""Some exporters write 0 for a surface that is there."""

_Corner = tuple[int, int]
"""Numbers of a vertex and of a texture coordinate, from 0; -1: none."""


@dataclass(slots=True)
class _Material:
    color: tuple[float, float, float] = GRAY
    picture: str | None = None
    opacity: float = 1.0


def read_obj(name: str, files: ModelFiles) -> list[Part]:
    """Return a part for each material that an OBJ file uses, in the order of first use.

    Args:
        name: Of the file.
        files: It and what it names.

    Raises:
        DataError: If a line makes no sense.
    """
    reader = _Reader(name, files)
    for number, line in enumerate(lines_of(files.read(name)), 1):
        try:
            reader.take(line)
        except (ValueError, IndexError) as error:
            raise DataError(f"{name}, line {number}: {line.strip()[:40]!r} makes no sense.") from error
    return checked(reader.parts(), name)


class _Reader:
    def __init__(self, name: str, files: ModelFiles) -> None:
        self._name = name
        self._files = files
        self._vertices: list[list[float]] = []
        self._uv: list[list[float]] = []
        self._corners: dict[str | None, list[_Corner]] = {}
        self._materials: dict[str, _Material] = {}
        self._current: str | None = None

    def take(self, line: str) -> None:
        if line.startswith("v "):
            x, y, z = line.split()[1:4]
            self._vertices.append([float(x), float(y), float(z)])
        elif line.startswith("vt "):
            words = line.split()
            self._uv.append([float(words[1]), float(words[2]) if len(words) > 2 else 0.0])
        elif line.startswith("f "):
            self._take_face([self._corner(word) for word in line.split()[1:]])
        elif line.startswith("usemtl"):
            self._current = line[6:].strip()
        elif line.startswith("mtllib"):
            # One name with spaces, or several names of which the first that is there counts.
            names = [line[6:].strip(), *line[6:].split()]
            library = first_of([beside(self._name, name) for name in names], self._files)
            if library is not None:
                self._materials |= _read_materials(library, self._files)

    def parts(self) -> list[Part]:
        vertices = np.array(self._vertices, float).reshape(-1, 3)
        uv = np.array(self._uv, float).reshape(-1, 2)
        parts = []
        for material, corners in self._corners.items():
            points, tiles = np.array(corners, np.int64).T
            if points.min() < 0 or points.max() >= len(vertices):
                raise DataError(f"{self._name}: a face names a vertex that is not there.")
            has_uv = tiles.min() >= 0 and tiles.max() < len(uv)
            look = self._materials.get(material or "", _Material())
            parts.append(
                Part(
                    vertices=vertices[points],
                    faces=np.arange(len(points)).reshape(-1, 3),
                    uv=uv[tiles] if has_uv else None,
                    color=look.color,
                    picture=self._picture(look),
                    opacity=look.opacity if look.opacity > _NEARLY_NOTHING else 1.0,
                )
            )
        return parts

    def _corner(self, word: str) -> _Corner:
        point, _, rest = word.partition("/")
        tile = int(rest.partition("/")[0] or 0)
        return _from_zero(int(point), len(self._vertices)), _from_zero(tile, len(self._uv)) if tile else -1

    def _take_face(self, polygon: list[_Corner]) -> None:
        if len(polygon) >= 3:
            corners = self._corners.setdefault(self._current, [])
            for i in range(1, len(polygon) - 1):
                corners += (polygon[0], polygon[i], polygon[i + 1])

    def _picture(self, look: _Material) -> str | None:
        return first_of([beside(self._name, look.picture)], self._files) if look.picture else None


def _from_zero(number: int, n_so_far: int) -> int:
    """Return a number that counts from 1, or backwards from the last, as one that counts from 0."""
    return number - 1 if number > 0 else n_so_far + number


def _read_materials(name: str, files: ModelFiles) -> dict[str, _Material]:
    materials: dict[str, _Material] = {}
    current: _Material | None = None
    for number, line in enumerate(lines_of(files.read(name)), 1):
        key, value = [*line.strip().split(None, 1), "", ""][:2]
        if key == "newmtl":
            current = materials.setdefault(value, _Material())
        elif current is not None and value:
            try:
                _take_property(current, key, value, name, files)
            except (ValueError, IndexError) as error:
                raise DataError(f"{name}, line {number}: {line.strip()[:40]!r} makes no sense.") from error
    return materials


def _take_property(material: _Material, key: str, value: str, name: str, files: ModelFiles) -> None:
    if key == "Kd":
        red, green, blue = (min(1.0, max(0.0, float(word))) for word in value.split()[:3])
        material.color = (red, green, blue)
    elif key == "d":
        material.opacity = float(value.split()[-1])
    elif key == "map_Kd":
        # Options such as `-s 1 1 1` may come before the name, and the name may have spaces.
        material.picture = value if beside(name, value) in files else value.split()[-1]
