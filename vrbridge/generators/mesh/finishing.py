"""From pieces to parts: normals, texture coordinates, shading in the vertex colours, pivot."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.ndimage import gaussian_filter, map_coordinates

from vrbridge.generators.mesh.grain import Floats, Ints
from vrbridge.generators.mesh.prop import Lie, Part, Prop, SurfaceMaterial
from vrbridge.generators.mesh.sketch import Piece

# Faces that meet at a smaller angle look like one curved surface.
_SMOOTH_COSINE = float(np.cos(np.radians(35)))
# Twice the area of a face, in squares of the longest side.
_LEAST_AREA = 1e-11
_AO_CELLS = 28
_AO_SAMPLES = 4000
# How dark a corner in the thick of it, and the foot of a prop, become.
_AO_DEPTH = 0.62
_FOOT_DEPTH = 0.22


@dataclass(frozen=True, slots=True)
class Placement:
    """Where pieces go in the scene; shared by all levels, so that none jumps.

    Args:
        x: Becomes 0, in metres of the pieces.
        z: Becomes 0.
        factor: Then everything is scaled by it.
    """

    x: float
    z: float
    factor: float


def placement(pieces: Sequence[Piece], *, size_m: float | None = None, scale: float = 1.0) -> Placement:
    """Return what puts the pivot under the middle of the pieces.

    Args:
        pieces: At least one.
        size_m: Longest side in metres; None: as the pieces are, times `scale`.
        scale: Factor on the pieces where `size_m` is None.
    """
    low = np.min([piece.solid.vertices.min(axis=0) for piece in pieces], axis=0)
    high = np.max([piece.solid.vertices.max(axis=0) for piece in pieces], axis=0)
    x, _, z = ((low + high) / 2).tolist()
    return Placement(x, z, scale if size_m is None else size_m / float((high - low).max()))


def finish(pieces: Sequence[Piece], materials: Mapping[str, SurfaceMaterial], place: Placement) -> Prop:
    """Return the prop that pieces make, standing on the floor.

    Args:
        pieces: At least one.
        materials: By role; roles that share a material end up in one part.
        place: Of these pieces, or of a finer version of the same thing.
    """
    floor = min(float(piece.solid.vertices[:, 1].min()) for piece in pieces)
    pivot = np.array([place.x, floor, place.z])
    placed = [(piece.solid.vertices - pivot) * place.factor for piece in pieces]
    shade = Shade(placed, [piece.solid.faces for piece in pieces])
    by_material: dict[SurfaceMaterial, list[int]] = {}
    for i, piece in enumerate(pieces):
        by_material.setdefault(materials[piece.role], []).append(i)
    parts = []
    for material, members in by_material.items():
        starts = np.cumsum([0, *(len(placed[i]) for i in members)])
        vertices = np.vstack([placed[i] for i in members])
        faces = np.vstack([pieces[i].solid.faces + start for i, start in zip(members, starts, strict=False)])
        tints = np.repeat([pieces[i].tint for i in members], np.diff(starts))
        corners = np.concatenate([_laid(pieces[i], placed[i], place.factor, material.lie) for i in members])
        parts.append(surfaced(material, vertices, faces, tints, shade, corners))
    return Prop(tuple(parts))


def _laid(piece: Piece, points: Floats, factor: float, lie: Lie) -> Floats:
    """Return (F, 3, 2) texture coordinates of a piece in metres.

    Args:
        piece: What is covered.
        points: (V, 3) its vertices in the scene.
        factor: How much larger it is there.
        lie: How the picture lies.
    """
    solid = piece.solid
    is_level = lie == "level" or (lie == "wrapped" and not solid.is_round)
    if solid.unrolled is None or is_level:
        corners = points[solid.faces]
        return projected(corners, np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]))
    along, across = np.moveaxis(solid.unrolled * factor, 2, 0)
    if lie == "wrapped":
        return np.stack([across, -along], axis=2)
    along, across = along + piece.shift[0], across + piece.shift[1]
    return np.stack([along, across] if lie == "along" else [across, -along], axis=2)


class Shade:
    """How little light reaches a point: from a blurred grid of where surface is.

    Args:
        clouds: Vertices of each piece, (V, 3).
        faces: Faces of each piece, (F, 3).
    """

    def __init__(self, clouds: Sequence[Floats], faces: Sequence[Ints]) -> None:
        corners = np.vstack([points[face] for points, face in zip(clouds, faces, strict=True)])  # (F, 3, 3)
        self._low = corners.min(axis=(0, 1))
        extent = corners.max(axis=(0, 1)) - self._low
        self._height = float(extent[1])
        self._cell = float(extent.max()) / _AO_CELLS
        crossed = np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0])
        area = np.linalg.norm(crossed, axis=1)
        draw = np.random.default_rng(0)
        picks = np.searchsorted(np.cumsum(area), (np.arange(_AO_SAMPLES) + 0.5) / _AO_SAMPLES * area.sum())
        u, v = draw.random((2, _AO_SAMPLES, 1))
        u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
        a, b, c = corners[np.minimum(picks, len(corners) - 1)].transpose(1, 0, 2)
        cells = ((a + u * (b - a) + v * (c - a) - self._low) / self._cell).astype(int) + 4
        shape = (extent / self._cell).astype(int) + 9
        grid = np.zeros(shape, np.float32)
        np.add.at(grid, tuple(cells.T), area.sum() / _AO_SAMPLES / self._cell**2)
        self._density = gaussian_filter(np.minimum(grid, 2.0), 1.3, truncate=3)

    def __call__(self, points: Floats, normals: Floats) -> Floats:
        """Return (N,) brightness 0–1 of points with outward normals."""
        where = (points + normals * self._cell * 1.6 - self._low) / self._cell + 4
        density = map_coordinates(self._density, where.T, order=1, mode="nearest")
        open_sky = 1 - _AO_DEPTH * np.clip(density * 2.4 - 0.18, 0, 1)
        rise = (points[:, 1] - self._low[1]) / max(self._height, 1e-9)
        return np.asarray(open_sky * (1 - _FOOT_DEPTH * (1 - np.clip(rise / 0.6, 0, 1)) ** 2), float)


def surfaced(
    material: SurfaceMaterial,
    vertices: Floats,
    faces: Ints,
    tints: Floats,
    shade: Shade | None = None,
    corners: Floats | None = None,
) -> Part:
    """Return a part from closed surfaces with shared vertices.

    Args:
        material: Of the part.
        vertices: (V, 3) metres.
        faces: (F, 3) outward; slivers without area are left out.
        tints: (V,) brightness 0–1 of the vertices, or (V, 3) their linear colours.
        shade: Darkens corners; None: the tints are all.
        corners: (F, 3, 2) texture coordinates in metres; None: seen along x, y or z.
    """
    a, b, c = (vertices[faces[:, i]] for i in range(3))
    face_normals = np.cross(b - a, c - a)
    is_kept = np.linalg.norm(face_normals, axis=1) > _LEAST_AREA * float(np.ptp(vertices, axis=0).max()) ** 2
    faces, face_normals = faces[is_kept], face_normals[is_kept]
    flat = faces.reshape(-1)  # (3F,) corners
    normals = _smoothed(vertices, faces, face_normals)
    uv = projected(vertices[faces], face_normals) if corners is None else corners[is_kept]
    uv = uv.reshape(-1, 2)
    # Corners that agree in vertex, texture coordinate and normal become one vertex of the part.
    fine = np.round(np.column_stack([uv * 1e4, normals * 500])).astype(np.int64)
    _, first, inverse = np.unique(_mixed(flat, fine), return_index=True, return_inverse=True)
    points, directions = vertices[flat[first]], normals[first]
    tinted = tints[flat[first]].reshape(len(first), -1)
    shaded = tinted * (shade(points, directions)[:, None] if shade else 1.0)
    colors = np.full((len(first), 4), 255, np.uint8)
    colors[:, :3] = np.clip(shaded * 255, 0, 255).round().astype(np.uint8)
    return Part(
        material=material,
        vertices=points.astype(np.float32),
        faces=inverse.reshape(-1, 3).astype(np.uint32),
        normals=directions.astype(np.float32),
        uv=uv[first].astype(np.float32),
        colors=colors,
    )


def _mixed(vertex: Ints, fine: Ints) -> NDArray[np.uint64]:
    """Return one number for each row of vertex and rounded values: a hash of 64 bits."""
    number = vertex.astype(np.uint64)
    for column in fine.T:
        number = (number ^ (number >> np.uint64(31))) * np.uint64(0x9E3779B97F4A7C15)
        number = number + column.astype(np.uint64) * np.uint64(0xBF58476D1CE4E5B9)
    return number


def _smoothed(vertices: Floats, faces: Ints, face_normals: Floats) -> Floats:
    """Return (3F, 3) unit normals: at each corner, the mean over the faces that continue its own."""
    flat = faces.reshape(-1)
    order = np.argsort(flat, kind="stable")
    counts = np.bincount(flat, minlength=len(vertices))
    starts = np.cumsum(counts) - counts
    sizes = counts[flat]  # how many corners share the vertex of each corner
    mine = np.repeat(np.arange(len(flat)), sizes)
    within = np.arange(len(mine)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    theirs = order[starts[flat][mine] + within]
    unit = face_normals / np.linalg.norm(face_normals, axis=1, keepdims=True)
    is_smooth = np.einsum("ij,ij->i", unit[mine // 3], unit[theirs // 3]) > _SMOOTH_COSINE
    weights = face_normals[theirs // 3] * is_smooth[:, None]
    total = np.stack([np.bincount(mine, weights[:, i], len(flat)) for i in range(3)], axis=1)
    return np.asarray(total / np.linalg.norm(total, axis=1, keepdims=True), float)


def projected(corners: Floats, normals: Floats) -> Floats:
    """Return (F, 3, 2) metres of (F, 3, 3) corners, seen along the axis that each face looks along.

    Along x or z, v is down; along y, u is x and v is z.
    """
    unit = np.abs(normals) / np.maximum(np.linalg.norm(normals, axis=1, keepdims=True), 1e-12)
    axis = np.argmax(unit + np.array([0.02, 0.01, 0]), axis=1)[:, None]
    x, y, z = np.moveaxis(corners, 2, 0)
    return np.stack([np.where(axis == 0, z, x), np.where(axis == 1, z, -y)], axis=2)
