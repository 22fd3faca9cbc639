"""From the surface of a solid to props within face budgets."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import partial

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
from vrbridge.interruption import step

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
    surface, srgb, coarser = _worked(model)
    yield from iter_casts(
        Colored(surface, linear(srgb / 255)), budgets, size_m=size_m, material=material, coarser=coarser
    )


def remade(model: Model, budgets: Sequence[int]) -> dict[int, Model]:
    """Return the surfaces of `iter_remade` by budget, with a longest side of about 1 and on the floor.

    Raises:
        GeneratorFailed: If nothing of the model is solid.
    """
    surface, srgb, coarser = _worked(model)
    place = _Place(surface, 1.0)
    placed = place(surface)
    models = {}
    for budget in budgets:
        small = simplified(placed, budget, coarser=lambda: place(coarser()))
        near = _nearest(placed.vertices, small.vertices)
        models[budget] = Model(
            small.vertices.astype(np.float32), small.faces, srgb[near].round().astype(np.uint8)
        )
    return models


def iter_kept(
    kept: Mapping[int, Model],
    model: Model,
    budgets: Sequence[int],
    *,
    size_m: float,
    material: SurfaceMaterial,
) -> Iterator[tuple[int, Prop]]:
    """Yield level and prop of a model that was remade before, coarsest first.

    Args:
        kept: From `remade`.
        model: The model as it is, which lends its colour and its shade.
        budgets: Most faces of each level, finest first; at most the largest of those kept.
        size_m: Longest side in metres.
        material: Of the prop; its base colour is replaced by what the vertices share.
    """
    dress = _Dress(_placed(model, size_m), linear(model.colors / 255), material)
    for level in reversed(range(len(budgets))):
        budget = budgets[level]
        nearest = kept[min(n for n in kept if n >= budget)]
        # Where edges can't be collapsed that far, what was remade for fewer faces is there.
        fewer = kept[max((n for n in kept if n <= budget), default=min(kept))]
        whole = _scaled(nearest, size_m)
        surface = simplified(whole, budget, coarser=partial(_scaled, fewer, size_m))
        near = _nearest(whole.vertices, surface.vertices)
        yield level, dress(Colored(surface, linear(nearest.colors[near] / 255)))


def finest(model: Model, *, size_m: float, material: SurfaceMaterial) -> Prop:
    """Return a model as it is, in metres, with normals and texture coordinates."""
    placed, colors = _placed(model, size_m), linear(model.colors / 255)
    return _Dress(placed, colors, material)(Colored(placed, colors))


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
    dress = _Dress(placed, shape.colors, material)
    for level in reversed(range(len(budgets))):
        surface = simplified(placed, budgets[level], coarser=(lambda: place(coarser())) if coarser else None)
        near = _nearest(placed.vertices, surface.vertices)
        step()
        yield level, dress(Colored(surface, shape.colors[near]))


def _worked(model: Model) -> tuple[Surface, NDArray[np.float32], Callable[[], Surface]]:
    """Return a model as one smooth surface, its colours (V, 3) sRGB 0–255, and what makes a plainer one."""
    logits = logits_of(voxelised(model).solid)
    surface = denoised(prepared(surface_of(logits), WORKED_FACES))
    points, tints = points_on(model, most=_COLOR_POINTS)
    return surface, tints[_nearest(points, surface.vertices)], lambda: coarse_surface_of(logits)


def _placed(model: Model, size_m: float) -> Surface:
    surface = Surface(model.vertices.astype(float), model.faces)
    return _Place(surface, size_m)(surface)


def _scaled(model: Model, size_m: float) -> Surface:
    return Surface(model.vertices.astype(float) * size_m, model.faces)


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


class _Dress:
    """Gives all levels of a shape the same material and the same shade.

    Args:
        finest: The shape in the scene.
        colors: (V, 3) linear of its vertices; the brightest becomes the material's.
        material: Of the prop.
    """

    def __init__(self, finest: Surface, colors: Floats, material: SurfaceMaterial) -> None:
        # White may come out a rounding error above 1, which no material allows.
        self._base = np.clip(np.percentile(colors, _BRIGHT_PERCENTILE, axis=0), _LEAST_BASE, 1.0)
        red, green, blue = self._base.tolist()
        mean = colors.mean(0)
        self._material = replace(
            material,
            base_color=(red, green, blue, 1.0),
            texture_color=(float(mean[0]), float(mean[1]), float(mean[2])),
        )
        self._shade = Shade([finest.vertices], [finest.faces])

    def __call__(self, shape: Colored) -> Prop:
        """Return any version of the shape, in the scene, as a prop."""
        shares = np.clip(shape.colors / self._base, 0, 1)
        surface = shape.surface
        return Prop((surfaced(self._material, surface.vertices, surface.faces, shares, self._shade),))


def _nearest(points: NDArray[np.floating], wanted: Floats) -> NDArray[np.intp]:
    return np.asarray(cKDTree(points).query(wanted)[1], np.intp)
