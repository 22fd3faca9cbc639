"""Compares two folders of models one by one."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

import igl
import numpy as np
from numpy.typing import NDArray

from vrbridge.generators.mesh.model_file import open_model
from vrbridge.generators.mesh.voxels import Model, points_on
from vrbridge.training.mesh_folder import Shape, read_shapes

Progress = Callable[[int, int], None]
"""Called with models done and models in all."""

_N_POINTS = 4000
"""On each surface; about so many."""


@dataclass(frozen=True, slots=True)
class ModelDifference:
    """How far two models are apart.

    Attributes:
        is_identical: The same vertices, faces and colours.
        distance: Mean distance of points on each surface to the other one (Chamfer-L1, mean of both ways),
            the longest side being 1.
        color: Mean absolute difference of colours there, 0–255; of the vertices' where faces are the same.
    """

    is_identical: bool
    distance: float
    color: float


@dataclass(frozen=True, slots=True)
class MeshComparison:
    """How far two folders of models are apart.

    Attributes:
        differences: By file.
        only_left: Files that the right folder lacks.
        only_right: Files that the left one lacks.
        other_words: Files whose captions, category, licence or size in metres differ.
    """

    differences: dict[str, ModelDifference]
    only_left: list[str]
    only_right: list[str]
    other_words: list[str]

    @property
    def n_identical(self) -> int:
        """Models with the same vertices, faces and colours."""
        return sum(difference.is_identical for difference in self.differences.values())

    @property
    def farthest(self) -> tuple[str, float]:
        """The file whose surface differs most, and its distance."""
        distances = {name: difference.distance for name, difference in self.differences.items()}
        return max(distances.items(), key=lambda item: item[1], default=("", 0.0))

    @property
    def most_colored(self) -> tuple[str, float]:
        """The file whose colours differ most, and by how much."""
        colors = {name: difference.color for name, difference in self.differences.items()}
        return max(colors.items(), key=lambda item: item[1], default=("", 0.0))

    def n_alike(self, distance: float, color: float) -> int:
        """Return how many models differ by no more than a distance and a colour."""
        return sum(d.distance <= distance and d.color <= color for d in self.differences.values())

    def is_same(self, distance: float, color: float) -> bool:
        """Return whether the folders hold the same words, and models up to a distance and a colour."""
        is_whole = not (self.only_left or self.only_right or self.other_words)
        return is_whole and self.n_alike(distance, color) == len(self.differences)


def compare_meshes(left: Path, right: Path, *, progress: Progress | None = None) -> MeshComparison:
    """Return the differences of two folders of models, matched by their file names.

    Models are compared as training sees them: moved to the origin, the longest side 1.

    Args:
        left: A folder of models.
        right: Another.
        progress: Told of each model.

    Raises:
        DataError: If a folder or model can't be read.
    """
    here = {shape.file: shape for shape in read_shapes(left)}
    there = {shape.file: shape for shape in read_shapes(right)}
    both = [name for name in here if name in there]
    differences = {}
    for done, name in enumerate(both, 1):
        differences[name] = model_difference(open_model(left / name, name), open_model(right / name, name))
        if progress is not None:
            progress(done, len(both))
    return MeshComparison(
        differences,
        [name for name in here if name not in there],
        [name for name in there if name not in here],
        [name for name in both if _words(here[name]) != _words(there[name])],
    )


def model_difference(left: Model, right: Model) -> ModelDifference:
    """Return how far two models are apart."""
    pairs = ((left.vertices, right.vertices), (left.faces, right.faces), (left.colors, right.colors))
    if all(np.array_equal(one, other) for one, other in pairs):
        return ModelDifference(is_identical=True, distance=0.0, color=0.0)
    ways = [_to(left, right), _to(right, left)]
    distance, color = np.mean(ways, axis=0)
    if left.vertices.shape == right.vertices.shape and np.array_equal(left.faces, right.faces):
        # Vertex by vertex: of surfaces that lie on one another either may be the nearest.
        color = np.abs(left.colors.astype(int) - right.colors).mean()
    return ModelDifference(is_identical=False, distance=float(distance), color=float(color))


def _to(left: Model, right: Model) -> tuple[float, float]:
    """Return the mean distance of one surface's points to another, and the difference of colours there."""
    points, colors = _some(*points_on(left, most=_N_POINTS))
    vertices = right.vertices.astype(float)
    squares, faces, nearest = igl.point_mesh_squared_distance(points, vertices, right.faces)
    corners = right.faces[faces]  # (N, 3)
    shares = igl.barycentric_coordinates(nearest, *(vertices[corners[:, i]] for i in range(3)))
    # On a face without an area there are no shares.
    shares = np.nan_to_num(shares, nan=1 / 3).clip(0, 1)
    there = (right.colors[corners] * shares[:, :, None]).sum(1)
    return float(np.sqrt(squares).mean()), float(np.abs(there - colors).mean())


def _some(
    points: NDArray[np.float32], colors: NDArray[np.float32]
) -> tuple[NDArray[np.float64], NDArray[np.float64]]:
    """Return every so many-th, as many faces have a point each."""
    step = max(1, len(points) // _N_POINTS)
    return points[::step].astype(float), colors[::step].astype(float)


def _words(shape: Shape) -> tuple[object, ...]:
    return (
        shape.caption,
        shape.colored_caption,
        shape.category,
        shape.license,
        shape.license_class,
        shape.copyright,
        shape.size_m,
    )
