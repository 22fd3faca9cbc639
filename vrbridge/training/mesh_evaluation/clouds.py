"""Points on surfaces, and how far sets of them are apart."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from scipy.spatial import cKDTree

Cloud = NDArray[np.float32]
"""(P, 3) points; the longest side of the shape is 1, the middle of its bounds at the origin."""

N_POINTS = 16384
_AT_ONCE = 64


@dataclass(frozen=True, slots=True)
class Closeness:
    """How alike two shapes are.

    Attributes:
        chamfer: Mean distance from a point of one to the nearest of the other, both ways, halved: Chamfer-L1.
        f_1: F-score at 1 % of the longest side.
        f_2: F-score at 2 %.
    """

    chamfer: float
    f_1: float
    f_2: float


def cloud_on(vertices: NDArray[np.floating], faces: NDArray[np.integer], *, seed: int = 0) -> Cloud:
    """Return 16,384 points spread evenly over a surface, which is moved and scaled as `Cloud` says.

    Args:
        vertices: (V, 3).
        faces: (F, 3), at least one with area.
        seed: Of the points.
    """
    corners = np.asarray(vertices, float)[faces]
    areas = np.linalg.norm(np.cross(corners[:, 1] - corners[:, 0], corners[:, 2] - corners[:, 0]), axis=1)
    random = np.random.default_rng(seed)
    chosen = corners[random.choice(len(areas), N_POINTS, p=areas / areas.sum())]
    u, v = random.random((2, N_POINTS, 1))
    u, v = np.where(u + v > 1, 1 - u, u), np.where(u + v > 1, 1 - v, v)
    points = chosen[:, 0] + u * (chosen[:, 1] - chosen[:, 0]) + v * (chosen[:, 2] - chosen[:, 0])
    low, high = corners.min((0, 1)), corners.max((0, 1))
    return np.asarray((points - (low + high) / 2) / float((high - low).max()), np.float32)


def closeness(a: Cloud, b: Cloud) -> Closeness:
    """Return how alike two shapes are."""
    there, back = (np.asarray(cKDTree(to).query(of)[0]) for of, to in ((a, b), (b, a)))
    scores = [_f_score(there, back, share) for share in (0.01, 0.02)]
    return Closeness(float((there.mean() + back.mean()) / 2), scores[0], scores[1])


def distances_between(a: Sequence[Cloud], b: Sequence[Cloud], *, n_points: int = 256) -> NDArray[np.float32]:
    """Return (A, B) Chamfer-L1 distances between sets of shapes, by the first few points of each."""
    rows = torch.from_numpy(np.stack([cloud[:n_points] for cloud in a]))
    columns = torch.from_numpy(np.stack([cloud[:n_points] for cloud in b]))
    result = np.zeros((len(a), len(b)), np.float32)
    for i, row in enumerate(rows):
        for start in range(0, len(columns), _AT_ONCE):
            apart = torch.cdist(row[None], columns[start : start + _AT_ONCE])
            mean = (apart.amin(2).mean(1) + apart.amin(1).mean(1)) / 2
            result[i, start : start + len(mean)] = mean.numpy()
    return result


def _f_score(there: NDArray[np.floating], back: NDArray[np.floating], share: float) -> float:
    precision, recall = float((there < share).mean()), float((back < share).mean())
    return 2 * precision * recall / max(precision + recall, 1e-9)
