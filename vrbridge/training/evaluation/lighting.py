"""A material in light, so that its maps can be judged by eye: tiled, bulging a little, lit from the side."""

from typing import Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from vrbridge.generators.texture.maps import TextureMaps
from vrbridge.rendering.raster import Floats
from vrbridge.rendering.shading import halved, shade, to_linear, unit

# The patch is two units wide and high; x right, y up, z towards the eye.
_EYE_AT: Final = np.array([0.0, 0.0, 4.5], np.float32)
# About 35° above the patch: low enough that relief throws shades, high enough that hollows are seen.
_TO_LIGHT: Final = np.array([-0.64, 0.50, 0.58], np.float32)
_LIGHT: Final = np.array([1.04, 1.0, 0.93], np.float32)
# How far the normal leans outwards at the middle of each edge: enough for highlights to have a place.
_BULGE: Final = 0.28
# What a flat, matte, grey middle of the patch is multiplied with, so that its colour is the map's own.
_LAMP_RADIANCE: Final = 3.35
_SHOULDER: Final = 0.7


def lit(maps: TextureMaps, *, tiles: int = 2, size_px: int = 256) -> npt.NDArray[np.uint8]:
    """Return a patch of the material under a low lamp and a sky.

    The patch is seen from the front, so texels stay square, and bulges a little towards the eye, so that
    roughness and metal show where the lamp and the sky are mirrored. In its middle, a flat and matte grey
    looks as in `base_color`; what would be brighter than white is compressed.

    Args:
        maps: Square maps.
        tiles: How often the tile is repeated across and down.
        size_px: Edge of the picture.

    Returns:
        (size_px, size_px, 3) uint8, sRGB.
    """
    values = _stacked(maps)
    while len(values) * tiles >= 4 * size_px and len(values) % 2 == 0:
        values = halved(values)
    values = np.tile(values, (tiles, tiles, 1))
    return _to_srgb(_resized(_shaded(values), size_px))


def _stacked(maps: TextureMaps) -> Floats:
    """Return (S, S, 9): linear colour, normal, occlusion, roughness, metallic."""
    parts = [to_linear(maps.base_color), maps.normal / np.float32(127.5) - 1, maps.orm / np.float32(255)]
    return np.concatenate(parts, axis=-1).astype(np.float32)


def _shaded(values: Floats) -> Floats:
    """Return (H, H, 3) linear light of (H, H, 9) values spread over the patch."""
    edge = len(values)
    place = (np.arange(edge, dtype=np.float32) + 0.5) / (edge / 2) - 1
    x, y = np.meshgrid(place, -place)
    points = np.stack([x, y, np.zeros_like(x)], axis=-1)
    return shade(
        albedo=values[..., :3],
        normal=_tilted(values[..., 3:6], x, y),
        to_eye=unit(_EYE_AT - points),
        to_light=unit(_TO_LIGHT),
        light=_LIGHT * np.float32(_LAMP_RADIANCE),
        occlusion=values[..., 6:7],
        roughness=values[..., 7:8],
        metallic=values[..., 8:9],
    )


def _tilted(normal: Floats, x: Floats, y: Floats) -> Floats:
    """Return the maps' normals on the bulging patch."""
    outward = unit(np.stack([_BULGE * x, _BULGE * y, np.ones_like(x)], axis=-1))
    across = unit(np.stack([outward[..., 2], np.zeros_like(x), -outward[..., 0]], axis=-1))
    up = np.cross(outward, across)
    return unit(across * normal[..., :1] + up * normal[..., 1:2] + outward * normal[..., 2:])


def _resized(light: Floats, size_px: int) -> Floats:
    """Return (size_px, size_px, 3) linear light, filtered so that nothing flickers."""
    if len(light) == size_px:
        return light
    planes = [
        Image.fromarray(np.ascontiguousarray(light[..., c], np.float32)).resize(
            (size_px, size_px), Image.Resampling.HAMMING
        )
        for c in range(3)
    ]
    return np.stack([np.asarray(plane) for plane in planes], axis=-1).clip(0, None)


def _to_srgb(light: Floats) -> npt.NDArray[np.uint8]:
    """Return linear light as sRGB bytes; from the shoulder on, more light gives less and less."""
    over = np.maximum(light - _SHOULDER, 0) / (1 - _SHOULDER)
    soft = np.minimum(light, _SHOULDER) + (1 - _SHOULDER) * over / (1 + over)
    srgb = np.where(soft <= 0.0031308, 12.92 * soft, 1.055 * soft ** (1 / 2.4) - 0.055)
    picture: npt.NDArray[np.uint8] = (srgb * 255 + 0.5).astype(np.uint8)
    return picture
