"""A painted surface as the pixel maps that engines load."""

from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from vrbridge.errors import GeneratorFailed
from vrbridge.generators.texture.noise import Field, blurs, in_bands
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
    low, high = float(height.min()), float(height.max())
    scale = np.float32(1 / max(high - low, 1e-6))
    # Each side continues at the opposite one.
    continued = np.concatenate([height[-1:], height, height[:1]])
    size = height.shape[0]
    maps = TextureMaps(
        base_color=np.empty((size, size, 3), np.uint8),
        normal=np.empty((size, size, 3), np.uint8),
        orm=np.empty((size, size, 3), np.uint8),
        height=np.empty((size, size), np.uint8),
    )
    for rows in in_bands(size):
        # Hollows gather dust: a little of the shadow belongs into the colour.
        shade = np.float32(0.86) + np.float32(0.14) * occlusion[rows]
        maps.base_color[rows] = _bytes(surface.color[rows] * shade[:, :, None])
        maps.normal[rows] = _normal(continued[rows.start : rows.stop + 2])
        for channel, field in enumerate((occlusion, surface.roughness, surface.metallic)):
            maps.orm[rows, :, channel] = _bytes(field[rows])
        maps.height[rows] = _bytes((height[rows] - low) * scale)
    return maps


def _check_finite(surface: Surface) -> None:
    # A sum is not finite if one of its terms is not, and is quicker than looking at each of them.
    for field in (surface.height, surface.color, surface.roughness, surface.metallic):
        step()
        if not np.isfinite(field.sum()):
            raise GeneratorFailed("The generator painted something that holds no proper numbers.")


def _normal(height: Field) -> Pixels:
    """Return the normals of rows of a tile; given with one more above and below."""
    size = np.float32(height.shape[1] / 2)
    right = (np.roll(height[1:-1], -1, 1) - np.roll(height[1:-1], 1, 1)) * size
    down = (height[2:] - height[:-2]) * size
    scale = 1 / np.sqrt(right * right + down * down + 1)
    return _bytes(np.stack([-right * scale, down * scale, scale], 2) * np.float32(0.5) + np.float32(0.5))


def _occlusion(height: Field) -> Field:
    """Return how much light reaches each place, (S, S) in [0.15, 1]."""
    scales = [
        (radius, np.float32(strength / radius))
        for radius, strength in _OCCLUSION
        if radius * height.shape[0] >= 0.5
    ]
    light = np.ones_like(height)
    for (_, weight), around in zip(scales, blurs(height, [radius for radius, _ in scales]), strict=True):
        for rows in in_bands(height.shape[0]):
            light[rows] -= np.clip((around[rows] - height[rows]) * weight, -0.1, 0.7)
    return np.clip(light, 0.15, 1, out=light)


def _bytes(values: npt.NDArray[np.float32]) -> Pixels:
    return (np.clip(values, 0, 1) * np.float32(255) + np.float32(0.5)).astype(np.uint8)
