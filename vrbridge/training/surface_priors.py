"""What is known of materials whose pictures come without maps: how rough and how metallic they are.

Figures after the usual charts for physically based rendering: a category's mean, not a measurement.
"""

from collections.abc import Mapping

import numpy as np
import numpy.typing as npt

_ROUGHNESS: Mapping[str, float] = {
    "water": 0.12, "slime": 0.2, "ice": 0.25, "glass": 0.12, "ceramic": 0.22, "marble": 0.28, "lava": 0.6,
    "tiles": 0.45, "plastic": 0.35, "solar panel": 0.2, "metal": 0.45, "sci-fi panel": 0.42,
    "painted metal": 0.45, "hazard stripes": 0.5, "rust": 0.75, "leather": 0.55, "granite": 0.5, "mud": 0.6,
    "wood": 0.65, "snow": 0.75, "food": 0.6, "wallpaper": 0.75, "asphalt": 0.85, "concrete": 0.85,
}  # fmt: skip
_USUAL_ROUGHNESS = 0.88
_METALLIC: Mapping[str, float] = {
    "metal": 0.95, "sci-fi panel": 0.8, "rust": 0.55, "painted metal": 0.15, "hazard stripes": 0.1,
}  # fmt: skip
# In these words colour is the metal's own, not paint or rust on it.
_COLORED_METALS = ("gold", "copper", "brass", "bronze")
_SMOOTH_WORDS = ("wet", "polished", "shiny", "glossy", "smooth", "glazed", "icy")
_ROUGH_WORDS = ("rough", "rusty", "dusty", "dry", "worn", "weathered")
_GLOSS_SPAN = 0.5


def roughness(
    caption: str, category: str, gloss: npt.NDArray[np.uint8] | None, size_px: int
) -> npt.NDArray[np.uint8]:
    """Return (S, S) roughness, 0–255: the category's, varied by a gloss map where there is one.

    Args:
        caption: Words of the picture.
        category: Its kind.
        gloss: (S, S) uint8, bright where the surface shines; only its variation is trusted.
        size_px: S.
    """
    words = set(caption.lower().split())
    level = _ROUGHNESS.get(category, _USUAL_ROUGHNESS)
    level -= 0.18 if words.intersection(_SMOOTH_WORDS) else 0.0
    level += 0.1 if words.intersection(_ROUGH_WORDS) else 0.0
    values = np.full((size_px, size_px), level, np.float32)
    if gloss is not None:
        variation = gloss.astype(np.float32) / 255
        values -= _GLOSS_SPAN * (variation - variation.mean())
    return _bytes(values.clip(0.08, 1.0))


def metallic(caption: str, category: str, color: npt.NDArray[np.uint8]) -> npt.NDArray[np.uint8]:
    """Return (S, S) metalness, 0–255, of an (S, S, 3) uint8 picture: paint and rust on metal are none."""
    level = _METALLIC.get(category, 0.0)
    size = color.shape[:2]
    if level == 0.0:
        return np.zeros(size, np.uint8)
    values = color.astype(np.float32) / 255
    high, low = values.max(2), values.min(2)
    saturation = (high - low) / np.maximum(high, 0.08)
    is_own = any(word in caption.lower() for word in _COLORED_METALS)
    bare = np.ones(size, np.float32) if is_own else 1 - _step(saturation, 0.3, 0.65)
    return _bytes(level * bare)


def _step(x: npt.NDArray[np.float32], low: float, high: float) -> npt.NDArray[np.float32]:
    t = ((x - low) / (high - low)).clip(0, 1)
    smooth: npt.NDArray[np.float32] = (t * t * (3 - 2 * t)).astype(np.float32)
    return smooth


def _bytes(values: npt.NDArray[np.float32]) -> npt.NDArray[np.uint8]:
    return (values * 255 + 0.5).astype(np.uint8)
