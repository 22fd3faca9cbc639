"""Mip chains of tiling pictures: colour averaged in linear light, normals renormalised, data as it is."""

from collections.abc import Callable, Iterator
from typing import Final

import numpy as np
from numpy.typing import NDArray

from vrbridge.interruption import in_steps

Pixels = NDArray[np.uint8]
"""(H, W, C) or (H, W), first row on top."""
_Planes = NDArray[np.float32]  # (C, H, W): numpy halves rows and columns of planes three times faster

_N_CODES: Final = 1 << 16
_BAND_PX: Final = 1 << 17


def _linear_of_srgb() -> NDArray[np.float32]:
    value = np.arange(256) / 255
    linear = np.where(value <= 0.04045, value / 12.92, ((value + 0.055) / 1.055) ** 2.4)
    return np.asarray(linear, dtype=np.float32)


def _srgb_of_linear() -> NDArray[np.uint8]:
    value = np.arange(_N_CODES) / (_N_CODES - 1)
    srgb = np.where(value <= 0.0031308, 12.92 * value, 1.055 * value ** (1 / 2.4) - 0.055)
    return np.asarray(np.rint(255 * srgb), dtype=np.uint8)


_LINEAR: Final = _linear_of_srgb()
# 16 bits of linear light are finer than one sRGB step even in the darkest shades.
_SRGB: Final = _srgb_of_linear()
# A mean normal this short is only the rounding of the 8 bits that it was made of.
_CANCELLED: Final = np.float32(1e-3)


def color_levels(pixels: Pixels) -> list[Pixels]:
    """Return the full mip chain of an sRGB picture, the picture itself first.

    Args:
        pixels: (H, W, 3) uint8, sRGB.
    """
    return _chain(pixels, load=lambda planes: np.take(_LINEAR, planes), store=_to_srgb)


def data_levels(pixels: Pixels) -> list[Pixels]:
    """Return the full mip chain of plain numbers, the picture itself first.

    Args:
        pixels: (H, W, C) or (H, W) uint8, linear.
    """
    return _chain(pixels, load=lambda planes: planes.astype(np.float32), store=_round)


def normal_levels(pixels: Pixels) -> list[Pixels]:
    """Return the full mip chain of a normal map, the map itself first; every normal below it has length 1.

    Args:
        pixels: (H, W, 3) uint8; 0–255 stands for −1 to 1.
    """
    return _chain(pixels, load=_unit_normals, store=_to_normal_bytes)


def widen_roughness(orm: list[Pixels], normal: Pixels) -> list[Pixels]:
    """Return an ORM chain in which coarse levels are as rough as the bumps they no longer show.

    Args:
        orm: Chain of (H, W, 3) uint8; green is roughness, the square root of the GGX alpha.
        normal: (H, W, 3) uint8, as large as the first level.

    Raises:
        ValueError: If the sizes differ.

    Source:
        Toksvig, Mipmapping Normal Maps, 2005; concentration of directions after Banerjee et al., JMLR 2005.
    """
    if orm[0].shape != normal.shape:
        raise ValueError("The normal map and the ORM map differ in size.")
    widened = [orm[0]]
    planes = _first_half(normal, _unit_normals)
    for level in orm[1:]:
        rough = level.copy()
        for rows in _bands(level):
            rough[rows, :, 1] = _widened(level[rows, :, 1], planes[:, rows])
        widened.append(rough)
        planes = _half(planes)
    return widened


def _widened(roughness: Pixels, normals: _Planes) -> Pixels:
    """Return the roughness (H, W) of places whose mean normals (3, H, W) are as short as they are uneven."""
    length = np.clip(_lengths(normals), 1e-3, 1.0)
    # Twice the variance per axis of the directions, which is what adds up with alpha².
    spread = 2 * (1 - length**2) / (3 * length - length**3)
    alpha_squared = (roughness / np.float32(255)) ** 4 + spread
    wide = np.minimum(alpha_squared, 1.0) ** np.float32(0.25)
    return np.maximum(roughness, np.rint(255 * wide).astype(np.uint8))


def _chain(
    pixels: Pixels, *, load: Callable[[Pixels], _Planes], store: Callable[[_Planes], Pixels]
) -> list[Pixels]:
    if pixels.dtype != np.uint8 or pixels.ndim not in (2, 3) or 0 in pixels.shape:
        raise ValueError(f"Mips need (H, W, C) or (H, W) uint8, not {pixels.shape} {pixels.dtype}.")
    levels = [pixels]
    if max(pixels.shape[:2]) == 1:
        return levels
    planes = _first_half(pixels, load)
    while True:
        levels.append(_stored(planes, store, n_axes=pixels.ndim))
        if max(planes.shape[1:]) == 1:
            return levels
        planes = _half(planes)


def _stored(planes: _Planes, store: Callable[[_Planes], Pixels], *, n_axes: int) -> Pixels:
    level = np.empty((*planes.shape[1:], planes.shape[0]), np.uint8)
    for rows in _bands(level):
        level[rows] = store(planes[:, rows]).transpose(1, 2, 0)
    return level if n_axes == 3 else level[..., 0]


def _first_half(pixels: Pixels, load: Callable[[Pixels], _Planes]) -> _Planes:
    """Return planes of half a picture's size, loaded in bands: as a whole it takes much memory in float32."""
    if pixels.shape[0] % 2:
        return _half(load(_planes_of(pixels)))
    halves = [
        _half(load(_planes_of(pixels[2 * rows.start : 2 * rows.stop])))
        for rows in in_steps(pixels.shape[0] // 2, _BAND_PX // (2 * pixels.shape[1]))
    ]
    return np.concatenate(halves, 1)


def _bands(level: Pixels) -> Iterator[slice]:
    return in_steps(level.shape[0], _BAND_PX // level.shape[1])


def _planes_of(pixels: Pixels) -> Pixels:
    stacked = pixels if pixels.ndim == 3 else pixels[..., None]
    return np.ascontiguousarray(stacked.transpose(2, 0, 1))


def _half(planes: _Planes) -> _Planes:
    """Return planes of half the size; an odd edge is shared out by area, so nothing shifts."""
    return _half_columns(_half_rows(planes))


def _half_rows(planes: _Planes) -> _Planes:
    n_rows = planes.shape[1]
    if n_rows == 1:
        return planes
    if n_rows % 2 == 0:
        return (planes[:, 0::2] + planes[:, 1::2]) * np.float32(0.5)
    n_half = n_rows // 2
    index = np.arange(n_half, dtype=np.float32)[:, None]
    first, middle, last = (n_half - index) / n_rows, np.float32(n_half / n_rows), (index + 1) / n_rows
    halved = first * planes[:, 0:-1:2] + middle * planes[:, 1::2] + last * planes[:, 2::2]
    return np.asarray(halved, dtype=np.float32)


def _half_columns(planes: _Planes) -> _Planes:
    if planes.shape[2] % 2 == 0:
        return (planes[:, :, 0::2] + planes[:, :, 1::2]) * np.float32(0.5)
    return _half_rows(planes.transpose(0, 2, 1)).transpose(0, 2, 1)


def _round(values: NDArray[np.float32]) -> Pixels:
    return (values + np.float32(0.5)).astype(np.uint8)


def _to_srgb(planes: _Planes) -> Pixels:
    return _SRGB[(planes * np.float32(_N_CODES - 1) + np.float32(0.5)).astype(np.uint16)]


def _lengths(planes: _Planes) -> NDArray[np.float32]:
    return np.asarray(np.sqrt(planes[0] ** 2 + planes[1] ** 2 + planes[2] ** 2), dtype=np.float32)


def _unit(planes: _Planes) -> _Planes:
    length = _lengths(planes)
    unit = np.asarray(planes / np.maximum(length, _CANCELLED), dtype=np.float32)
    # Opposite normals cancel out; flat is the only direction that is right on average.
    unit[:, length <= _CANCELLED] = np.array([[0], [0], [1]], np.float32)
    return unit


def _unit_normals(planes: Pixels) -> _Planes:
    if planes.shape[0] != 3:
        raise ValueError(f"A normal map has 3 channels, not {planes.shape[0]}.")
    return _unit(planes.astype(np.float32) * np.float32(2 / 255) - np.float32(1))


def _to_normal_bytes(planes: _Planes) -> Pixels:
    return _round((_unit(planes) + np.float32(1)) * np.float32(127.5))
