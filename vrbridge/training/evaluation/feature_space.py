"""Distances between features that mean the same in every direction."""

from dataclasses import dataclass
from typing import Self

import numpy as np

from vrbridge.training.evaluation.features import Features

# Further out than this one number must not outweigh all the others.
_LIMIT = 6.0
_EPSILON = 1e-3


@dataclass(frozen=True, slots=True)
class FeatureSpace:
    """Features in units of their spread over the training pictures.

    Attributes:
        mean: (F,).
        scale: (F,).
    """

    mean: Features
    scale: Features

    @classmethod
    def of(cls, features: Features) -> Self:
        """Return the space in which these (N, F) features have mean 0 and deviation 1."""
        return cls(features.mean(0), features.std(0) + np.float32(_EPSILON))

    def standard(self, features: Features) -> Features:
        """Return (N, F) features in units of the space."""
        scaled: Features = ((features - self.mean) / self.scale).clip(-_LIMIT, _LIMIT)
        return scaled


def distances(one: Features, other: Features) -> Features:
    """Return the (N, M) Euclidean distances between (N, F) and (M, F) vectors."""
    squares = (one * one).sum(1)[:, None] + (other * other).sum(1) - 2 * one @ other.T
    apart: Features = np.sqrt(np.maximum(squares, 0)).astype(np.float32)
    return apart


def nearest(one: Features, other: Features) -> tuple[Features, np.ndarray[tuple[int], np.dtype[np.intp]]]:
    """Return the distance (N,) from each of `one` to the nearest of `other`, and which (N,) that is."""
    all_distances = distances(one, other)
    index = all_distances.argmin(1)
    return all_distances[np.arange(len(one)), index], index


def diversity(features: Features, groups: list[int]) -> float:
    """Return the mean distance between two different pictures of the same group.

    Args:
        features: (N, F).
        groups: Of each picture; groups of one say nothing.

    Returns:
        0 if no group has two.
    """
    group = np.asarray(groups)
    total, count = 0.0, 0
    for one in np.unique(group):
        members = features[group == one]
        if len(members) > 1:
            pairs = distances(members, members)[np.triu_indices(len(members), 1)]
            # Every prompt counts the same, however many pictures it has.
            total, count = total + float(pairs.mean()), count + 1
    return total / count if count else 0.0
