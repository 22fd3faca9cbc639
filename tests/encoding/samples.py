"""Tiling pictures and small meshes that the encoders are fed with."""

import numpy as np
from numpy.typing import NDArray

from vrbridge.encoding.primitive import Material, Primitive

Pixels = NDArray[np.uint8]


def tile(width_px: int = 64, height_px: int = 64, *, channels: int = 3) -> Pixels:
    """A smooth picture that tiles: (H, W, channels) uint8; the channels rise and fall together."""
    y, x = np.mgrid[0:height_px, 0:width_px]
    across, down = 2 * np.pi * x / width_px, 2 * np.pi * y / height_px
    wave = np.sin(across) * np.cos(2 * down) + 0.4 * np.sin(3 * across + down)
    planes = [128 + 70 * wave * (1 - 0.15 * channel) - 10 * channel for channel in range(channels)]
    picture: Pixels = np.clip(np.stack(planes, axis=-1), 0, 255).astype(np.uint8)
    return picture


def bumps(width_px: int = 64, height_px: int = 64, *, steepness: float = 1.0) -> Pixels:
    """A normal map that tiles: (H, W, 3) uint8."""
    y, x = np.mgrid[0:height_px, 0:width_px]
    across, down = 2 * np.pi * x / width_px, 2 * np.pi * y / height_px
    slopes = [steepness * np.cos(2 * across), steepness * np.sin(2 * down)]
    normals = np.stack([*slopes, np.ones_like(slopes[0])], axis=-1)
    normals /= np.linalg.norm(normals, axis=-1, keepdims=True)
    return np.rint(127.5 * (normals + 1)).astype(np.uint8)


def psnr_db(seen: NDArray[np.uint8], meant: NDArray[np.uint8]) -> float:
    """Return how near one picture is to another, in decibels."""
    error = float(np.mean((seen.astype(np.float64) - meant.astype(np.float64)) ** 2))
    return float("inf") if error == 0 else 10 * float(np.log10(255**2 / error))


def grid(
    n: int = 3,
    *,
    material: Material | None = None,
    has_uv: bool = True,
    has_colors: bool = True,
    height_m: float = 0.0,
) -> Primitive:
    """A square metre of n × n vertices that looks up, counter-clockwise from above."""
    row, column = (index.reshape(-1) for index in np.mgrid[0:n, 0:n])
    uv = np.stack([column, row], axis=-1) / (n - 1)
    positions = np.stack([uv[:, 0] - 0.5, np.full(n * n, height_m), uv[:, 1] - 0.5], axis=-1)
    corner = (row * n + column).reshape(n, n)[:-1, :-1].reshape(-1)
    faces = np.concatenate(
        [
            np.stack([corner, corner + n, corner + 1], axis=-1),
            np.stack([corner + 1, corner + n, corner + n + 1], axis=-1),
        ]
    )
    shades = (64 + np.arange(n * n) % 128).astype(np.uint8)
    return Primitive(
        positions=positions.astype(np.float32),
        faces=faces.astype(np.uint32),
        normals=np.tile(np.array([0, 1, 0], np.float32), (n * n, 1)),
        uv=uv.astype(np.float32) if has_uv else None,
        colors=np.stack([shades, shades // 2, shades // 4, np.full_like(shades, 255)], axis=-1)
        if has_colors
        else None,
        material=material or Material(),
    )
