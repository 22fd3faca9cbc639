"""From the surface of a solid to props within face budgets."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray
from scipy.spatial import cKDTree

from vrbridge.generators.mesh.coloring import linear
from vrbridge.generators.mesh.denoising import denoised
from vrbridge.generators.mesh.extraction import Surface, coarse_surface_of, logits_of, surface_of
from vrbridge.generators.mesh.finishing import Shade, surfaced
from vrbridge.generators.mesh.grain import Floats
from vrbridge.generators.mesh.prop import Prop, SurfaceMaterial
from vrbridge.generators.mesh.simplification import prepared, simplified
from vrbridge.generators.mesh.voxels import Model, points_on, voxelised

# Of the brightest vertices: their colour is the material's, others are a share of it.
_BRIGHT_PERCENTILE = 97.0
_LEAST_BASE = 0.02
_COLOR_POINTS = 40_000
WORKED_FACES = 7000
"""Faces of the surface that is smoothed: enough for all detail, few enough to be quick."""


@dataclass(frozen=True, slots=True, eq=False)
class Colored:
    """A surface with a colour at every vertex.

    Attributes:
        surface: Closed, +Y up, of any size and at any place.
        colors: (V, 3) linear 0–1.
    """

    surface: Surface
    colors: Floats


def iter_remade(
    model: Model, budgets: Sequence[int], *, size_m: float, material: SurfaceMaterial
) -> Iterator[tuple[int, Prop]]:
    """Yield level and prop of a model of any quality, coarsest first: closed, and in its colours.

    Raises:
        GeneratorFailed: If nothing of it is solid.
    """
    logits = logits_of(voxelised(model).solid)
    surface = denoised(prepared(surface_of(logits), WORKED_FACES))
    points, tints = points_on(model, most=_COLOR_POINTS)
    colors = linear(tints[_nearest(points, surface.vertices)] / 255)
    yield from iter_casts(
        Colored(surface, colors),
        budgets,
        size_m=size_m,
        material=material,
        coarser=lambda: coarse_surface_of(logits),
    )


def finest(model: Model, *, size_m: float, material: SurfaceMaterial) -> Prop:
    """Return a model as it is, in metres, with normals and texture coordinates."""
    surface = Surface(model.vertices.astype(float), model.faces)
    placed = _Place(surface, size_m)(surface)
    tinted, tints = _split_colors(linear(model.colors / 255), material)
    part = surfaced(tinted, placed.vertices, placed.faces, tints, Shade([placed.vertices], [placed.faces]))
    return Prop((part,))


def iter_casts(
    shape: Colored,
    budgets: Sequence[int],
    *,
    size_m: float,
    material: SurfaceMaterial,
    coarser: Callable[[], Surface] | None = None,
) -> Iterator[tuple[int, Prop]]:
    """Yield level and prop, coarsest first.

    Args:
        shape: The finest that there is.
        budgets: Most faces of each level, finest first.
        size_m: Longest side in metres.
        material: Of the prop; its base colour is replaced by what the vertices share.
        coarser: Returns the same shape with fewer holes and parts, for budgets that are small.
    """
    place = _Place(shape.surface, size_m)
    placed = place(shape.surface)
    tinted, tints = _split_colors(shape.colors, material)
    shade = Shade([placed.vertices], [placed.faces])
    for level in reversed(range(len(budgets))):
        surface = simplified(placed, budgets[level], coarser=(lambda: place(coarser())) if coarser else None)
        near = _nearest(placed.vertices, surface.vertices)
        part = surfaced(tinted, surface.vertices, surface.faces, tints[near], shade)
        yield level, Prop((part,))


class _Place:
    """Moves a shape into the scene: in metres, the middle of its floor at the origin.

    Args:
        surface: The finest version of it.
        size_m: Its longest side there.
    """

    def __init__(self, surface: Surface, size_m: float) -> None:
        low, high = surface.vertices.min(0), surface.vertices.max(0)
        self._pivot = np.array([(low[0] + high[0]) / 2, low[1], (low[2] + high[2]) / 2])
        self._factor = size_m / float((high - low).max())

    def __call__(self, surface: Surface) -> Surface:
        """Return any version of the shape there."""
        return Surface((surface.vertices - self._pivot) * self._factor, surface.faces)


def _split_colors(colors: Floats, material: SurfaceMaterial) -> tuple[SurfaceMaterial, Floats]:
    """Return the material in the brightest colour, and (V, 3) shares of that, 0–1."""
    base = np.maximum(np.percentile(colors, _BRIGHT_PERCENTILE, axis=0), _LEAST_BASE)
    red, green, blue = base.tolist()
    mean = colors.mean(0)
    return (
        replace(
            material,
            base_color=(red, green, blue, 1.0),
            texture_color=(float(mean[0]), float(mean[1]), float(mean[2])),
        ),
        np.clip(colors / base, 0, 1),
    )


def _nearest(points: NDArray[np.floating], wanted: Floats) -> NDArray[np.intp]:
    return np.asarray(cKDTree(points).query(wanted)[1], np.intp)
