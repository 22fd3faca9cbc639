"""A simple convex shape around a prop, for physics."""

import numpy as np
from scipy.spatial import ConvexHull, HalfspaceIntersection, QhullError

from vrbridge.generators.mesh.finishing import surfaced
from vrbridge.generators.mesh.grain import Floats
from vrbridge.generators.mesh.prop import Part, Prop, SurfaceMaterial
from vrbridge.generators.mesh.solids import box, hull_faces

COLLIDER_FACES = 64
# k planes bound at most 2k − 4 corners, and n corners at most 2n − 4 triangles: 18 planes keep within 60.
_PLANES = 18
# Planes closer to each other than this would cut off next to nothing.
_MIN_APART_RAD = 0.3
# Of the size of the prop; corners closer to each other are one.
_GRID = 1e-5
_MATERIAL = SurfaceMaterial("collider", (1.0, 1.0, 1.0, 1.0), 0.0, 1.0, "")


def collider(prop: Prop) -> Part:
    """Return a closed convex shape of at most 64 faces that holds all of a prop within its bounds."""
    points = np.unique(np.vstack([part.vertices for part in prop.parts]), axis=0).astype(float)
    try:
        hull = ConvexHull(points)
        corners = points[hull.vertices]
        if len(hull.simplices) > COLLIDER_FACES:
            corners = _bounded(points, hull)
        corners = _apart(corners)
        faces = hull_faces(corners)
    except QhullError:  # flat
        low, high = points.min(axis=0), points.max(axis=0)
        solid = box(np.maximum(high - low, 1e-3)).moved((low + high) / 2)
        corners, faces = solid.vertices, solid.faces
    return surfaced(_MATERIAL, corners, faces, np.ones(len(corners)))


def _bounded(points: Floats, hull: ConvexHull) -> Floats:
    """Return the corners of the shape between a few planes: the bounds, and sides of the hull."""
    normals = np.vstack([np.eye(3), -np.eye(3)])
    sides, areas = _sides(points, hull)
    for _ in range(_PLANES - len(normals)):
        apart = np.arccos(np.clip((sides @ normals.T).max(axis=1), -1, 1))
        # A large side matters, but not next to a plane that is there already.
        best = int(np.argmax(apart * areas**0.25))
        if apart[best] > _MIN_APART_RAD:
            normals = np.vstack([normals, sides[best]])
    reach = (points @ normals.T).max(axis=0)
    inside = points[hull.vertices].mean(axis=0)
    return np.asarray(HalfspaceIntersection(np.column_stack([normals, -reach]), inside).intersections, float)


def _sides(points: Floats, hull: ConvexHull) -> tuple[Floats, Floats]:
    """Return the outward normals (N, 3) of the hull's sides and their areas (N,) relative to all."""
    a, b, c = points[hull.simplices].transpose(1, 0, 2)
    area = np.linalg.norm(np.cross(b - a, c - a), axis=1)
    normals, side = np.unique(np.round(hull.equations[:, :3], 2), axis=0, return_inverse=True)
    unit = normals / np.linalg.norm(normals, axis=1, keepdims=True)
    return np.asarray(unit, float), np.bincount(side.reshape(-1), area) / area.sum()


def _apart(corners: Floats) -> Floats:
    """Return corners without repeats: where many planes meet, each three of them give one."""
    grid = _GRID * float(np.ptp(corners, axis=0).max())
    _, first = np.unique(np.round(corners / grid), axis=0, return_index=True)
    return corners[np.sort(first)]
