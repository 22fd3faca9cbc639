"""A small shelf of real models."""

from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import trimesh

from tests.fakes import FakeTextEncoder
from vrbridge.generators.mesh import shelf_file
from vrbridge.generators.mesh.casting import remade
from vrbridge.generators.mesh.shape_prior import ShapeAnchors
from vrbridge.generators.mesh.shelf_file import Remade, Shelf, in_grid

CAPTIONS = {"brown wooden crate": "container", "gray ball": "sport/toy/music", "red chair": "chair/seat"}


def _meshes() -> list[trimesh.Trimesh]:
    seat = trimesh.creation.box((0.5, 0.1, 0.5))
    legs = [trimesh.creation.box((0.08, 0.5, 0.08)) for _ in range(4)]
    for leg, (x, z) in zip(legs, ((-1, -1), (-1, 1), (1, -1), (1, 1)), strict=True):
        leg.apply_translation((0.2 * x, -0.25, 0.2 * z))
    parts = [seat, *legs]
    starts = np.cumsum([0, *(len(part.vertices) for part in parts)])
    chair = trimesh.Trimesh(
        np.concatenate([part.vertices for part in parts]),
        np.concatenate([part.faces + start for part, start in zip(parts, starts, strict=False)]),
        process=False,
    )
    return [trimesh.creation.box((1, 1, 1)), trimesh.creation.icosphere(subdivisions=4, radius=0.5), chair]


def small_shelf() -> Shelf:
    """Return a box, a ball of 5,120 faces and a chair of five boxes."""
    meshes = _meshes()
    captions = tuple(CAPTIONS)
    colors = ((120, 80, 40), (128, 128, 128), (200, 40, 30))
    return Shelf(
        name="small-1",
        anchors=ShapeAnchors(
            captions=captions,
            categories=tuple(CAPTIONS.values()),
            sentences=FakeTextEncoder().encode(captions),
            codes=np.zeros((3, 0), np.float32),
            colors=np.zeros((3, 0), np.float32),
            sizes_m=np.array([0.8, 0.2, 0.9], np.float32),
            bonus=np.zeros(3, np.float32),
        ),
        attributions=tuple(f"“{caption}” by Ann, CC-BY-4.0" for caption in captions),
        vertices=np.concatenate([in_grid(mesh.vertices) for mesh in meshes]),
        colors=np.concatenate(
            [np.full((len(m.vertices), 3), c, np.uint8) for m, c in zip(meshes, colors, strict=True)]
        ),
        faces=np.concatenate([mesh.faces.astype(np.uint16) for mesh in meshes]),
        vertex_starts=np.cumsum([0, *(len(mesh.vertices) for mesh in meshes)]).astype(np.int32),
        face_starts=np.cumsum([0, *(len(mesh.faces) for mesh in meshes)]).astype(np.int32),
    )


def with_coarse(shelf: Shelf, budgets: Sequence[int]) -> Shelf:
    """Return the shelf with coarse models of all that have more faces."""
    models = [shelf.model(number) for number in range(len(shelf.attributions))]
    made = [remade(model, [n for n in budgets if n < len(model.faces)]) for model in models]
    return replace(shelf, coarse=Remade.of(budgets, made))


def small_shelf_file(folder: Path, shelf: Shelf | None = None) -> Path:
    """Return its file in a folder."""
    path = folder / "small.safetensors"
    shelf_file.write(shelf or small_shelf(), path)
    return path
