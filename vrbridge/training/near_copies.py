"""Which pictures show the same surface as others, moved and in other colours."""

import numpy as np
import numpy.typing as npt

_SIDE = 32
_ALIKE = 0.8
"""Correlation from which two pictures are one. Games recolour their art: of the pairs above it, all were."""


def near_copies(
    colors: npt.NDArray[np.uint8], of: npt.NDArray[np.uint8], *, alike: float = _ALIKE
) -> npt.NDArray[np.bool_]:
    """Return which tiles repeat the layout of another, however it is shifted, and whatever its mean colour.

    Args:
        colors: (N, S, S, 3) tiles; S is a multiple of 32.
        of: (M, S, S, 3) tiles to compare with.
        alike: Least correlation of two tiles that are copies, -1 to 1.

    Returns:
        (N,) bool.
    """
    found = np.zeros(len(colors), bool)
    spectra, energies = _spectra(colors)
    for spectrum, energy in zip(*_spectra(of), strict=True):
        overlap = np.fft.ifft2((spectra * np.conj(spectrum)).sum(-1), axes=(1, 2)).real.max((1, 2))
        found |= overlap / (energies * energy) > alike
    return found


def _spectra(colors: npt.NDArray[np.uint8]) -> tuple[npt.NDArray[np.complex64], npt.NDArray[np.float64]]:
    """Return the Fourier transforms of thumbnails without their mean colour, and their norms."""
    n, size = colors.shape[:2]
    if n == 0:
        return np.zeros((0, _SIDE, _SIDE, 3), np.complex64), np.zeros(0)
    cell = size // _SIDE
    thumbs = np.stack([t.reshape(_SIDE, cell, _SIDE, cell, 3).mean((1, 3)) for t in colors]).astype(
        np.float32
    )
    thumbs -= thumbs.mean((1, 2), keepdims=True)
    # The small constant keeps a plain tile from being everything's copy.
    norms = np.sqrt((thumbs**2).sum((1, 2, 3)) + _SIDE**2)
    return np.fft.fft2(thumbs, axes=(1, 2)).astype(np.complex64), norms
