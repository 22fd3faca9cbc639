"""A material as values that can be looked up at any place of a surface."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Self

import numpy as np
import numpy.typing as npt

from vrbridge.client.events import Asset
from vrbridge.client.texture_reader import read_texture
from vrbridge.rendering.raster import Floats
from vrbridge.rendering.shading import halved, to_linear


@dataclass(frozen=True, slots=True)
class Surface:
    """The maps of a material, stacked: red, green, blue, normal x y z, occlusion, roughness, metallic.

    Args:
        levels: (H, W, 9) float32 each, colour linear, normals in −1–1; halved from one to the next.
        metres_per_tile: Edge of the first level on the surface.
    """

    levels: Sequence[Floats]
    metres_per_tile: float

    @classmethod
    def of(cls, maps: Mapping[str, Asset]) -> Self:
        """Return the surface of a material's maps; what is missing is white, flat, rough and not metal.

        Raises:
            ValueError: If a map is in a format for GPUs, or there is none.
        """
        pictures = {role: read_texture(asset) for role, asset in maps.items()}
        if not pictures:
            raise ValueError("This material has no maps.")
        height, width = next(iter(pictures.values())).shape[:2]
        stacked = np.empty((height, width, 9), np.float32)
        stacked[..., :3] = to_linear(pictures["base_color"][..., :3]) if "base_color" in pictures else 1
        stacked[..., 3:6] = pictures["normal"][..., :3] / 127.5 - 1 if "normal" in pictures else (0, 0, 1)
        stacked[..., 6:] = pictures["orm"][..., :3] / 255 if "orm" in pictures else (1, 0.8, 0)
        levels = [stacked]
        while min(levels[-1].shape[:2]) > 1:
            levels.append(halved(levels[-1]))
        scale = next(iter(maps.values())).meta.get("metres_per_tile", 1.0)
        return cls(levels, float(scale))

    def at(self, uv_m: Floats, level: npt.NDArray[np.int32]) -> Floats:
        """Return (N, 9) values, smoothed between texels.

        Args:
            uv_m: (N, 2) in metres, v down.
            level: (N,) which level to read; past the smallest, that one.
        """
        values = np.empty((len(uv_m), 9), np.float32)
        bounded = level.clip(0, len(self.levels) - 1)
        for number in np.unique(bounded):
            is_here = bounded == number
            values[is_here] = _smooth(self.levels[number], uv_m[is_here] / self.metres_per_tile)
        return values


def _smooth(texels: Floats, uv: Floats) -> Floats:
    """Return bilinear samples; the picture repeats in both directions."""
    height, width = texels.shape[:2]
    x, y = uv[:, 0] * width - 0.5, uv[:, 1] * height - 0.5
    left, top = np.floor(x).astype(int), np.floor(y).astype(int)
    across, down = (x - left)[:, None], (y - top)[:, None]
    left, top = left % width, top % height
    right, bottom = (left + 1) % width, (top + 1) % height
    flat = texels.reshape(height * width, -1)
    upper = _between(flat.take(top * width + left, axis=0), flat.take(top * width + right, axis=0), across)
    lower = _between(
        flat.take(bottom * width + left, axis=0), flat.take(bottom * width + right, axis=0), across
    )
    return _between(upper, lower, down)


def _between(start: Floats, end: Floats, share: Floats) -> Floats:
    """Return the values between two arrays, computed in place of the second."""
    end -= start
    end *= share
    end += start
    return end
