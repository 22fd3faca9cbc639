"""Fewer triangles, never more than asked for."""

from collections.abc import Callable

import fast_simplification
import igl
import numpy as np
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import ConvexHull, QhullError

from vrbridge.generators.mesh.extraction import Surface
from vrbridge.generators.mesh.grain import Floats, Ints
from vrbridge.generators.mesh.solids import box, hull_faces
from vrbridge.interruption import step

MIN_FACES = 12
_GENTLE = 3.0
# Orders of three corners, as digits to base three, that turn the same way round as 0, 1, 2.
_EVEN = (0 * 9 + 1 * 3 + 2, 1 * 9 + 2 * 3 + 0, 2 * 9 + 0 * 3 + 1)
# Of the way to the middle of its faces.
_APART = 0.02
# Twice the area of a face, in squares of the longest side.
_LEAST_AREA = 1e-8
_JOLT = 3e-4
_MAX_JOLTS = 8


def simplified(surface: Surface, n_faces: int, *, coarser: Callable[[], Surface] | None = None) -> Surface:
    """Return the surface with at most so many faces, closed if it was closed.

    Collapsing edges keeps every hole and every part, which can take more faces than there may be. Then the
    smallest parts go, after them the detail (`coarser`), and at last its hull or bounds stand for the shape.

    Args:
        surface: Any.
        n_faces: At least 12.
        coarser: Returns the same shape with fewer holes and parts.

    Raises:
        ValueError: If `n_faces` is less than a box has.
    """
    if n_faces < MIN_FACES:
        raise ValueError(f"A body has at least {MIN_FACES} faces, not {n_faces}.")
    result = _collapsed(surface, n_faces)
    if len(result.faces) > n_faces:
        result = _of_largest_parts(result, n_faces)
    if not 4 <= len(result.faces) <= n_faces and coarser is not None:
        result = _of_largest_parts(_collapsed(coarser(), n_faces), n_faces)
    if not 4 <= len(result.faces) <= n_faces:
        result = _hull(surface, n_faces)
    return _proper(result)


def prepared(surface: Surface, n_faces: int) -> Surface:
    """Return about so many faces of a surface that has many more, quickly; closed if it was closed.

    Args:
        surface: Any.
        n_faces: To aim at.
    """
    vertices, triangles = surface.vertices.astype(np.float32), surface.faces.astype(np.int32)
    # Quick collapsing may fold a surface onto itself; the less of it, the less often.
    for n_quick in (n_faces, 2 * n_faces, 4 * n_faces):
        if len(triangles) <= n_quick:
            break
        step()
        points, faces = fast_simplification.simplify(vertices, triangles, target_count=n_quick, agg=_GENTLE)
        step()
        quick = cleaned(Surface(points.astype(float), faces.astype(np.int64)))
        step()
        if is_watertight(quick):
            return _collapsed(quick, n_faces)
    return _collapsed(surface, n_faces)


def _collapsed(surface: Surface, n_faces: int) -> Surface:
    """Return the surface with edges collapsed until there are few enough faces, or it goes no further."""
    if len(surface.faces) <= n_faces:
        return surface
    # Where sheets touch it gives up, and returns nothing.
    for prepare in (_as_it_is, cleaned):
        step()
        body = prepare(surface)
        points, faces, _, _ = igl.qslim(body.vertices, body.faces.astype(np.int32), n_faces)
        step()
        if len(faces):
            return Surface(
                np.asarray(points, float).reshape(-1, 3), np.asarray(faces, np.int64).reshape(-1, 3)
            )
    return surface


def _as_it_is(surface: Surface) -> Surface:
    return surface


def _of_largest_parts(surface: Surface, n_faces: int) -> Surface:
    """Return the largest parts, as many as there is room for; none if there is not for one."""
    n = len(surface.vertices)
    flat = surface.faces
    rows, columns = flat[:, [0, 1]].reshape(-1), flat[:, [1, 2]].reshape(-1)
    _, part_of_point = connected_components(coo_array((np.ones(len(rows)), (rows, columns)), shape=(n, n)))
    part = part_of_point[flat[:, 0]]
    a, b, c = (surface.vertices[flat[:, i]] for i in range(3))
    areas = np.bincount(part, np.linalg.norm(np.cross(b - a, c - a), axis=1))
    sizes = np.bincount(part)
    room, kept = n_faces, []
    for number in np.argsort(-areas):
        if sizes[number] <= room:
            kept.append(number)
            room -= int(sizes[number])
        elif not kept:
            break
    return _used(Surface(surface.vertices, flat[np.isin(part, kept)]))


def _used(surface: Surface) -> Surface:
    used, renumbered = np.unique(surface.faces, return_inverse=True)
    return Surface(surface.vertices[used], renumbered.reshape(-1, 3).astype(np.int64))


def cleaned(surface: Surface) -> Surface:
    """Return a closed surface without faces that lie on each other, and with two faces at every edge.

    Collapsed edges leave pairs of faces that look in opposite directions, and places where the surface
    touches itself. The pairs go, and sheets that touch get vertices of their own, a little apart.
    """
    faces = _without_pairs(surface.faces)
    if len(faces) == 0:
        return Surface(np.empty((0, 3)), faces)
    partner = half_edge_partners(faces)
    is_open = partner < 0
    if is_open.any():  # as it came: nothing can be told apart
        return _used(Surface(surface.vertices, faces))
    n = 3 * len(faces)
    corner = np.arange(n)
    following = corner - corner % 3 + (corner + 1) % 3
    rows = np.concatenate([corner, following])
    columns = np.concatenate([following[partner], partner])
    links = coo_array((np.ones(len(rows), bool), (rows, columns)), shape=(n, n))
    n_points, point = connected_components(links, directed=False)
    faces_of_points = point.reshape(-1, 3).astype(np.int64)
    vertices = np.zeros((n_points, 3))
    vertices[point] = surface.vertices[faces.reshape(-1)]
    return _proper(_apart(Surface(vertices, faces_of_points)))


def _without_pairs(faces: Ints) -> Ints:
    """Return faces without those that have a corner twice, and without pairs that face each other."""
    is_proper = (faces[:, 0] != faces[:, 1]) & (faces[:, 1] != faces[:, 2]) & (faces[:, 2] != faces[:, 0])
    faces = faces[is_proper]
    order = np.argsort(faces, 1)
    is_even = np.isin(order[:, 0] * 9 + order[:, 1] * 3 + order[:, 2], _EVEN)
    _, place = np.unique(np.sort(faces, 1), axis=0, return_inverse=True)
    place = place.reshape(-1)
    n_even = np.bincount(place, is_even).astype(np.int64)
    n_odd = np.bincount(place, ~is_even).astype(np.int64)
    n_paired = np.minimum(n_even, n_odd)
    # Of each kind, so many go; the first ones.
    is_kept = np.ones(len(faces), bool)
    for kind in (is_even, ~is_even):
        numbers = np.flatnonzero(kind)
        by_place = numbers[np.argsort(place[numbers], kind="stable")]
        places = place[by_place]
        starts = np.searchsorted(places, places)
        is_kept[by_place] = np.arange(len(by_place)) - starts >= n_paired[places]
    return faces[is_kept]


def half_edge_partners(faces: Ints) -> Ints:
    """Return (3F,) the half-edge that goes back along each half-edge; -1: there is none.

    Half-edge h of face h // 3 goes from its corner h % 3 to the next one.
    """
    begin = faces.reshape(-1)
    end = faces[:, [1, 2, 0]].reshape(-1)
    n = int(faces.max(initial=0)) + 1
    forward, backward = begin * n + end, end * n + begin
    by_forward = np.argsort(forward, kind="stable")
    sorted_keys = forward[by_forward]
    # The nth of several half-edges goes with the nth of those that go back.
    turn = np.empty(len(forward), np.int64)
    turn[by_forward] = np.arange(len(forward)) - np.searchsorted(sorted_keys, sorted_keys)
    at = np.searchsorted(sorted_keys, backward) + turn
    there = np.minimum(at, max(len(forward) - 1, 0))
    found = by_forward[there]
    return np.where((at < len(forward)) & (forward[found] == backward), found, -1).astype(np.int64)


def _apart(surface: Surface) -> Surface:
    """Return the surface with vertices at the same place moved a little towards their own faces."""
    _, place, counts = np.unique(surface.vertices, axis=0, return_inverse=True, return_counts=True)
    is_shared = counts[place.reshape(-1)] > 1
    if not is_shared.any():
        return surface
    middles = surface.vertices[surface.faces].mean(1)
    flat = surface.faces.reshape(-1)
    n = len(surface.vertices)
    sums = np.stack([np.bincount(flat, np.repeat(middles[:, i], 3), n) for i in range(3)], 1)
    own = sums / np.maximum(np.bincount(flat, minlength=n), 1)[:, None]
    moved = surface.vertices + _APART * (own - surface.vertices)
    return Surface(np.where(is_shared[:, None], moved, surface.vertices), surface.faces)


def _proper(surface: Surface) -> Surface:
    """Return the surface with corners of faces without area moved a little, until there are none."""
    size = float(np.ptp(surface.vertices, axis=0).max())
    random = np.random.default_rng(0)
    vertices = surface.vertices
    for _ in range(_MAX_JOLTS):
        a, b, c = (vertices[surface.faces[:, i]] for i in range(3))
        area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
        thin = np.unique(surface.faces[area <= _LEAST_AREA * size * size])
        if len(thin) == 0:
            break
        vertices = vertices.copy()
        vertices[thin] += random.normal(0, _JOLT * size, (len(thin), 3))
    return Surface(vertices, surface.faces)


def is_watertight(surface: Surface) -> bool:
    """Return whether every edge joins two faces that turn the same way round."""
    faces = surface.faces
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    _, there = np.unique(edges, axis=0, return_counts=True)
    if len(edges) == 0 or there.max() > 1:
        return False
    n = np.int64(len(surface.vertices))
    forward, backward = edges[:, 0] * n + edges[:, 1], edges[:, 1] * n + edges[:, 0]
    return bool(np.isin(backward, forward).all())


def _hull(surface: Surface, n_faces: int) -> Surface:
    """Return the hull of a surface with few enough faces, or its bounds if it has none."""
    points = surface.vertices
    try:
        corners: Floats = points[ConvexHull(points).vertices]
        hull = _collapsed(Surface(corners, hull_faces(corners)), n_faces)
        if 4 <= len(hull.faces) <= n_faces and is_watertight(hull):
            return hull
    except QhullError:  # flat
        pass
    low, high = points.min(0), points.max(0)
    solid = box(np.maximum(high - low, 1e-3)).moved((low + high) / 2)
    return Surface(solid.vertices, solid.faces)
