"""Coarser versions of a prop within exact face budgets."""

from collections.abc import Iterator, Sequence

import fast_simplification
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree

from vrbridge.generators.mesh.finishing import Placement, surfaced
from vrbridge.generators.mesh.grain import Floats, Ints
from vrbridge.generators.mesh.parametric import MeshPlan, ParametricMeshes
from vrbridge.generators.mesh.prop import Part, Prop, SurfaceMaterial
from vrbridge.generators.mesh.sketch import FINEST, Piece
from vrbridge.generators.mesh.solids import box

MIN_FACES = 50
_BOX_FACES = 12
# A piece with fewer is a splinter.
_LEAST_FACES = 8
_LARGEST_SHARE = 0.6
# Gentle first: the more urgent, the less it cares for the shape.
_URGES = (3.0, 6.0, 9.0)
# Budgets from here on leave a shape after urgent collapsing too.
_ROOMY = 200
# Faces of the levels of a prop of usual size.
_USUAL = (1500, 400, 80, 50)
# A level that uses less of its budget than this is worth a try with the next finer one: without its
# smallest pieces if it is over the budget by this factor at most, else with collapsed edges,
_POOR = 0.6
# unless that has so many times the budget that collapsing would ruin it.
_MAX_PRUNE = 1.6
_MAX_COLLAPSE = 2.0

# Vertices (V, 3), faces (F, 3) and brightness (V,) of one connected surface.
_Shell = tuple[Floats, Ints, Floats]


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
    sketches = _Sketches(meshes, plan)
    place = meshes.place(plan, _candidates(sketches, budgets[0])[0])
    for level in reversed(range(len(budgets))):
        yield level, _fitting(sketches, place, budgets[level])


class _Sketches:
    """The pieces of one plan at each detail, made when they are asked for.

    Args:
        meshes: Makes them.
        plan: Of what.
    """

    def __init__(self, meshes: ParametricMeshes, plan: MeshPlan) -> None:
        self._meshes = meshes
        self._plan = plan
        self._made: dict[int, tuple[Piece, ...]] = {}

    def __getitem__(self, detail: int) -> tuple[Piece, ...]:
        if detail not in self._made:
            self._made[detail] = self._meshes.sketch(self._plan, detail=detail)
        return self._made[detail]

    def finest_within(self, budget: int) -> int:
        """Return the finest detail of at most `budget` faces, or 0."""
        detail = 0
        while detail < FINEST and _n_faces(self[detail + 1]) <= budget:
            detail += 1
        return detail

    def finish(self, pieces: tuple[Piece, ...], place: Placement) -> Prop:
        """Return the prop that pieces make."""
        return self._meshes.finish(self._plan, pieces, place)


def _n_faces(pieces: tuple[Piece, ...]) -> int:
    return sum(len(piece.solid.faces) for piece in pieces)


def _fitting(sketches: _Sketches, place: Placement, budget: int) -> Prop:
    """Return the finest prop within a budget, or a finer one made smaller where that uses it better."""
    *finer, last = _candidates(sketches, budget)
    urges = _URGES if budget >= _ROOMY else _URGES[:1]
    for pieces in finer:
        smaller = _collapsed_prop(sketches.finish(pieces, place), budget, urges)
        if smaller.n_faces <= budget:
            return smaller
    return reduced(sketches.finish(last, place), budget)


def _candidates(sketches: _Sketches, budget: int) -> list[tuple[Piece, ...]]:
    """Return the pieces to try: all but the last need collapsing, which may fail."""
    detail = sketches.finest_within(budget)
    plain = sketches[detail]
    if detail == FINEST or _n_faces(plain) >= _POOR * budget:
        return [plain]
    finer = sketches[detail + 1]
    n_faces = _n_faces(finer)
    if n_faces < _MAX_PRUNE * budget:
        finer = _pruned(finer, budget)
        if _n_faces(finer) <= budget:
            return [finer]
    return [finer, plain] if n_faces < _MAX_COLLAPSE * budget else [plain]


def _pruned(pieces: tuple[Piece, ...], budget: int) -> tuple[Piece, ...]:
    """Return the pieces that matter; those of one kind and size, such as spokes, stay or go together."""
    left = pieces
    for weight in sorted({_weight(piece) for piece in pieces if piece.rank > 0}):
        if _n_faces(left) <= budget:
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
    """Return a prop of at most `budget` faces: itself, collapsed edges, or its largest pieces.

    Raises:
        ValueError: If the budget is below 12 faces.
    """
    if budget < _BOX_FACES:
        raise ValueError(f"A level needs at least {_BOX_FACES} faces, not {budget}.")
    if prop.n_faces <= budget:
        return prop
    smaller = _collapsed_prop(prop, budget, _URGES[:1])
    if smaller.n_faces > budget:  # edge collapse gets stuck on many small closed pieces
        smaller = _shed(prop, budget)
    assert smaller.n_faces <= budget, "pieces are left out until the rest fits"
    return smaller


def _collapsed_prop(prop: Prop, budget: int, urges: Sequence[float]) -> Prop:
    return Prop(tuple(_collapsed(part, budget / prop.n_faces, urges) for part in prop.parts))


def _collapsed(part: Part, share: float, urges: Sequence[float]) -> Part:
    points, faces, tints = _welded(part)
    target = max(4, int(len(faces) * share))
    if target >= len(faces):
        return part
    fewer, cut, nearest = _simplified(points, faces, target, urges)
    if len(cut) == 0:
        return part
    return surfaced(part.material, fewer, cut, tints[nearest], corners=_transferred(part, fewer[cut]))


def _transferred(part: Part, corners: Floats) -> Floats:
    """Return (F, 3, 2) texture coordinates for corners, by the part's faces nearest to theirs."""
    old = part.vertices.astype(float)[part.faces]  # (F, 3 corners, 3)
    uv = part.uv.astype(float)[part.faces]
    nearest = cKDTree(old.mean(axis=1)).query(corners.mean(axis=1))[1]
    start, uv_start = old[nearest, :1], uv[nearest, :1]
    edges, uv_edges = old[nearest, 1:] - start, uv[nearest, 1:] - uv_start  # (F, 2, 3), (F, 2, 2)
    slope = np.linalg.pinv(edges, rcond=1e-6) @ uv_edges  # (F, 3, 2)
    return np.asarray(uv_start + (corners - start) @ slope, float)


def _shed(prop: Prop, budget: int) -> Prop:
    """Return the pieces with the most surface, those with many faces collapsed one by one, and no others."""
    found: list[tuple[float, SurfaceMaterial, _Shell]] = []
    for part in prop.parts:
        points, faces, tints = _welded(part)
        for ids in _pieces(len(points), faces):
            lookup = np.full(len(points), -1)
            lookup[ids] = np.arange(len(ids))
            own = lookup[faces[lookup[faces[:, 0]] >= 0]]
            shell = (points[ids], own, tints[ids])
            found.append((_area(shell), part.material, shell))
    found.sort(key=lambda entry: -entry[0])
    kept: dict[SurfaceMaterial, list[_Shell]] = {}
    left = budget
    for i, (_, material, shell) in enumerate(found):
        # The first may not take everything: a table top is no table.
        share = left if i == len(found) - 1 else max(_BOX_FACES, int(left * _LARGEST_SHARE))
        smaller = _lessened(shell, min(share, left), is_needed=not kept)
        if smaller is not None:
            kept.setdefault(material, []).append(smaller)
            left -= len(smaller[1])
    return Prop(tuple(_joined(material, shells) for material, shells in kept.items()))


def _lessened(shell: _Shell, budget: int, *, is_needed: bool) -> _Shell | None:
    """Return a piece of at most `budget` faces, or None; a needed one becomes a box at worst."""
    points, faces, tints = shell
    if len(faces) <= budget:
        return shell
    if budget >= _LEAST_FACES:
        fewer, cut, nearest = _simplified(points, faces, budget, _URGES)
        if _LEAST_FACES <= len(cut) <= budget:
            return fewer, cut, tints[nearest]
    if not is_needed:
        return None
    low, high = points.min(axis=0), points.max(axis=0)
    solid = box(np.maximum(high - low, 1e-3)).moved((low + high) / 2)
    return solid.vertices, solid.faces, np.full(len(solid.vertices), float(tints.mean()))


def _simplified(
    points: Floats, faces: Ints, target: int, urges: Sequence[float]
) -> tuple[Floats, Ints, Ints]:
    """Return vertices, faces, and for each vertex the nearest old one, after collapsing edges."""
    for urge in urges:
        fewer, cut = fast_simplification.simplify(
            points.astype(np.float32), faces.astype(np.int32), target_count=target, agg=urge
        )
        if len(cut) <= target:
            break
    fewer = np.asarray(fewer, float)
    nearest = cKDTree(points).query(fewer)[1] if len(fewer) else np.zeros(0, np.int64)
    return fewer, np.asarray(cut, np.int64), np.asarray(nearest, np.int64)


def _area(shell: _Shell) -> float:
    a, b, c = shell[0][shell[1]].transpose(1, 0, 2)
    return float(np.linalg.norm(np.cross(b - a, c - a), axis=1).sum() / 2)


def _joined(material: SurfaceMaterial, shells: Sequence[_Shell]) -> Part:
    starts = np.cumsum([0, *(len(points) for points, _, _ in shells)])
    faces = np.vstack([part + start for (_, part, _), start in zip(shells, starts, strict=False)])
    tints = np.concatenate([tint for _, _, tint in shells])
    return surfaced(material, np.vstack([points for points, _, _ in shells]), faces, tints)


def _welded(part: Part) -> tuple[Floats, Ints, Floats]:
    """Return vertices without the seams of normals and uv, faces, and brightness 0–1."""
    points, first, inverse = np.unique(part.vertices, axis=0, return_index=True, return_inverse=True)
    return points.astype(float), inverse.reshape(-1)[part.faces.astype(np.int64)], part.colors[first, 0] / 255


def _pieces(n_vertices: int, faces: Ints) -> list[Ints]:
    ends = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]]])
    graph = coo_array((np.ones(len(ends)), (ends[:, 0], ends[:, 1])), shape=(n_vertices, n_vertices))
    n, labels = connected_components(graph, directed=False)
    return [np.flatnonzero(labels == label) for label in range(n)]
