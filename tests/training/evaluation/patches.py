"""Materials of one colour, slope and gloss."""

import numpy as np
import numpy.typing as npt

from vrbridge.generators.texture.maps import TextureMaps

Pixels = npt.NDArray[np.uint8]


def plain(
    color: tuple[int, int, int] = (120, 120, 120),
    *,
    normal: tuple[float, float, float] = (0.0, 0.0, 1.0),
    occlusion: float = 1.0,
    roughness: float = 1.0,
    metallic: float = 0.0,
    size_px: int = 64,
) -> TextureMaps:
    """A material that is the same everywhere."""
    tilted = np.array(normal) / np.linalg.norm(normal)
    return TextureMaps(
        base_color=_filled(color, size_px),
        normal=_filled(127.5 * (tilted + 1), size_px),
        orm=_filled(255 * np.array([occlusion, roughness, metallic]), size_px),
        height=np.full((size_px, size_px), 128, np.uint8),
    )


def _filled(value: npt.ArrayLike, size_px: int) -> Pixels:
    picture = np.empty((size_px, size_px, 3), np.uint8)
    picture[:] = np.rint(value).astype(np.uint8)
    return picture
