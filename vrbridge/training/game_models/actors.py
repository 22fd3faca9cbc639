"""Actors of 0 A.D.: XML files that put meshes, skins and other actors together.

Source:
    Wildfire Games, Pyrogenesis, `source/graphics/ObjectBase.cpp`.
"""

import posixpath
import re
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from xml.etree import ElementTree
from xml.etree.ElementTree import Element

import numpy as np

from vrbridge.errors import DataError
from vrbridge.training.game_models.parts import ModelFiles, Part, checked
from vrbridge.training.game_models.pmd import Placement, read_pmd

_ACTORS = "art/actors/"
_VARIANTS = "art/variants/"
_MESHES = "art/meshes/"
_SKINS = "art/textures/skins/"
_MADE = ".cached"
"""Between a name and the ending of what the game makes of its sources."""
_UNSEEN = re.compile(r"decal|particle|shadow|smoke|fire|light|garrison_flag")
_UNUSUAL = frozenset({"death", "construction"})
_MAX_DEPTH = 3
_MAX_LEVELS = 5


@dataclass(slots=True)
class _Choice:
    """What the chosen variants of an actor say together."""

    mesh: str | None = None
    skin: str | None = None
    props: dict[str, list[str]] = field(default_factory=dict)


def read_actor(name: str, files: ModelFiles) -> list[Part]:
    """Return the mesh of an actor, and those of the actors attached to it.

    Of each group of variants the first that occurs at all is taken. The front is -Z.

    Args:
        name: Of the XML file.
        files: It, and all that it refers to.

    Raises:
        DataError: If a file that is there is damaged. What is not there is left out, as in the game.
    """
    parts = _parts(name, files, depth=0)
    mirrored = [
        replace(part, vertices=part.vertices * [-1, 1, 1], faces=part.faces[:, ::-1]) for part in parts
    ]
    return checked(mirrored, name)


def _parts(name: str, files: ModelFiles, *, depth: int) -> list[Part]:
    """Return left-handed parts."""
    actor = _actor(name, files)
    if actor is None:
        return []
    choice = _chosen(actor, files)
    parts: list[Part] = []
    points: dict[str, Placement] = {}
    if choice.mesh:
        path = f"{_MESHES}{choice.mesh}{_MADE}.pmd"
        if path not in files:
            return []
        mesh = read_pmd(path, files)
        points = mesh.points
        skin = _skin(choice.skin, files) if choice.skin else None
        is_cut_out = _is_cut_out(actor.findtext("material") or "")
        parts.append(Part(mesh.vertices, mesh.faces, mesh.uv, picture=skin, is_cut_out=is_cut_out))
    if depth < _MAX_DEPTH:
        for point, props in choice.props.items():
            placement = (np.eye(3), np.zeros(3)) if point == "root" else points.get(point)
            for prop in props:
                path = _ACTORS + prop
                if placement is not None and path in files and not _UNSEEN.search(prop):
                    parts += _placed(_parts(path, files, depth=depth + 1), placement)
    return parts


def _placed(parts: list[Part], placement: Placement) -> Iterator[Part]:
    rotation, shift = placement
    for part in parts:
        yield replace(part, vertices=part.vertices @ rotation.T + shift)


def _actor(name: str, files: ModelFiles) -> Element | None:
    """Return the actor of a file, of several levels of quality the usual one; None if there is none."""
    for _ in range(_MAX_LEVELS + 1):
        root = _xml(name, files)
        if root.tag != "qualitylevels":
            return root
        inline = root.find("inline")
        if inline is not None:
            return inline
        levels = [level for level in root.findall("actor") if level.get("file")]
        usual = [level for level in levels if not level.get("quality")]
        if not levels:
            return None
        name = _ACTORS + str((usual[-1] if usual else levels[0]).get("file"))
    return None


def _chosen(actor: Element, files: ModelFiles) -> _Choice:
    choice = _Choice()
    for group in actor.findall("group"):
        variants = [v for v in group.findall("variant") if (v.get("name") or "").lower() not in _UNUSUAL]
        variants = [v for v in variants if not v.get("maxquality")] or variants
        if not variants:
            continue
        variant = next((v for v in variants if _frequency(v) > 0), variants[0])
        path = f"{_VARIANTS}{variant.get('file')}"
        shared = [_xml(path, files)] if variant.get("file") and path in files else []
        for said in (*shared, variant):
            _take(choice, said)
    return choice


def _take(choice: _Choice, said: Element) -> None:
    choice.mesh = said.findtext("mesh") or choice.mesh
    for texture in said.iter("texture"):
        if texture.get("name") == "baseTex":
            choice.skin = texture.get("file")
    for prop in said.iter("prop"):
        point, actor = prop.get("attachpoint") or "", prop.get("actor")
        if actor:
            choice.props.setdefault(point, []).append(actor)
        else:
            choice.props.pop(point, None)


def _frequency(variant: Element) -> float:
    try:
        return float(variant.get("frequency") or 0)
    except ValueError:
        return 0.0


def _skin(file: str, files: ModelFiles) -> str | None:
    stem = posixpath.splitext(file)[0]
    names = [file, *(stem + ending for ending in (".png", ".dds", ".tga"))]
    return next((path for name in names if (path := f"{_SKINS}{name}{_MADE}.dds") in files), None)


def _is_cut_out(material: str) -> bool:
    """Return whether a material's transparency is the thing's own, and no player's colour."""
    return "trans" in material and "no_trans" not in material and "player" not in material


def _xml(name: str, files: ModelFiles) -> Element:
    # Its package is checked by its SHA-256 before.
    try:
        return ElementTree.fromstring(files.read(name))  # noqa: S314
    except ElementTree.ParseError as error:
        raise DataError(f"{name}: no XML.") from error
