"""Real models that may be handed on, many in one safetensors file."""

import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.torch import save_file

from vrbridge.errors import ModelError
from vrbridge.generators.mesh.shape_file import STEPS_OF_SENTENCES, in_steps
from vrbridge.generators.mesh.shape_prior import ShapeAnchors
from vrbridge.generators.mesh.voxels import Model
from vrbridge.generators.tensor_file import read_tensors

FORMAT = "vrbridge-props-1"

_STEPS = 65535.0
_REMADE = "remade."
# What was remade stands on the floor, and collapsed edges reach a little beyond its bounds.
_REMADE_MIDDLE = np.array([0, 0.5, 0], np.float32)
_REMADE_SPAN = np.float32(2)


@dataclass(frozen=True, slots=True, eq=False)
class Remade:
    """Closed models in place of those of a shelf, with few faces: to make them takes some tenths of a second.

    Attributes:
        budgets: (L,) int32, most faces of each level, finest first.
        vertices: (V, 3) uint16 of all of them; 0 and 65,535 are -1 and 1, for y -0.5 and 1.5.
        colors: (V, 3) uint8 sRGB.
        faces: (F, 3) uint16, counted from the first vertex of their own model.
        vertex_starts: (N L + 1,) int32: all levels of the first model, then those of the next.
        face_starts: (N L + 1,) int32; levels that a model does not need are empty.
    """

    budgets: NDArray[np.int32]
    vertices: NDArray[np.uint16]
    colors: NDArray[np.uint8]
    faces: NDArray[np.uint16]
    vertex_starts: NDArray[np.int32]
    face_starts: NDArray[np.int32]

    @classmethod
    def of(cls, budgets: Sequence[int], levels: Iterable[Mapping[int, Model]]) -> "Remade":
        """Return what was made of each model, by budget; see `casting.remade`."""
        empty = Model(np.zeros((0, 3), np.float32), np.zeros((0, 3), np.int64), np.zeros((0, 3), np.uint8))
        models = [of_one.get(budget, empty) for of_one in levels for budget in budgets]
        return cls(
            budgets=np.array(budgets, np.int32),
            vertices=np.concatenate(
                [in_grid((model.vertices - _REMADE_MIDDLE) / _REMADE_SPAN) for model in models]
            ),
            colors=np.concatenate([model.colors for model in models]),
            faces=np.concatenate([model.faces.astype(np.uint16) for model in models]),
            vertex_starts=np.cumsum([0, *(len(model.vertices) for model in models)]).astype(np.int32),
            face_starts=np.cumsum([0, *(len(model.faces) for model in models)]).astype(np.int32),
        )

    def models(self, number: int) -> dict[int, Model]:
        """Return those of one model by budget: longest side about 1, middle of the floor at the origin."""
        first = number * len(self.budgets)
        found = {}
        for level, budget in enumerate(self.budgets.tolist(), first):
            vertices = slice(*self.vertex_starts[level : level + 2])
            faces = slice(*self.face_starts[level : level + 2])
            if faces.stop > faces.start:
                points = from_grid(self.vertices[vertices]) * _REMADE_SPAN + _REMADE_MIDDLE
                found[budget] = Model(points, self.faces[faces].astype(np.int64), self.colors[vertices])
        return found


@dataclass(frozen=True, slots=True, eq=False)
class Shelf:
    """A set of real models.

    Attributes:
        name: Of the set.
        anchors: Their words; codes are empty.
        attributions: Whom to name with each.
        vertices: (V, 3) uint16 of all of them; 0 and 65,535 are -0.5 and 0.5.
        colors: (V, 3) uint8 sRGB.
        faces: (F, 3) uint16, counted from the first vertex of their own model.
        vertex_starts: (N + 1,) int32.
        face_starts: (N + 1,) int32.
        coarse: Closed ones with fewer faces; None: they have to be made when they are asked for.
    """

    name: str
    anchors: ShapeAnchors
    attributions: tuple[str, ...]
    vertices: NDArray[np.uint16]
    colors: NDArray[np.uint8]
    faces: NDArray[np.uint16]
    vertex_starts: NDArray[np.int32]
    face_starts: NDArray[np.int32]
    coarse: Remade | None = None

    def model(self, number: int) -> Model:
        """Return one of the models."""
        vertices = slice(*self.vertex_starts[number : number + 2])
        faces = slice(*self.face_starts[number : number + 2])
        return Model(
            vertices=from_grid(self.vertices[vertices]),
            faces=self.faces[faces].astype(np.int64),
            colors=self.colors[vertices],
        )

    def remade(self, number: int) -> dict[int, Model]:
        """Return closed ones in place of one of the models, by the most faces that each has."""
        return {} if self.coarse is None else self.coarse.models(number)


def in_grid(vertices: NDArray[np.floating]) -> NDArray[np.uint16]:
    """Return (V, 3) vertices from -0.5 to 0.5 in 65,535 steps."""
    return np.asarray(np.rint((np.clip(vertices, -0.5, 0.5) + 0.5) * _STEPS), np.uint16)


def from_grid(steps: NDArray[np.uint16]) -> NDArray[np.float32]:
    """Return vertices of their steps; the opposite of `in_grid`."""
    return (steps / np.float32(_STEPS) - np.float32(0.5)).astype(np.float32)


def write(shelf: Shelf, path: Path) -> None:
    """Write a shelf."""
    arrays: dict[str, NDArray[Any]] = {
        "vertices": shelf.vertices.view(np.int16),  # safetensors' torch reader knows no uint16
        "colors": shelf.colors,
        "faces": shelf.faces.view(np.int16),
        "vertex_starts": shelf.vertex_starts,
        "face_starts": shelf.face_starts,
        "sizes_m": shelf.anchors.sizes_m,
    }
    if shelf.coarse is not None:
        arrays |= {
            f"{_REMADE}budgets": shelf.coarse.budgets,
            f"{_REMADE}vertices": shelf.coarse.vertices.view(np.int16),
            f"{_REMADE}colors": shelf.coarse.colors,
            f"{_REMADE}faces": shelf.coarse.faces.view(np.int16),
            f"{_REMADE}vertex_starts": shelf.coarse.vertex_starts,
            f"{_REMADE}face_starts": shelf.coarse.face_starts,
        }
    tensors = {name: torch.from_numpy(np.ascontiguousarray(values)) for name, values in arrays.items()}
    tensors["sentences"] = in_steps(shelf.anchors.sentences, STEPS_OF_SENTENCES)
    header = {
        "format": FORMAT,
        "name": shelf.name,
        "captions": json.dumps(shelf.anchors.captions),
        "categories": json.dumps(shelf.anchors.categories),
        "attributions": json.dumps(shelf.attributions),
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    save_file(tensors, path, metadata=header)


def read(path: Path) -> Shelf:
    """Return the shelf in a file.

    Raises:
        ModelError: If the file is missing, damaged, or of something else.
    """
    header, tensors = read_tensors(path, FORMAT, what="set of props")
    try:
        arrays = {name: values.numpy() for name, values in tensors.items()}
        captions = tuple(json.loads(header["captions"]))
        return Shelf(
            name=header["name"],
            anchors=ShapeAnchors(
                captions=captions,
                categories=tuple(json.loads(header["categories"])),
                sentences=arrays["sentences"].astype(np.float32) / STEPS_OF_SENTENCES,
                codes=np.zeros((len(captions), 0), np.float32),
                colors=np.zeros((len(captions), 0), np.float32),
                sizes_m=arrays["sizes_m"],
                bonus=np.zeros(len(captions), np.float32),
            ),
            attributions=tuple(json.loads(header["attributions"])),
            vertices=arrays["vertices"].view(np.uint16),
            colors=arrays["colors"],
            faces=arrays["faces"].view(np.uint16),
            vertex_starts=arrays["vertex_starts"],
            face_starts=arrays["face_starts"],
            coarse=_remade_in(arrays),
        )
    except (KeyError, ValueError) as error:
        raise ModelError(f"{path} is no whole set of props: {error}") from error


def _remade_in(arrays: Mapping[str, NDArray[Any]]) -> Remade | None:
    """Return the coarse models of a file, or None: files of an earlier version have none."""
    found = {
        name.removeprefix(_REMADE): values for name, values in arrays.items() if name.startswith(_REMADE)
    }
    if not found:
        return None
    return Remade(
        budgets=found["budgets"],
        vertices=found["vertices"].view(np.uint16),
        colors=found["colors"],
        faces=found["faces"].view(np.uint16),
        vertex_starts=found["vertex_starts"],
        face_starts=found["face_starts"],
    )
