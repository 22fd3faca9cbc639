"""Whether a set of generated shapes is like a set of real ones."""

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Distances = NDArray[np.float32]


@dataclass(frozen=True, slots=True)
class Likeness:
    """How a generated set compares with a real one of the same size.

    Attributes:
        nearest_neighbour: 1-NNA: share of shapes whose nearest one is of their own set; 0.5 is best.
        coverage: Share of real shapes that are the nearest one of some generated shape.
        distance: MMD: mean distance of a real shape to the nearest generated one.

    Source:
        Yang et al., PointFlow, ICCV 2019; Achlioptas et al., ICML 2018.
    """

    nearest_neighbour: float
    coverage: float
    distance: float


def likeness(made: Distances, between: Distances, real: Distances) -> Likeness:
    """Return how alike two sets are.

    Args:
        made: (M, M) distances among the generated shapes.
        between: (M, R) from generated to real ones.
        real: (R, R) among the real ones.
    """
    n_made = len(made)
    whole = np.block([[made, between], [between.T, real]]).astype(np.float64)
    np.fill_diagonal(whole, np.inf)
    is_made = np.arange(len(whole)) < n_made
    same = is_made[whole.argmin(1)] == is_made
    # Both sets count the same, however large.
    own = (same[:n_made].mean() + same[n_made:].mean()) / 2
    return Likeness(
        nearest_neighbour=float(own),
        coverage=len(set(between.argmin(1).tolist())) / between.shape[1],
        distance=float(between.min(0).mean()),
    )


def right_kinds(distances: Distances, kinds: list[str], known: list[str], *, n_nearest: int = 5) -> float:
    """Return the share of shapes whose kind most of the nearest known shapes have.

    Args:
        distances: (M, K) from each shape to each known one.
        kinds: (M,) that each should be.
        known: (K,) of the known ones.
        n_nearest: That many vote.
    """
    right = 0
    for row, kind in zip(distances, kinds, strict=True):
        votes: dict[str, float] = {}
        for index in np.argsort(row)[:n_nearest]:
            votes[known[index]] = votes.get(known[index], 0.0) + 1 / (float(row[index]) + 1e-6)
        right += max(votes, key=lambda name: votes[name]) == kind
    return right / len(kinds)


def median_rank(between: Distances) -> float:
    """Return the middle rank, 0–1, of the real shape that each generated one was asked for.

    Args:
        between: (N, N) from generated to real ones; the nth was asked for with the words of the nth. 0 is the
            nearest of all, 0.5 is chance.
    """
    own = np.diag(between)
    ranks = (between < own[:, None]).sum(1) / max(between.shape[1] - 1, 1)
    return float(np.median(ranks))
