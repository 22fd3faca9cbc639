"""A painted surface as the pixel maps that engines load."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vrbridge.errors import GeneratorFailed
from vrbridge.generators.texture.noise import Field, blurred
from vrbridge.generators.texture.surface import Surface
from vrbridge.interruption import step

Pixels = npt.NDArray[np.uint8]

# Radii in tiles, and how dark a hollow of one radius in depth becomes.
_OCCLUSION = ((0.004, 0.55), (0.014, 0.55), (0.045, 0.45))


@dataclass(frozen=True, slots=True)
class TextureMaps:
    """The maps of one material; first row top, seamless in both directions.

    Attributes:
        base_color: (S, S, 3) uint8, sRGB.
        normal: (S, S, 3) uint8, x right, y up, z out.
        orm: (S, S, 3) uint8, linear: occlusion, roughness, metallic.
        height: (S, S) uint8, 0 lowest, 255 highest.
    """

    base_color: Pixels
    normal: Pixels
    orm: Pixels
    height: Pixels


def to_maps(surface: Surface) -> TextureMaps:
    """Return the maps of a surface.

    Raises:
        GeneratorFailed: If a number of the surface is not finite.
    """
    _check_finite(surface)
    height = surface.height.astype(np.float32, copy=False)
    occlusion = _occlusion(height)
    step()
    orm = np.stack([occlusion, surface.roughness, surface.metallic], 2)
    # Hollows gather dust: a little of the shadow belongs into the colour.
    color = surface.color * (np.float32(0.86) + np.float32(0.14) * occlusion)[:, :, None]
    step()
    low, high = float(height.min()), float(height.max())
    return TextureMaps(
        _bytes(color),
        _normal(height),
        _bytes(orm),
        _bytes((height - low) / np.float32(max(high - low, 1e-6))),
    )


def _check_finite(surface: Surface) -> None:
    # A sum is not finite if one of its terms is not, and is quicker than looking at each of them.
    for field in (surface.height, surface.color, surface.roughness, surface.metallic):
        if not np.isfinite(field.sum()):
            raise GeneratorFailed("The generator painted something that holds no proper numbers.")


def _normal(height: Field) -> Pixels:
    step()
    size = np.float32(height.shape[0] / 2)
    right = (np.roll(height, -1, 1) - np.roll(height, 1, 1)) * size
    step()
    down = (np.roll(height, -1, 0) - np.roll(height, 1, 0)) * size
    step()
    scale = 1 / np.sqrt(right * right + down * down + 1)
    step()
    return _bytes(np.stack([-right * scale, down * scale, scale], 2) * np.float32(0.5) + np.float32(0.5))


def _occlusion(height: Field) -> Field:
    shadow = np.zeros_like(height)
    for radius, strength in _OCCLUSION:
        if radius * height.shape[0] >= 0.5:
            hollow = (blurred(height, radius) - height) * np.float32(strength / radius)
            step()
            shadow += np.clip(hollow, -0.1, 0.7)
    return np.clip(1 - shadow, 0.15, 1).astype(np.float32)


def _bytes(values: npt.NDArray[np.float32]) -> Pixels:
    step()
    return (np.clip(values, 0, 1) * np.float32(255) + np.float32(0.5)).astype(np.uint8)
