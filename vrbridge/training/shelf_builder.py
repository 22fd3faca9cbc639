"""Puts the models of a folder that may be handed on into one file."""

from collections.abc import Callable
from dataclasses import replace

import fast_simplification
import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import map_coordinates
from scipy.spatial import cKDTree

from vrbridge.errors import DataError, GeneratorFailed
from vrbridge.generators.mesh.casting import iter_kept, remade
from vrbridge.generators.mesh.levels import ladder
from vrbridge.generators.mesh.model_file import open_model
from vrbridge.generators.mesh.prop import SurfaceMaterial, is_closed
from vrbridge.generators.mesh.shape_prior import ShapeAnchors
from vrbridge.generators.mesh.shelf_file import Remade, Shelf, from_grid, in_grid
from vrbridge.generators.mesh.volume import EDGE, SPAN, to_cells
from vrbridge.generators.mesh.voxels import Model
from vrbridge.generators.text_encoder import SentenceEncoder
from vrbridge.training.attribution import MODELS, attribution
from vrbridge.training.mesh_data import MeshData
from vrbridge.training.mesh_folder import Shape
from vrbridge.training.usual_sizes import sizes_m

_MAX_FACES = 1500
_MAX_VERTICES = 65_535
_GENTLE = 4.0
# Twice the area of a face, in squares of the longest side.
_LEAST_AREA = 1e-9
_FREE = frozenset({"permissive"})
# Of all levels but the first, which most models fit as they are.
_BUDGETS = ladder(_MAX_FACES, 4)[1:]
_PLAIN = SurfaceMaterial("plain", (1.0, 1.0, 1.0, 1.0), 0.0, 1.0, "")


def shelf_of(
    data: MeshData, name: str, encoder: SentenceEncoder, on_model: Callable[[int, int], None]
) -> Shelf:
    """Return the models whose licence is permissive, each of at most 1,500 faces that look outwards.

    Args:
        data: Models with licences.
        name: Of the set.
        encoder: Sentence vectors of the captions.
        on_model: Told how many are done, and of how many.

    Raises:
        DataError: If there are none.
    """
    free = [i for i, shape in enumerate(data.shapes) if shape.license_class in _FREE]
    kept: list[int] = []
    models: list[Model] = []
    coarse: list[dict[int, Model]] = []
    for done, number in enumerate(free, 1):
        file = data.shapes[number].file
        model = _small(_outward(open_model(data.folder / file, file), data.solid[number]))
        if model is not None:
            kept.append(number)
            models.append(model)
            # Of what the file holds, so that they can be made of that as well.
            coarse.append(_coarse(replace(model, vertices=from_grid(in_grid(model.vertices)))))
        on_model(done, len(free))
    if not models:
        raise DataError(f"{data.folder.name}: no model has a permissive licence.")
    shapes = [data.shapes[i] for i in kept]
    return Shelf(
        name=name,
        anchors=ShapeAnchors(
            captions=tuple(shape.colored_caption for shape in shapes),
            categories=tuple(shape.category for shape in shapes),
            sentences=encoder.encode([shape.colored_caption for shape in shapes]),
            codes=np.zeros((len(shapes), 0), np.float32),
            colors=np.zeros((len(shapes), 0), np.float32),
            sizes_m=sizes_m(shapes),
            bonus=np.zeros(len(shapes), np.float32),
        ),
        attributions=tuple(named(shape) for shape in shapes),
        vertices=np.concatenate([in_grid(model.vertices) for model in models]),
        colors=np.concatenate([model.colors for model in models]),
        faces=np.concatenate([model.faces.astype(np.uint16) for model in models]),
        vertex_starts=np.cumsum([0, *(len(model.vertices) for model in models)]).astype(np.int32),
        face_starts=np.cumsum([0, *(len(model.faces) for model in models)]).astype(np.int32),
        coarse=Remade.of(_BUDGETS, coarse),
    )


def credits_of(data: MeshData) -> str:
    """Return Markdown that names the authors of the models of `shelf_of`, by package and licence."""
    lines = [
        {
            "source_package": shape.source.partition(":")[0],
            "license": shape.license,
            "copyright": shape.copyright or "unknown author",
        }
        for shape in data.shapes
        if shape.license_class in _FREE
    ]
    return attribution(lines, head=MODELS, what="models")


def named(shape: Shape) -> str:
    """Return whom to name with a model, and under which licence."""
    who = shape.copyright or "unknown author"
    return f"“{shape.caption}” by {who}, {shape.license}, from {shape.source}; simplified"


def _outward(model: Model, solid: NDArray[np.uint8]) -> Model:
    """Return the model with faces turned towards the empty side, where just one side is."""
    corners = model.vertices[model.faces].astype(float)
    normals = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
    unit = normals / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    middles = corners.mean(1)
    before, behind = (
        map_coordinates(solid.astype(np.float32), (to_cells(middles + side * unit) - 0.5).T, order=1)
        for side in (1.6 / SPAN, -1.6 / SPAN)
    )
    is_inward = before - behind > EDGE
    faces = np.where(is_inward[:, None], model.faces[:, ::-1], model.faces)
    return Model(model.vertices, faces, model.colors)


def _small(model: Model) -> Model | None:
    """Return the model with few enough faces, or None if that leaves nothing of it."""
    points, colors, faces = model.vertices.astype(np.float32), model.colors, model.faces
    if len(faces) > _MAX_FACES:
        simple, faces = fast_simplification.simplify(
            points, faces.astype(np.int32), target_count=_MAX_FACES, agg=_GENTLE
        )
        colors = colors[cKDTree(points).query(simple)[1]]
        points = np.asarray(simple, np.float32)
    a, b, c = (points[faces[:, i]].astype(float) for i in range(3))
    faces = faces[np.linalg.norm(np.cross(b - a, c - a), axis=1) > _LEAST_AREA]
    used, renumbered = np.unique(faces, return_inverse=True)
    if len(faces) < 4 or len(used) > _MAX_VERTICES:
        return None
    return Model(points[used], renumbered.reshape(-1, 3).astype(np.int64), colors[used])


def _coarse(model: Model) -> dict[int, Model]:
    """Return the coarse levels that a model needs, without those that are not closed in the file's steps."""
    budgets = [budget for budget in _BUDGETS if budget < len(model.faces)]
    try:
        made = remade(model, budgets) if budgets else {}
    except GeneratorFailed:  # nothing of it is solid, which is said when it is asked for
        return {}
    kept = Remade.of(budgets, [made]).models(0) if made else {}
    return {budget: made[budget] for budget in kept if _is_sound(kept[budget], model, budget)}


def _is_sound(small: Model, model: Model, budget: int) -> bool:
    [(_, prop)] = iter_kept({budget: small}, model, [budget], size_m=1.0, material=_PLAIN)
    return is_closed(prop) and prop.n_faces <= budget
