"""Makes light models with colours in their vertices from those of games."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

import fast_simplification
import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from vrbridge.errors import DataError
from vrbridge.training.game_models.baking import Pictures, Surface, baked
from vrbridge.training.game_models.parts import Part

MAX_FACES = 4990

_LEAST_OPACITY = 0.1
_LEAST_FACES = 8
_STEPS = 20_000
"""Vertices of the same cell, of so many along the longest side, are one."""
_MANY_FACES = 4500
_WANTED_FACES = 4400
_HARDLY_MORE = 4800
_GENTLY, _HARSHLY = 7.0, 9.0
_CELLS = (400, 256, 200, 160, 128, 100, 80, 64)
"""Ever coarser grids for models of so many loose pieces that edges can't be collapsed."""
_HALF_TURN = np.array([-1, 1, -1], np.float32)
_N_SAMPLES = 60_000
_N_NEAREST = 3

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


@dataclass(frozen=True, slots=True, eq=False)
class ColoredMesh:
    """Triangles with colours in their vertices; at material borders two vertices share a place.

    Attributes:
        vertices: (V, 3) float32; the middle of the bounds at the origin, the longest side 1.
        faces: (F, 3).
        colors: (V, 3) uint8, linear.
    """

    vertices: NDArray[np.float32]
    faces: Ints
    colors: NDArray[np.uint8]


def converted(
    parts: Sequence[Part],
    pictures: Pictures,
    name: str,
    *,
    n_drawn: int = 0,
    turn: Floats | None = None,
    is_backward: bool = False,
) -> ColoredMesh:
    """Return a model of at most 4,990 faces.

    Args:
        parts: Of the model.
        pictures: On them.
        name: What errors call it.
        n_drawn: Random numbers that were drawn before; what is simplified takes its colours at random places.
        turn: (3, 3) rotation to do first, or None.
        is_backward: Its front is -Z, and is turned round last.

    Raises:
        DataError: If nothing of it can be seen, or a picture can't be read.
    """
    if turn is not None:
        parts = [replace(part, vertices=part.vertices @ turn.T) for part in parts]
    surface = _merged(_normalised(_visible(baked(parts, pictures), name), name), name)
    if len(surface.faces) > _MANY_FACES:
        surface = _simplified(surface, _generator(n_drawn))
    mesh = _with_vertex_colors(surface)
    if len(mesh.faces) > MAX_FACES:
        raise DataError(f"{name}: {len(mesh.faces):,} faces are left of it.")
    return replace(mesh, vertices=mesh.vertices * _HALF_TURN) if is_backward else mesh


def _visible(surface: Surface, name: str) -> Surface:
    seen = _picked(surface, np.flatnonzero(surface.opacities > _LEAST_OPACITY))
    if len(seen.faces) < _LEAST_FACES:
        raise DataError(f"{name}: hardly anything of it can be seen.")
    return seen


def _normalised(surface: Surface, name: str) -> Surface:
    used = surface.vertices[np.unique(surface.faces)]
    low, high = used.min(0), used.max(0)
    longest = (high - low).max()
    if not np.isfinite(used).all() or longest <= 0:
        raise DataError(f"{name}: its vertices span no space.")
    return replace(surface, vertices=(surface.vertices - (low + high) / 2) * (1 / longest))


def _merged(surface: Surface, name: str) -> Surface:
    """Return it with one vertex at each place, and without faces that have no area or are there twice."""
    # Vertices that no face uses may be no numbers.
    cells = np.round(np.nan_to_num(surface.vertices) * _STEPS).astype(np.int64)
    _, first, places = np.unique(cells, axis=0, return_index=True, return_inverse=True)
    faces = places.ravel()[surface.faces]
    merged = replace(surface, vertices=surface.vertices[first], faces=faces)
    merged = _picked(merged, np.flatnonzero(_have_corners(faces)))
    merged = _picked(merged, np.sort(np.unique(np.sort(merged.faces, 1), axis=0, return_index=True)[1]))
    if len(merged.faces) < _LEAST_FACES:
        raise DataError(f"{name}: hardly anything of it can be seen.")
    return merged


def _picked(surface: Surface, which: Ints) -> Surface:
    return replace(
        surface,
        faces=surface.faces[which],
        colors=surface.colors[which],
        opacities=surface.opacities[which],
        parts=surface.parts[which],
    )


def _have_corners(faces: Ints) -> NDArray[np.bool_]:
    a, b, c = faces.T
    kept: NDArray[np.bool_] = (a != b) & (b != c) & (a != c)
    return kept


def _generator(n_drawn: int) -> np.random.Generator:
    source = np.random.PCG64(0)
    source.advance(n_drawn)
    return np.random.Generator(source)


def _simplified(surface: Surface, random: np.random.Generator) -> Surface:
    """Return it with fewer faces, in the colours and of the parts nearest to each."""
    samples, sampled = _samples(surface, random)
    vertices, faces = _fewer(surface.vertices, surface.faces)
    near = np.asarray(cKDTree(samples).query(vertices[faces].mean(1), k=_N_NEAREST)[1])  # (F, 3)
    return Surface(
        vertices=vertices,
        faces=faces,
        colors=surface.colors[sampled[near]].mean(1),
        opacities=np.ones(len(faces)),
        parts=surface.parts[sampled[near[:, 0]]],
    )


def _samples(surface: Surface, random: np.random.Generator) -> tuple[Floats, Ints]:
    """Return random places on the surface, and the face of each."""
    a, b, c = (surface.vertices[surface.faces[:, i]] for i in range(3))
    upto = np.cumsum(np.linalg.norm(np.cross(b - a, c - a), axis=1) / 2)
    face = np.searchsorted(upto, random.random(_N_SAMPLES) * upto[-1])
    face = np.minimum(face, len(surface.faces) - 1)
    u = random.random((_N_SAMPLES, 2))
    s = np.sqrt(u[:, :1])
    return a[face] * (1 - s) + b[face] * (s * (1 - u[:, 1:])) + c[face] * (s * u[:, 1:]), face


def _fewer(vertices: Floats, faces: Ints) -> tuple[Floats, Ints]:
    fewer = _collapsed(_single(vertices), faces)
    if len(fewer[1]) > _HARDLY_MORE:
        fewer = _collapsed(*fewer, harshness=_HARSHLY)
    for n_cells in _CELLS:
        if len(fewer[1]) <= MAX_FACES:
            break
        fewer = _clustered(vertices, faces, n_cells)
        if len(fewer[1]) > MAX_FACES:
            fewer = _collapsed(_single(fewer[0]), fewer[1], harshness=_HARSHLY)
    return fewer


def _collapsed(vertices: Floats, faces: Ints, *, harshness: float = _GENTLY) -> tuple[Floats, Ints]:
    points, triangles = fast_simplification.simplify(
        vertices, faces.astype(np.int32), target_count=_WANTED_FACES, agg=harshness
    )
    return points.astype(float), triangles.astype(np.int64)


def _single(vertices: Floats) -> Floats:
    """Return them rounded to what a float32 can hold, as the data set was made."""
    return vertices.astype(np.float32).astype(float)


def _clustered(vertices: Floats, faces: Ints, n_cells: int) -> tuple[Floats, Ints]:
    """Return it with one vertex in each cell of a grid, the mean of those in it."""
    cells = np.round((vertices + 0.5) * n_cells).astype(np.int64)
    places = np.unique(cells, axis=0, return_inverse=True)[1].ravel()
    counts = np.bincount(places)
    sums = np.stack([np.bincount(places, vertices[:, axis]) for axis in range(3)], 1)
    moved = places[faces]
    moved = moved[_have_corners(moved)]
    moved = moved[np.unique(np.sort(moved, 1), axis=0, return_index=True)[1]]
    return sums / counts[:, None], moved


def _with_vertex_colors(surface: Surface) -> ColoredMesh:
    pairs = np.stack([surface.faces.ravel(), np.repeat(surface.parts, 3)], 1)
    kept, corners = np.unique(pairs, axis=0, return_inverse=True)
    vertices, faces = surface.vertices[kept[:, 0]], corners.ravel().reshape(-1, 3)
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    areas = np.linalg.norm(np.cross(b - a, c - a), axis=1) + 1e-9
    sums, weights = np.zeros((len(vertices), 3)), np.zeros(len(vertices))
    for corner in range(3):
        np.add.at(sums, faces[:, corner], surface.colors * areas[:, None])
        np.add.at(weights, faces[:, corner], areas)
    linear = _linear(sums / weights[:, None])
    return ColoredMesh(
        # Where edges were collapsed, a vertex may lie a little outside.
        vertices=np.clip(vertices, -0.5, 0.5).astype(np.float32),
        faces=faces,
        colors=np.clip(linear * 255 + 0.5, 0, 255).astype(np.uint8),
    )


def _linear(srgb: Floats) -> Floats:
    return np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4)
