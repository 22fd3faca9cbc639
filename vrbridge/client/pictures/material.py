"""A material on a wall, three tiles by three, with and without light, and on a ball."""

from typing import Final

import numpy as np
import numpy.typing as npt

from vrbridge.client.pictures.surface import Surface
from vrbridge.rendering.raster import Floats
from vrbridge.rendering.shading import around, halved, shade, to_picture, unit

TILES: Final = 3
# The wall is two units wide and high; the lamp hangs at its upper left, so near that relief shows.
_LAMP_AT: Final = np.array([-1.25, 0.75, 0.85], np.float32)
_LAMP: Final = np.array([7.6, 7.2, 6.6], np.float32)
_EYE_AT: Final = np.array([0.0, 0.0, 3.2], np.float32)
# Of the ball's surface from its left to its right edge.
_BALL_TILES: Final = 1.5
_BALL_LAMP: Final = np.array([3.6, 3.4, 3.1], np.float32)
_BALL_TO_LAMP: Final = np.array([-0.72, 0.5, 0.48], np.float32)


def flat_picture(surface: Surface, size_px: int) -> npt.NDArray[np.uint8]:
    """Return the colour alone, three tiles by three, as (size_px, size_px, 3) sRGB."""
    values = _wall(surface, size_px)[..., :3]
    srgb = np.where(values <= 0.0031308, 12.92 * values, 1.055 * np.maximum(values, 0) ** (1 / 2.4) - 0.055)
    return (srgb.clip(0, 1) * 255 + 0.5).astype(np.uint8)


def lit_picture(surface: Surface, size_px: int) -> npt.NDArray[np.uint8]:
    """Return a wall of three tiles by three, lit from the side, as (size_px, size_px, 3) sRGB."""
    values = _wall(surface, size_px)
    pixel = (np.arange(size_px, dtype=np.float32) + 0.5) / (size_px / 2) - 1
    x, y = np.meshgrid(pixel, -pixel)
    points = np.stack([x, y, np.zeros_like(x)], axis=-1)
    to_lamp = _LAMP_AT - points
    distance2 = (to_lamp**2).sum(axis=-1, keepdims=True)
    light = shade(
        albedo=values[..., :3],
        normal=unit(values[..., 3:6]),
        to_eye=unit(_EYE_AT - points),
        to_light=unit(to_lamp),
        light=_LAMP / (0.6 + distance2),
        occlusion=values[..., 6:7] * np.float32(0.7),
        roughness=values[..., 7:8],
        metallic=values[..., 8:9],
    )
    return to_picture(light)


def ball_picture(surface: Surface, size_px: int) -> npt.NDArray[np.uint8]:
    """Return a ball of the material before a plain backdrop, as (size_px, size_px, 3) sRGB."""
    edge = 2 * size_px
    pixel = ((np.arange(edge, dtype=np.float32) + 0.5) / size_px - 1) * np.float32(1.12)
    x, y = np.meshgrid(pixel, -pixel)
    backdrop = around(np.stack([x, y - 0.2, np.full_like(x, 1)], axis=-1), 1.0) * np.float32(0.9)
    inside = x**2 + y**2 < 1
    normals = np.stack([x[inside], y[inside], np.sqrt(1 - x[inside] ** 2 - y[inside] ** 2)], axis=-1)
    # Angles across and down the ball, of equal length in its middle.
    angles = np.stack([np.arctan2(normals[:, 0], normals[:, 2]), -np.arcsin(normals[:, 1])], axis=-1)
    tile_m = surface.metres_per_tile
    texels_a_pixel = surface.levels[0].shape[0] * _BALL_TILES / edge
    level = np.full(len(normals), max(0, round(np.log2(max(texels_a_pixel, 1)))), np.int32)
    values = surface.at((angles / np.pi * _BALL_TILES * tile_m).astype(np.float32), level)
    across = unit(
        np.stack([normals[:, 2], np.zeros(len(normals)), -normals[:, 0]], axis=-1).astype(np.float32)
    )
    up = np.cross(normals, across)
    tilted = across * values[:, 3:4] + up * values[:, 4:5] + normals * values[:, 5:6]
    backdrop[inside] = shade(
        albedo=values[:, :3],
        normal=unit(tilted.astype(np.float32)),
        to_eye=np.array([0, 0, 1], np.float32),
        to_light=unit(_BALL_TO_LAMP),
        light=_BALL_LAMP,
        occlusion=values[:, 6:7],
        roughness=values[:, 7:8],
        metallic=values[:, 8:9],
    )
    return to_picture(halved(backdrop))


def _wall(surface: Surface, size_px: int) -> Floats:
    """Return the (size_px, size_px, 9) values of three tiles by three."""
    place = (np.arange(size_px, dtype=np.float32) + 0.5) * (TILES * surface.metres_per_tile / size_px)
    u, v = np.meshgrid(place, place)
    level = max(0, int(np.floor(np.log2(max(surface.levels[0].shape[0] * TILES / size_px, 1)) + 0.5)))
    uv = np.stack([u.ravel(), v.ravel()], axis=-1)
    return surface.at(uv, np.full(len(uv), level, np.int32)).reshape(size_px, size_px, 9)
