"""Coarser versions of a prop within exact face budgets, and its collider."""

from collections.abc import Iterator, Sequence

import fast_simplification
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import QhullError

from vrbridge.generators.mesh.finishing import surfaced
from vrbridge.generators.mesh.parametric import MeshPlan, ParametricMeshes
from vrbridge.generators.mesh.prop import Part, Prop, SurfaceMaterial
from vrbridge.generators.mesh.sketch import FINEST, Piece
from vrbridge.generators.mesh.solids import Floats, Ints, box, hull_faces, signed_volume

MIN_FACES = 50
COLLIDER_FACES = 64
_BOX_FACES = 12
# Faces of the levels of a prop of usual size.
_USUAL = (1500, 400, 80, 50)
# A level that uses less of its budget than this is worth a try with the next finer one: without its
# smallest pieces if it is over the budget by this factor at most, else with collapsed edges,
_POOR = 0.6
# unless that has so many times the budget that collapsing would ruin it.
_MAX_PRUNE = 1.6
_MAX_COLLAPSE = 2.0


def ladder(max_faces: int, lods: int) -> tuple[int, ...]:
    """Return the face budgets of `lods` levels, finest first, each at least 50.

    Args:
        max_faces: Budget of the finest.
        lods: 1–4.
    """
    factor = max_faces / _USUAL[0]
    steps = [max_faces, *(round(usual * min(factor, 1.0)) for usual in _USUAL[1:lods])]
    return tuple(max(MIN_FACES, min(step, max_faces)) if i else step for i, step in enumerate(steps))


def iter_levels(
    meshes: ParametricMeshes, plan: MeshPlan, budgets: Sequence[int]
) -> Iterator[tuple[int, Prop]]:
    """Yield level and prop, coarsest first, so that something can be shown early.

    Args:
        meshes: Builds the plan at several details.
        plan: What to build.
        budgets: Most faces of each level, finest first.
    """
    detail = 0
    for level in reversed(range(len(budgets))):
        while detail < FINEST and _n_faces(meshes, plan, detail + 1) <= budgets[level]:
            detail += 1
        yield level, _fitting(meshes, plan, detail, budgets[level])


def _n_faces(meshes: ParametricMeshes, plan: MeshPlan, detail: int) -> int:
    return sum(len(piece.solid.faces) for piece in meshes.sketch(plan, detail=detail))


def _fitting(meshes: ParametricMeshes, plan: MeshPlan, detail: int, budget: int) -> Prop:
    """Return the prop at a detail, or a finer one made smaller where that uses the budget better."""
    prop = meshes.build(plan, detail=detail)
    is_poor = detail < FINEST and prop.n_faces < _POOR * budget
    if is_poor:
        pieces = meshes.sketch(plan, detail=detail + 1)
        n_faces = sum(len(piece.solid.faces) for piece in pieces)
        if n_faces < _MAX_PRUNE * budget:
            pieces = _pruned(pieces, budget)
            if sum(len(piece.solid.faces) for piece in pieces) <= budget:
                return meshes.finish(plan, pieces)
        if n_faces < _MAX_COLLAPSE * budget:
            finer = _collapsed_prop(meshes.finish(plan, pieces), budget)
            if finer.n_faces <= budget:
                return finer
    return reduced(prop, budget)


def _pruned(pieces: tuple[Piece, ...], budget: int) -> tuple[Piece, ...]:
    """Return the pieces that matter; those of one kind and size, such as spokes, stay or go together."""
    left = pieces
    for weight in sorted({_weight(piece) for piece in pieces if piece.rank > 0}):
        if sum(len(piece.solid.faces) for piece in left) <= budget:
            break
        left = tuple(piece for piece in left if _weight(piece) != weight)
    return left


def _weight(piece: Piece) -> tuple[int, int]:
    return -piece.rank, round(float(np.log(_diagonal(piece))) * 20)


def _diagonal(piece: Piece) -> float:
    return float(np.linalg.norm(np.ptp(piece.solid.vertices, axis=0)))


def levels(prop: Prop, budgets: Sequence[int]) -> list[Prop]:
    """Return the prop within each budget, in the order of the budgets, however it was made.

    Raises:
        ValueError: If a budget is below 12 faces.
    """
    return [reduced(prop, budget) for budget in budgets]


def reduced(prop: Prop, budget: int) -> Prop:
    """Return a prop of at most `budget` faces: itself, collapsed edges, or boxes around its pieces.

    Raises:
        ValueError: If the budget is below 12 faces.
    """
    if budget < _BOX_FACES:
        raise ValueError(f"A level needs at least {_BOX_FACES} faces, not {budget}.")
    if prop.n_faces <= budget:
        return prop
    smaller = _collapsed_prop(prop, budget)
    if smaller.n_faces > budget:  # edge collapse gets stuck on many small closed pieces
        smaller = _boxed(prop, budget)
    assert smaller.n_faces <= budget, "boxes are dropped until they fit"
    return smaller


def _collapsed_prop(prop: Prop, budget: int) -> Prop:
    return Prop(tuple(_collapsed(part, budget / prop.n_faces) for part in prop.parts))


def _collapsed(part: Part, share: float) -> Part:
    points, faces, tints = _welded(part)
    target = max(4, int(len(faces) * share))
    if target >= len(faces):
        return part
    fewer, cut = fast_simplification.simplify(
        points.astype(np.float32), faces.astype(np.int32), target_count=target, agg=3
    )
    fewer, cut = np.asarray(fewer, float), np.asarray(cut, np.int64)
    if len(cut) == 0:
        return part
    nearest = np.array([np.argmin(((points - point) ** 2).sum(axis=1)) for point in fewer])
    return surfaced(part.material, fewer, cut, tints[nearest])


def _boxed(prop: Prop, budget: int) -> Prop:
    """Return boxes around the largest pieces, and nothing of the smaller ones."""
    found: list[tuple[float, SurfaceMaterial, Floats, float]] = []
    for part in prop.parts:
        points, faces, tints = _welded(part)
        for members in _pieces(len(points), faces):
            cloud = points[members]
            diagonal = float(np.linalg.norm(np.ptp(cloud, axis=0)))
            found.append((diagonal, part.material, cloud, float(tints[members].mean())))
    found.sort(key=lambda piece: -piece[0])
    parts: dict[SurfaceMaterial, list[tuple[Floats, Ints, Floats]]] = {}
    for _, material, cloud, tint in found[: budget // _BOX_FACES]:
        low, high = cloud.min(axis=0), cloud.max(axis=0)
        solid = box(np.maximum(high - low, 1e-3)).moved((low + high) / 2)
        entry = (solid.vertices, solid.faces, np.full(len(solid.vertices), tint))
        parts.setdefault(material, []).append(entry)
    return Prop(tuple(_joined(material, solids) for material, solids in parts.items()))


def _joined(material: SurfaceMaterial, solids: Sequence[tuple[Floats, Ints, Floats]]) -> Part:
    starts = np.cumsum([0, *(len(points) for points, _, _ in solids)])
    faces = np.vstack([part + start for (_, part, _), start in zip(solids, starts, strict=False)])
    tints = np.concatenate([tint for _, _, tint in solids])
    return surfaced(material, np.vstack([points for points, _, _ in solids]), faces, tints)


def _welded(part: Part) -> tuple[Floats, Ints, Floats]:
    """Return vertices without the seams of normals and uv, faces, and brightness 0–1."""
    points, first, inverse = np.unique(part.vertices, axis=0, return_index=True, return_inverse=True)
    return points.astype(float), inverse.reshape(-1)[part.faces.astype(np.int64)], part.colors[first, 0] / 255


def _pieces(n_vertices: int, faces: Ints) -> list[Ints]:
    ends = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]]])
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n_vertices, n_vertices))
    n, labels = connected_components(graph, directed=False)
    return [np.flatnonzero(labels == label) for label in range(n)]


def collider(prop: Prop) -> Part:
    """Return the convex hull of a prop, of at most 64 faces."""
    points = np.unique(np.vstack([part.vertices for part in prop.parts]), axis=0).astype(float)
    material = SurfaceMaterial("collider", (1.0, 1.0, 1.0, 1.0), 0.0, 1.0, "")
    corners = points[np.unique(_extremes(points))]
    try:
        faces = hull_faces(corners)
    except QhullError:  # flat
        return _around(points, material)
    kept = np.unique(faces)
    lookup = np.zeros(len(corners), np.int64)
    lookup[kept] = np.arange(len(kept))
    corners, faces = corners[kept], lookup[faces]
    if len(faces) > COLLIDER_FACES or signed_volume(corners, faces) <= 0:
        return _around(points, material)
    return surfaced(material, corners, faces, np.ones(len(corners)))


def _around(points: Floats, material: SurfaceMaterial) -> Part:
    low, high = points.min(axis=0), points.max(axis=0)
    solid = box(np.maximum(high - low, 1e-3)).moved((low + high) / 2)
    return surfaced(material, solid.vertices, solid.faces, np.ones(len(solid.vertices)))


def _extremes(points: Floats) -> Ints:
    """Return the (34,) farthest points in evenly spread directions and the main ones.

    A hull of n points has at most 2n − 4 faces: 34 points keep within 64.
    """
    axes = np.array([[x, y, z] for x in (-1, 0, 1) for y in (-1, 0, 1) for z in (-1, 0, 1)], float)
    axes = axes[np.abs(axes).sum(axis=1) > 0]  # 26 directions of a cube
    turns = np.arange(8) * np.pi / 4 + np.pi / 8
    around = np.stack([np.sin(turns), np.zeros(8), np.cos(turns)], axis=1)
    directions = np.vstack([axes / np.linalg.norm(axes, axis=1, keepdims=True), around])
    return np.asarray(np.argmax(points @ directions.T, axis=0), np.int64)
