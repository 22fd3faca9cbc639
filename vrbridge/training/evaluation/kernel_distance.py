"""How far two sets of pictures are apart as a whole: the kernel inception distance, on any features."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vrbridge.training.evaluation.features import Features

SUBSET = 500
N_SUBSETS = 20
# Subsets that hold all pictures would all be the same one, and their spread would say nothing.
_SHARE = 0.8


@dataclass(frozen=True, slots=True)
class KernelDistance:
    """An estimate of the squared distance; unbiased, so it can be a little below 0.

    Attributes:
        mean: Over the subsets.
        standard_error: Of that mean, of what the drawing of subsets adds.
        subset: Pictures of each set in a subset.
        n_subsets: How many were drawn.
    """

    mean: float
    standard_error: float
    subset: int
    n_subsets: int


def kernel_distance(
    one: Features, other: Features, *, subset: int = SUBSET, n_subsets: int = N_SUBSETS, seed: int = 0
) -> KernelDistance:
    """Return the distance between two sets.

    Args:
        one: (N, F).
        other: (M, F); not the same pictures.
        subset: Pictures drawn from each set; where fewer exist, four fifths of the smaller set.
        n_subsets: How often.
        seed: Of the drawing.

    Raises:
        ValueError: If a set has fewer than 3 pictures.

    Source:
        Bińkowski et al., Demystifying MMD GANs, ICLR 2018.
    """
    smaller = min(len(one), len(other))
    if smaller < 3:
        raise ValueError(f"A distance between sets needs 3 pictures of each at least, not {smaller}.")
    size = subset if smaller >= 1.25 * subset else max(2, int(_SHARE * smaller))
    random = np.random.default_rng(seed)
    values = [
        squared_mmd(
            one[random.choice(len(one), size, replace=False)],
            other[random.choice(len(other), size, replace=False)],
        )
        for _ in range(n_subsets)
    ]
    return _summary(values, size)


def distance_within(
    features: Features, *, subset: int = SUBSET, n_subsets: int = N_SUBSETS, seed: int = 0
) -> KernelDistance:
    """Return the distance between halves of one (N, F) set, drawn again and again: what chance alone makes.

    Raises:
        ValueError: If the set has fewer than 4 pictures.
    """
    if len(features) < 4:
        raise ValueError(f"Halves of a set need 4 pictures at least, not {len(features)}.")
    size = min(subset, len(features) // 2)
    random = np.random.default_rng(seed)
    values = []
    for _ in range(n_subsets):
        order = random.permutation(len(features))
        values.append(squared_mmd(features[order[:size]], features[order[size : 2 * size]]))
    return _summary(values, size)


def squared_mmd(one: Features, other: Features) -> float:
    """Return the unbiased squared maximum mean discrepancy of (n, F) and (m, F) under a cubic kernel."""
    within_one, within_other = _kernel(one, one), _kernel(other, other)
    n, m = len(one), len(other)
    # A picture is not compared with itself.
    inside_one = (within_one.sum() - np.trace(within_one)) / (n * (n - 1))
    inside_other = (within_other.sum() - np.trace(within_other)) / (m * (m - 1))
    return float(inside_one + inside_other - 2 * _kernel(one, other).mean())


def _kernel(one: Features, other: Features) -> npt.NDArray[np.float64]:
    product = one.astype(np.float64) @ other.astype(np.float64).T
    kernel: npt.NDArray[np.float64] = (product / one.shape[1] + 1) ** 3
    return kernel


def _summary(values: list[float], size: int) -> KernelDistance:
    error = float(np.std(values, ddof=1) / np.sqrt(len(values))) if len(values) > 1 else 0.0
    return KernelDistance(float(np.mean(values)), error, size, len(values))
