"""Whether normal maps are what they should be: directions, and of one surface."""

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

_FLATTEST_Z = 0.05


@dataclass(frozen=True, slots=True)
class NormalFaults:
    """What is wrong with normal maps.

    Attributes:
        length_error: Mean of |length − 1|; rounding to 8 bits makes about 0.002.
        curl: Share of the slopes (root of their energy) that belongs to no surface, 0–1. Rounding alone makes
            a few hundredths, more where a surface is almost flat.
    """

    length_error: float
    curl: float


def normal_faults(maps: Iterable[npt.NDArray[np.uint8]]) -> NormalFaults:
    """Return the faults of (S, S, 3) uint8 normal maps, +Y up, that tile.

    Raises:
        ValueError: If there are no maps.
    """
    errors, loose, in_all = [], 0.0, 0.0
    for pixels in maps:
        normal = pixels.astype(np.float32) / np.float32(127.5) - 1
        errors.append(float(np.abs(np.linalg.norm(normal, axis=2) - 1).mean()))
        without, total = _curl_energy(normal)
        loose, in_all = loose + without, in_all + total
    if not errors:
        raise ValueError("Faults of normals need maps.")
    return NormalFaults(float(np.mean(errors)), float(np.sqrt(loose / in_all)) if in_all else 0.0)


def _curl_energy(normal: npt.NDArray[np.float32]) -> tuple[float, float]:
    """Return the energy of the slopes that no height field on a torus has, and of all slopes."""
    z = np.maximum(normal[..., 2], _FLATTEST_Z)
    # Rows count downwards, y upwards.
    across, down = np.fft.fft2(-normal[..., 0] / z), np.fft.fft2(normal[..., 1] / z)
    rows, columns = (np.sin(2 * np.pi * np.fft.fftfreq(n)) for n in z.shape)
    # A height h has the central differences i·sin(k)·h; what is orthogonal to them is nobody's slope.
    kx, ky = np.broadcast_to(columns[None, :], z.shape), np.broadcast_to(rows[:, None], z.shape)
    squared = kx * kx + ky * ky
    along = np.where(squared > 1e-9, np.abs(kx * across + ky * down) ** 2 / np.maximum(squared, 1e-9), 0)
    total = float((np.abs(across) ** 2 + np.abs(down) ** 2).sum())
    return max(total - float(along.sum()), 0.0), total
