"""AC3D, the text format of FlightGear's scenery.

Source:
    Inivis, “The AC3D file format”; FlightGear, “Modeling” (nose at -X).
"""

import posixpath
import re
from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from vrbridge.errors import DataError
from vrbridge.training.game_models.parts import GRAY, ModelFiles, Part, beside, checked, first_of, lines_of

_MAX_DEPTH = 100
_POLYGON = 0
"""Surfaces of other kinds are lines."""
_KIND_BITS = 0xF
_WHITE = (1.0, 1.0, 1.0)
_NUMBER = r"\s+([\d.eE+-]+)"
_RGB = re.compile("rgb" + 3 * _NUMBER)
_TRANSPARENCY = re.compile("trans" + _NUMBER)

_Corner = tuple[int, float, float]
"""Number of a vertex, u, v."""


@dataclass(slots=True)
class _Object:
    """What is said of one object before its children."""

    texture: str | None = None
    repeat: tuple[float, float] = (1.0, 1.0)
    offset: tuple[float, float] = (0.0, 0.0)
    location: NDArray[np.float64] = field(default_factory=lambda: np.zeros(3))
    rotation: NDArray[np.float64] = field(default_factory=lambda: np.eye(3))
    vertices: list[list[float]] = field(default_factory=list)
    corners: dict[int, list[_Corner]] = field(default_factory=dict)
    n_children: int = 0


def read_ac(name: str, files: ModelFiles) -> list[Part]:
    """Return the parts of an AC3D file, by object and material, its nose at -X turned to the front.

    Args:
        name: Of the file.
        files: It and its pictures.

    Raises:
        DataError: If it is no AC3D file, or a line makes no sense.
    """
    lines = lines_of(files.read(name))
    if not lines[0].startswith("AC3D"):
        raise DataError(f"{name}: no AC3D file.")
    reader = _Reader(name, lines, files)
    try:
        reader.read()
    except (ValueError, IndexError) as error:
        raise DataError(f"{name}, line {reader.at}: it makes no sense.") from error
    for part in reader.parts:
        part.vertices[:] = part.vertices[:, [2, 1, 0]] * [1, 1, -1]
    return checked(reader.parts, name)


class _Reader:
    def __init__(self, name: str, lines: list[str], files: ModelFiles) -> None:
        self.at = 0
        self.parts: list[Part] = []
        self._name = name
        self._lines = lines
        self._files = files
        self._materials: list[tuple[tuple[float, float, float], float]] = []

    def read(self) -> None:
        while self.at < len(self._lines):
            line = self._next()
            if line.startswith("MATERIAL"):
                self._materials.append(_material(line))
            elif line.startswith("OBJECT"):
                self._object(np.eye(3), np.zeros(3), depth=0)

    def _next(self) -> str:
        self.at += 1
        return self._lines[self.at - 1].strip()

    def _object(self, turn: NDArray[np.float64], shift: NDArray[np.float64], *, depth: int) -> None:
        """Read an object and its children, and keep their parts."""
        if depth > _MAX_DEPTH:
            raise DataError(f"{self._name}: objects lie over {_MAX_DEPTH} deep in each other.")
        this = self._head()
        own_turn, own_shift = turn @ this.rotation, turn @ this.location + shift
        if this.corners and this.vertices:
            vertices = np.array(this.vertices) @ own_turn.T + own_shift
            self.parts += [self._part(this, vertices, number) for number in this.corners]
        n_left = this.n_children
        while n_left > 0 and self.at < len(self._lines):
            if self._next().startswith("OBJECT"):
                self._object(own_turn, own_shift, depth=depth + 1)
                n_left -= 1

    def _head(self) -> _Object:
        """Read an object up to the number of its children, or the file's end."""
        this = _Object()
        while self.at < len(self._lines):
            line = self._next()
            key, *words = line.split() or [""]
            if key == "texture":
                this.texture = line.split('"')[1] if '"' in line else words[0]
            elif key == "texrep":
                this.repeat = (float(words[0]), float(words[1]))
            elif key == "texoff":
                this.offset = (float(words[0]), float(words[1]))
            elif key == "loc":
                this.location = np.array([float(word) for word in words[:3]])
            elif key == "rot":
                this.rotation = np.array([float(word) for word in words[:9]]).reshape(3, 3).T
            elif key == "data":
                self._next()
            elif key == "numvert":
                this.vertices = [self._vertex() for _ in range(int(words[0]))]
            elif key == "numsurf":
                for _ in range(int(words[0])):
                    self._surface(this)
            elif key == "kids":
                this.n_children = int(words[0])
                break
        return this

    def _vertex(self) -> list[float]:
        x, y, z = self._next().split()[:3]
        return [float(x), float(y), float(z)]

    def _surface(self, this: _Object) -> None:
        line = self._next()
        while not line.startswith("SURF"):
            line = self._next()
        kind = int(line.split()[1], 16) & _KIND_BITS
        material = 0
        line = self._next()
        if line.startswith("mat"):
            material = int(line.split()[1])
            line = self._next()
        polygon: list[_Corner] = []
        for _ in range(int(line.split()[1])):
            number, u, v = self._next().split()[:3]
            polygon.append((int(number), float(u), float(v)))
        if kind == _POLYGON:
            corners = this.corners.setdefault(material, [])
            for i in range(1, len(polygon) - 1):
                corners += (polygon[0], polygon[i], polygon[i + 1])

    def _part(self, this: _Object, vertices: NDArray[np.float64], number: int) -> Part:
        corners = np.array(this.corners[number]).reshape(-1, 3)
        points = corners[:, 0].astype(np.int64)
        if points.size and not 0 <= points.min() <= points.max() < len(vertices):
            raise DataError(f"{self._name}: a surface names a vertex that is not there.")
        known = 0 <= number < len(self._materials)
        color, transparency = self._materials[number] if known else (GRAY, 0.0)
        picture = self._picture(this.texture) if this.texture else None
        return Part(
            vertices=vertices[points],
            faces=np.arange(len(points)).reshape(-1, 3),
            uv=corners[:, 1:] * this.repeat + this.offset,
            color=_WHITE if picture else color,
            picture=picture,
            opacity=1 - transparency,
        )

    def _picture(self, texture: str) -> str | None:
        name = posixpath.basename(texture.replace("\\", "/"))
        return first_of([beside(self._name, texture), beside(self._name, name)], self._files)


def _material(line: str) -> tuple[tuple[float, float, float], float]:
    """Return the colour and transparency of a `MATERIAL` line."""
    rgb, transparency = _RGB.search(line), _TRANSPARENCY.search(line)
    color = GRAY
    if rgb:
        red, green, blue = (min(1.0, max(0.0, float(word))) for word in rgb.groups())
        color = (red, green, blue)
    return color, float(transparency.group(1)) if transparency else 0.0
