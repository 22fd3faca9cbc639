"""A surface guessed from a picture by filters: what there is where no trained map network is at hand."""

import numpy as np
import numpy.typing as npt

from vrbridge.generators.texture.noise import Field, blurred
from vrbridge.generators.texture.palette import to_oklab
from vrbridge.generators.texture.surface import Surface

# Radii in tiles. Bright is taken for high; what is wider than the last is taken for light, not form.
_RADII = (0.002, 0.006, 0.018, 0.054)
_MEAN_SLOPE = 0.22
_MAX_GAIN = 1.5
_ROUGHNESS = 0.8
_ROUGHNESS_SPAN = 0.15
_CONTRAST_RADIUS = 0.01


def estimate(color: npt.NDArray[np.float32]) -> Surface:
    """Return the surface that a picture may show; it wraps around as the picture does.

    Args:
        color: (S, S, 3) float32, sRGB in [0, 1].

    Returns:
        Height by its bands of lightness, no steeper than usual reliefs; roughness a little higher where the
        picture is restless; no metal.

    Raises:
        ValueError: If the shape is another.
    """
    size = color.shape[0]
    if color.shape != (size, size, 3):
        raise ValueError(f"A picture has to be (S, S, 3), not {color.shape}.")
    lightness: Field = np.ascontiguousarray(to_oklab(color.reshape(-1, 3))[:, 0].reshape(size, size))
    height = _relief(lightness)
    contrast = np.sqrt(
        blurred((lightness - blurred(lightness, _CONTRAST_RADIUS)) ** 2, _CONTRAST_RADIUS).clip(0)
    )
    restless = contrast / np.float32(2 * float(contrast.mean()) + 1e-6)
    roughness = _ROUGHNESS + _ROUGHNESS_SPAN * (restless.clip(0, 1) - np.float32(0.5))
    return Surface(
        height=height,
        color=np.ascontiguousarray(color, np.float32),
        roughness=roughness.astype(np.float32),
        metallic=np.zeros((size, size), np.float32),
    )


def _relief(lightness: Field) -> Field:
    """Return height in tiles: each band of lightness weighs as much as it is wide."""
    size = lightness.shape[0]
    height = np.zeros_like(lightness)
    fine = lightness
    for radius in _RADII:
        if radius * size < 0.5:
            continue
        coarse = blurred(lightness, radius)
        height += (fine - coarse) * np.float32(radius)
        fine = coarse
    slopes = [np.abs(np.roll(height, -1, axis) - height).mean() * size for axis in (0, 1)]
    # A quiet picture stays nearly flat: its noise is no relief.
    gain = min(_MEAN_SLOPE / max(float(np.mean(slopes)), 1e-9), _MAX_GAIN)
    return (height * np.float32(gain)).astype(np.float32)
