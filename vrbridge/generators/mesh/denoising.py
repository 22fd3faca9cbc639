"""Smooths what a network made, and keeps its edges."""

import numpy as np
from scipy.sparse import coo_array

from vrbridge.generators.mesh.extraction import Surface
from vrbridge.generators.mesh.grain import Floats, Ints
from vrbridge.generators.mesh.simplification import half_edge_partners
from vrbridge.interruption import step

_NORMAL_ROUNDS = 16
# Weight of a face's own normal among those of its neighbours, of which one that is alike has 0.3.
_OWN = 0.15
_VERTEX_ROUNDS = 8
# Cosine below which a neighbouring face is beyond an edge.
_EDGE_COSINE = 0.45


def denoised(surface: Surface) -> Surface:
    """Return the surface with flat places flat: the normals of faces are smoothed within edges, then met.

    Source:
        Sun, Rosin, Martin and Langbein, Fast and effective feature-preserving mesh denoising, IEEE TVCG 2007.
    """
    faces = surface.faces
    points = _fair(surface.vertices, faces)
    step()
    neighbours = _neighbours(faces)
    normals = _unit(_crossed(points, faces))
    for _ in range(_NORMAL_ROUNDS):
        step()
        around = normals[neighbours]  # (F, 3, 3)
        likeness = np.einsum("fij,fj->fi", around, normals) - _EDGE_COSINE
        weights = np.square(np.maximum(likeness, 0))
        normals = _unit(np.einsum("fi,fij->fj", weights, around) + _OWN * normals)
    flat = faces.reshape(-1)
    counts = np.maximum(np.bincount(flat, minlength=len(points)), 1)[:, None]
    for _ in range(_VERTEX_ROUNDS):
        step()
        middles = points[faces].mean(1)
        apart = np.einsum("fij,fj->fi", middles[:, None] - points[faces], normals)  # (F, 3)
        moves = (apart[:, :, None] * normals[:, None]).reshape(-1, 3)
        total = np.stack([np.bincount(flat, moves[:, i], len(points)) for i in range(3)], 1)
        points = points + total / counts
    return Surface(points, faces)


def _fair(points: Floats, faces: Ints) -> Floats:
    """Return vertices after one step of smoothing that does not shrink: cells leave stairs."""
    edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
    ones = np.ones(len(edges))
    n = len(points)
    links = coo_array((ones, (edges[:, 0], edges[:, 1])), shape=(n, n)).tocsr()
    degrees = np.maximum(np.asarray(links.sum(1)).reshape(-1, 1), 1)
    for factor in (0.5, -0.53, 0.5, -0.53):
        points = points + factor * (links @ points / degrees - points)
    return points


def _neighbours(faces: Ints) -> Ints:
    """Return (F, 3) the face beyond each edge; where there is none, the face itself."""
    partners = half_edge_partners(faces).reshape(-1, 3)
    return np.where(partners >= 0, partners // 3, np.arange(len(faces))[:, None])


def _crossed(points: Floats, faces: Ints) -> Floats:
    a, b, c = (points[faces[:, i]] for i in range(3))
    return np.asarray(np.cross(b - a, c - a), float)


def _unit(vectors: Floats) -> Floats:
    return np.asarray(vectors / np.maximum(np.linalg.norm(vectors, axis=1, keepdims=True), 1e-12), float)
