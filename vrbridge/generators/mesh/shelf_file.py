"""Real models that may be handed on, many in one safetensors file."""

import json
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
    """

    name: str
    anchors: ShapeAnchors
    attributions: tuple[str, ...]
    vertices: NDArray[np.uint16]
    colors: NDArray[np.uint8]
    faces: NDArray[np.uint16]
    vertex_starts: NDArray[np.int32]
    face_starts: NDArray[np.int32]

    def model(self, number: int) -> Model:
        """Return one of the models."""
        vertices = slice(*self.vertex_starts[number : number + 2])
        faces = slice(*self.face_starts[number : number + 2])
        return Model(
            vertices=(self.vertices[vertices] / np.float32(_STEPS) - np.float32(0.5)).astype(np.float32),
            faces=self.faces[faces].astype(np.int64),
            colors=self.colors[vertices],
        )


def in_grid(vertices: NDArray[np.floating]) -> NDArray[np.uint16]:
    """Return (V, 3) vertices from -0.5 to 0.5 in 65,535 steps."""
    return np.asarray(np.rint((np.clip(vertices, -0.5, 0.5) + 0.5) * _STEPS), np.uint16)


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
        )
    except (KeyError, ValueError) as error:
        raise ModelError(f"{path} is no whole set of props: {error}") from error
