"""Things of SuperTuxKart's library: several models, placed by an XML file.

Source:
    SuperTuxKart, `src/tracks/track_object_presentation.cpp`.
"""

import re
from dataclasses import replace
from xml.etree import ElementTree

import numpy as np
from numpy.typing import NDArray

from vrbridge.errors import DataError
from vrbridge.training.game_models.parts import ModelFiles, Part, beside, checked
from vrbridge.training.game_models.spm import read_spm

_LESS = re.compile(r"low|lod[12]|shadow|physics")
"""In names of models that stand for another one from afar, or for what is not seen."""
_MIRROR = np.array([-1.0, 1.0, 1.0])
"""The XML file speaks of the left-handed axes of the game."""


def read_library(name: str, files: ModelFiles) -> list[Part]:
    """Return the parts of all models that a `node.xml` or `scene.xml` places, the finest of each.

    Args:
        name: Of the XML file.
        files: It, the models and their pictures.

    Raises:
        DataError: If a file is damaged.
    """
    # Its packages are checked by their SHA-256 before.
    try:
        root = ElementTree.fromstring(files.read(name))  # noqa: S314
    except ElementTree.ParseError as error:
        raise DataError(f"{name}: no XML.") from error
    parts: list[Part] = []
    shown: set[str] = set()
    for node in root.iter():
        model = node.get("model") or ""
        path = beside(name, model)
        group = node.get("lod_group") or ""
        is_coarser = bool(group and node.get("lod_distance") and group in shown)
        if not model or path not in files or is_coarser or _LESS.search(model):
            continue
        scale, place, turns = (
            _three(node.get(key) or default, name)
            for key, default in (("scale", "1 1 1"), ("xyz", "0 0 0"), ("hpr", "0 0 0"))
        )
        for part in read_spm(path, files):
            placed = (part.vertices * _MIRROR * scale) @ _rotation(turns).T + place
            parts.append(replace(part, vertices=placed * _MIRROR))
            shown.add(group)
    return checked(parts, name)


def _three(text: str, name: str) -> NDArray[np.float64]:
    try:
        values = np.array([float(word) for word in text.split()])
    except ValueError as error:
        raise DataError(f"{name}: {text[:40]!r} is not three numbers.") from error
    if len(values) != 3:
        raise DataError(f"{name}: {text[:40]!r} is not three numbers.")
    return values


def _rotation(degrees: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return the matrix that turns about X, then Y, then Z."""
    (cx, cy, cz), (sx, sy, sz) = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return np.asarray(about_z @ about_y @ about_x)
