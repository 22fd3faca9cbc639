"""Colours of vertices."""

import numpy as np
from numpy.typing import NDArray

from vrbridge.generators.mesh.grain import Floats
from vrbridge.generators.texture.palette import Color, from_oklab, to_oklab

# Chroma that a named colour takes from the shape's own.
_KEPT_HUE = 0.25
_FINE_TONE = 0.5


def recolored(srgb: NDArray[np.floating], color: Color) -> Floats:
    """Return (V, 3) sRGB 0–1 whose mean has a colour in Oklab; light and dark stay, and some of the hues."""
    lab = to_oklab(srgb.astype(np.float32))
    apart = lab - lab.mean(0)
    apart[:, 1:] *= _KEPT_HUE
    # A light colour leaves less room above it, a dark one less below.
    room = min(1.0, 2.6 * float(color[0]), 6.0 * (1.02 - float(color[0])))
    apart[:, 0] *= np.float32(max(room, 0.2))
    return np.asarray(from_oklab(np.asarray(color + apart, np.float32)), float)


def toned(hues: Floats, tones: Floats) -> Floats:
    """Return (V, 3) sRGB with the hues and the mean tone of one list, and what is light and dark of another.

    Args:
        hues: (V, 3) sRGB 0–1.
        tones: (V, 3) sRGB 0–1.
    """
    lab, fine = to_oklab(hues.astype(np.float32)), to_oklab(tones.astype(np.float32))
    lab[:, 0] += np.float32(_FINE_TONE) * (fine[:, 0] - fine[:, 0].mean())
    lab[:, 0] = np.clip(lab[:, 0], 0.05, 1)
    return np.asarray(from_oklab(lab), float)


def linear(srgb: NDArray[np.floating]) -> Floats:
    """Return linear values of sRGB, both 0–1."""
    return np.asarray(np.where(srgb <= 0.04045, srgb / 12.92, ((srgb + 0.055) / 1.055) ** 2.4), float)
