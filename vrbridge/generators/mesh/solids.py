"""Closed surfaces from a few numbers: boxes, turned and swept shapes, extruded outlines, lumps."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache

import numpy as np
from numpy.typing import ArrayLike
from scipy.spatial import ConvexHull

from vrbridge.generators.mesh import grain
from vrbridge.generators.mesh.grain import Floats, Ints


@dataclass(frozen=True, slots=True, eq=False)
class Solid:
    """A closed surface with shared vertices, wound counter-clockwise from outside.

    Args:
        vertices: (V, 3) metres.
        faces: (F, 3).
        unrolled: (F, 3, 2) metres along the grain (the length of a board, the height of a barrel) and across
            it, for each corner of each face; None: it has no grain.
        is_round: Across is around an axis.
    """

    vertices: Floats
    faces: Ints
    unrolled: Floats | None = None
    is_round: bool = False

    def moved(self, offset: ArrayLike) -> "Solid":
        """Return it shifted by (3,) metres."""
        return replace(self, vertices=self.vertices + np.asarray(offset, float))

    def scaled(self, factors: ArrayLike) -> "Solid":
        """Return it stretched by positive factors along x, y, z."""
        return replace(self, vertices=self.vertices * np.asarray(factors, float))

    def turned(self, angles: Sequence[float]) -> "Solid":
        """Return it rotated about z, then x, then y by radians given in the order x, y, z."""
        if not any(angles):
            return self
        return replace(self, vertices=self.vertices @ rotation(angles).T)


def rotation(angles: Sequence[float]) -> Floats:
    """Return the (3, 3) rotation about z, then x, then y by radians given in the order x, y, z."""
    (sx, sy, sz), (cx, cy, cz) = np.sin(angles), np.cos(angles)
    about_x = np.array([[1, 0, 0], [0, cx, -sx], [0, sx, cx]])
    about_y = np.array([[cy, 0, sy], [0, 1, 0], [-sy, 0, cy]])
    about_z = np.array([[cz, -sz, 0], [sz, cz, 0], [0, 0, 1]])
    return np.asarray(about_y @ about_x @ about_z, float)


def signed_volume(vertices: Floats, faces: Ints) -> float:
    """Return m³, positive when the faces are wound outwards."""
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    return float(np.einsum("ij,ij->i", a, np.cross(b, c)).sum() / 6)


def _outward(vertices: Floats, faces: Ints) -> Solid:
    centred = vertices - vertices.mean(axis=0)
    return Solid(vertices, faces[:, ::-1] if signed_volume(centred, faces) < 0 else faces)


@cache
def _box_faces(is_bevelled: bool) -> Ints:
    points, _ = _box_points(is_bevelled)
    return hull_faces(points)


def _box_points(is_bevelled: bool) -> tuple[Floats, Floats]:
    corners = np.array([[x, y, z] for x in (-1, 1) for y in (-1, 1) for z in (-1, 1)], float)
    if not is_bevelled:
        return corners, np.zeros_like(corners)
    # Each corner becomes three points, each pulled in along the two axes other than its own.
    signs = np.repeat(corners, 3, axis=0)
    inward = -signs * (1 - np.tile(np.eye(3), (8, 1)))
    return signs + 0.2 * inward, inward


def hull_faces(points: Floats) -> Ints:
    """Return the outward faces of the convex hull of (N, 3) points."""
    hull = ConvexHull(points)
    faces = np.asarray(hull.simplices, np.int64)
    a, b, c = (points[faces[:, i]] for i in range(3))
    is_inward = np.einsum("ij,ij->i", np.cross(b - a, c - a), hull.equations[:, :3]) < 0
    faces[is_inward] = faces[is_inward][:, ::-1]
    return faces


def box(size: ArrayLike, bevel: float = 0.0, taper: tuple[float, float] = (1.0, 1.0)) -> Solid:
    """Return a box around the origin.

    Args:
        size: (3,) edges in metres.
        bevel: Chamfer width in metres; 0: sharp.
        taper: Width of the top along x and z, relative to the bottom.
    """
    edges = np.asarray(size, float)
    bevel = min(bevel, 0.3 * float(edges.min()))
    points, inward = _box_points(bevel > 0)
    vertices = np.sign(points) * edges / 2 + inward * bevel
    up = (vertices[:, 1] / edges[1] + 0.5)[:, None]
    vertices[:, [0, 2]] *= 1 + (np.asarray(taper) - 1) * up
    faces = _box_faces(bevel > 0)
    along, across = _box_axes(bevel > 0, int(np.argmax(edges)))
    return Solid(vertices, faces, grain.picked(vertices[faces], along, across))


@cache
def _box_axes(is_bevelled: bool, axis: int) -> tuple[Ints, Ints]:
    points, _ = _box_points(is_bevelled)
    return grain.flat_axes(points, _box_faces(is_bevelled), axis)


def lathe(profile: ArrayLike, segments: int, *, is_ring: bool = False) -> Solid:
    """Return a profile turned about the y axis.

    Args:
        profile: (N, 2) radius and height in metres. Open ends off the axis are capped.
        segments: At least 3.
        is_ring: The profile is a loop that does not touch the axis.
    """
    points = np.asarray(profile, float)
    angles = np.arange(segments) * (2 * np.pi / segments) + np.pi / segments
    around = np.stack([np.sin(angles), np.cos(angles)], axis=1)
    if is_ring:
        rings = [_ring_at(point, around) for point in points]
        lengths = grain.lengths_along(np.vstack([points, points[:1]]))
        solid = _skinned([*rings, rings[0]], n_unique=len(rings))
        along = grain.spread(lengths[:-1], rings)
        rolled = grain.turned(solid.vertices, solid.faces, along, float(lengths[-1]))
        return replace(solid, unrolled=rolled, is_round=True)
    if points[0, 0] > 0:
        points = np.vstack([[0, points[0, 1]], points])
    if points[-1, 0] > 0:
        points = np.vstack([points, [0, points[-1, 1]]])
    rings = [np.array([[0, y, 0]]) if r == 0 else _ring_at((r, y), around) for r, y in points]
    solid = _skinned(rings, n_unique=len(rings))
    lengths = grain.spread(grain.lengths_along(points), rings)
    return replace(solid, unrolled=grain.turned(solid.vertices, solid.faces, lengths), is_round=True)


def _ring_at(point: ArrayLike, around: Floats) -> Floats:
    r, y = np.asarray(point, float)
    return np.stack([around[:, 0] * r, np.full(len(around), y), around[:, 1] * r], axis=1)


def _skinned(rings: Sequence[Floats], *, n_unique: int) -> Solid:
    """Join rings of one or n vertices with faces; the last ones may repeat the first."""
    starts = np.cumsum([0, *(len(ring) for ring in rings[:n_unique])])
    faces = []
    for i in range(len(rings) - 1):
        low, high = starts[i], starts[(i + 1) % n_unique]
        n = max(len(rings[i]), len(rings[i + 1]))
        here, after = np.arange(n), (np.arange(n) + 1) % n
        if len(rings[i]) > 1:
            top = high + (here if len(rings[i + 1]) > 1 else 0 * here)
            faces.append(np.stack([low + here, low + after, top], axis=1))
        if len(rings[i + 1]) > 1:
            bottom = low + (after if len(rings[i]) > 1 else 0 * after)
            faces.append(np.stack([bottom, high + after, high + here], axis=1))
    return _outward(np.vstack(rings[:n_unique]), np.vstack(faces).astype(np.int64))


def tube(path: ArrayLike, radii: ArrayLike, sides: int) -> Solid:
    """Return a round bar along a path.

    Args:
        path: (N, 3) metres, no two neighbours equal.
        radii: (N,) or one number in metres; an end of radius 0 is a point.
        sides: At least 3.
    """
    points = np.asarray(path, float)
    sizes = np.broadcast_to(np.asarray(radii, float), len(points))
    ahead = np.gradient(points, axis=0)
    ahead /= np.linalg.norm(ahead, axis=1, keepdims=True)
    side = np.cross(ahead[0], np.eye(3)[np.argmin(np.abs(ahead[0]))])
    angles = np.arange(sides) * (2 * np.pi / sides) + np.pi / sides
    rings: list[Floats] = []
    lengths = grain.lengths_along(points).tolist()
    for point, forward, radius in zip(points, ahead, sizes, strict=True):
        side = side - forward * (side @ forward)
        side /= np.linalg.norm(side)
        other = np.cross(forward, side)
        ring = point + radius * (np.cos(angles)[:, None] * side + np.sin(angles)[:, None] * other)
        rings.append(ring if radius > 0 else point[None])
    if sizes[0] > 0:
        rings.insert(0, points[:1])
        lengths.insert(0, -float(sizes[0]))
    if sizes[-1] > 0:
        rings.append(points[-1:])
        lengths.append(lengths[-1] + float(sizes[-1]))
    solid = _skinned(rings, n_unique=len(rings))
    is_tip = np.concatenate([np.full(len(ring), len(ring) == 1) for ring in rings])
    turns = np.concatenate([angles[: len(ring)] for ring in rings])
    along = grain.spread(lengths, rings)
    unrolled = grain.swept(along, turns, is_tip, solid.faces, float(sizes.max()))
    return replace(solid, unrolled=unrolled, is_round=True)


def extrude(outline: ArrayLike, depth: float, bevel: float = 0.0) -> Solid:
    """Return an outline in the x-y plane made thick along z, centred on z = 0.

    Args:
        outline: (N, 2) metres, counter-clockwise, not self-crossing.
        depth: Metres.
        bevel: How far the front and back outlines are pulled in, in metres.
    """
    points = np.asarray(outline, float)
    n = len(points)
    bevel = min(bevel, depth * 0.45)
    layers = [(points, -depth / 2), (points, depth / 2)]
    if bevel > 0:
        small = _inset(points, bevel)
        layers = [
            (small, -depth / 2),
            (points, -depth / 2 + bevel),
            (points, depth / 2 - bevel),
            (small, depth / 2),
        ]
    vertices = np.vstack([np.column_stack([xy, np.full(n, z)]) for xy, z in layers])
    cap = triangulate(layers[0][0])
    here, after = np.arange(n), (np.arange(n) + 1) % n
    faces = [cap[:, ::-1], cap + n * (len(layers) - 1)]
    for i in range(len(layers) - 1):
        low, high = i * n, (i + 1) * n
        faces.append(np.stack([low + here, low + after, high + here], axis=1))
        faces.append(np.stack([low + after, high + after, high + here], axis=1))
    joined = np.vstack(faces).astype(np.int64)
    along, across = grain.flat_axes(vertices, joined, int(np.argmax(np.ptp(vertices, axis=0))))
    return Solid(vertices, joined, grain.picked(vertices[joined], along, across))


def _inset(points: Floats, distance: float) -> Floats:
    along = np.roll(points, -1, axis=0) - points
    along /= np.linalg.norm(along, axis=1, keepdims=True)
    inward = np.stack([-along[:, 1], along[:, 0]], axis=1)
    before = np.roll(inward, 1, axis=0)
    mitre = (inward + before) / np.maximum(1 + (inward * before).sum(axis=1, keepdims=True), 0.4)
    return np.asarray(points + mitre * distance, float)


def triangulate(outline: Floats) -> Ints:
    """Return (N − 2, 3) faces of a simple counter-clockwise outline, by cutting off ears."""
    left = list(range(len(outline)))
    faces: list[tuple[int, int, int]] = []
    while len(left) > 3:
        ears = [i for i in range(len(left)) if _is_ear(outline, left, i)]
        # Of all ears the roundest: slivers shade badly.
        i = max(ears, key=lambda i: _roundness(outline, left, i)) if ears else 0
        faces.append((left[i - 1], left[i], left[(i + 1) % len(left)]))
        del left[i]
    faces.append((left[0], left[1], left[2]))
    return np.array(faces, np.int64)


def _corner(outline: Floats, left: Sequence[int], i: int) -> tuple[Floats, Floats, Floats]:
    return outline[left[i - 1]], outline[left[i]], outline[left[(i + 1) % len(left)]]


def _cross(a: Floats, b: Floats, c: Floats) -> float:
    return float((b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]))


def _roundness(outline: Floats, left: Sequence[int], i: int) -> float:
    a, b, c = _corner(outline, left, i)
    longest = max(float(((p - q) ** 2).sum()) for p, q in ((a, b), (b, c), (c, a)))
    return _cross(a, b, c) / longest


def _is_ear(outline: Floats, left: Sequence[int], i: int) -> bool:
    a, b, c = _corner(outline, left, i)
    if _cross(a, b, c) <= 1e-12:
        return False
    ours = {left[i - 1], left[i], left[(i + 1) % len(left)]}
    for other in left:
        p = outline[other]
        if other not in ours and min(_cross(a, b, p), _cross(b, c, p), _cross(c, a, p)) >= -1e-12:
            return False
    return True


@cache
def _icosphere(subdivisions: int) -> Solid:
    golden = (1 + 5**0.5) / 2
    corners = np.array([[0, a, b * golden] for a in (-1, 1) for b in (-1, 1)], float)
    vertices = np.vstack([corners, corners[:, [1, 2, 0]], corners[:, [2, 0, 1]]])
    vertices /= np.linalg.norm(vertices[0])
    faces = hull_faces(vertices)
    for _ in range(subdivisions):
        edges = np.sort(np.vstack([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]]), axis=1)
        unique, inverse = np.unique(edges, axis=0, return_inverse=True)
        middle = vertices[unique].mean(axis=1)
        ab, bc, ca = (inverse.reshape(3, -1) + len(vertices))[:]
        a, b, c = faces.T
        corner_faces = [(a, ab, ca), (ab, b, bc), (ca, bc, c), (ab, bc, ca)]
        faces = np.vstack([np.stack(corner, axis=1) for corner in corner_faces])
        vertices = np.vstack([vertices, middle / np.linalg.norm(middle, axis=1, keepdims=True)])
    return Solid(vertices, faces)


def blob(
    radii: ArrayLike,
    subdivisions: int,
    *,
    bumps: float = 0.0,
    seed: int = 0,
    pitch: float = 2.5,
    cuts: int = 0,
) -> Solid:
    """Return a lump around the origin; the same bumps at every subdivision.

    Args:
        radii: (3,) metres.
        subdivisions: Faces are 20 · 4ⁿ.
        bumps: Height of the bumps relative to the radius.
        seed: Which bumps.
        pitch: How many bumps; waves per radius.
        cuts: How many flat faces are split off, as from rock.
    """
    sphere = _icosphere(subdivisions)
    waves = np.random.default_rng(seed)
    directions = waves.normal(size=(6, 3)) * pitch
    phases = waves.uniform(0, 2 * np.pi, 6)
    height = np.sin(sphere.vertices @ directions.T + phases).mean(axis=1)
    height += 0.45 * np.sin(sphere.vertices @ directions.T * 2.3 + 2 * phases).mean(axis=1)
    points = sphere.vertices * (1 + 1.6 * bumps * height)[:, None]
    planes = waves.normal(size=(cuts, 3))
    for plane, depth in zip(planes, waves.uniform(0.62, 0.9, cuts), strict=True):
        normal = plane / np.linalg.norm(plane)
        points = points - np.maximum(points @ normal - depth, 0.0)[:, None] * normal * 0.98
    return Solid(points * np.asarray(radii, float), sphere.faces)
