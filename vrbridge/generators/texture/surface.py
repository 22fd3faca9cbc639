"""What a material family draws, before it becomes maps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from vrbridge.generators.texture.noise import Canvas, Field, in_bands

Stops = npt.NDArray[np.float32]
"""(K, 3) float32, sRGB in [0, 1], dark to light."""

Palette = Mapping[str, Stops]
"""Named colour ramps; `main` is the one that colour words change."""


@dataclass(slots=True)
class Surface:
    """A tile of a material.

    Attributes:
        height: (S, S) float32, in tiles.
        color: (S, S, 3) float32, sRGB, about [0, 1].
        roughness: (S, S) float32 in [0, 1].
        metallic: (S, S) float32 in [0, 1].
    """

    height: Field
    color: npt.NDArray[np.float32]
    roughness: Field
    metallic: Field


@dataclass(frozen=True, slots=True)
class Family:
    """A kind of material.

    Attributes:
        paint: Draws it.
        palettes: Ramps as hex colours; the seed chooses one.
        metres_per_tile: Edge of the tile in a scene.
        tones: Words that name a colour for this material alone, such as `walnut` for wood, as hex colours.
    """

    paint: Callable[[Canvas, Palette], Surface]
    palettes: tuple[Mapping[str, str], ...]
    metres_per_tile: float
    tones: Mapping[str, str] = field(default_factory=dict)


def ramp(t: Field, stops: Stops) -> npt.NDArray[np.float32]:
    """Return (S, S, 3) colours for t in [0, 1]."""
    places = np.linspace(0, len(stops) - 1, 1024)
    table = np.stack([np.interp(places, np.arange(len(stops)), stops[:, c]) for c in range(3)], 1)
    table = table.astype(np.float32)
    color = np.empty((*t.shape, 3), np.float32)
    for rows in in_bands(t.shape[0]):
        color[rows] = table[(np.clip(t[rows], 0, 1) * np.float32(1023)).astype(np.int32)]
    return color


def shade(color: npt.NDArray[np.float32], factor: Field) -> npt.NDArray[np.float32]:
    """Return the colour times a brightness."""
    shaded = np.empty_like(color)
    for rows in in_bands(color.shape[0]):
        shaded[rows] = color[rows] * factor[rows, :, None]
    return shaded


def mixed(
    under: npt.NDArray[np.float32], over: npt.NDArray[np.float32], amount: Field
) -> npt.NDArray[np.float32]:
    """Return `over` where amount is 1 and `under` where it is 0; colours or fields."""
    weight = amount[:, :, None] if under.ndim == 3 else amount
    result = np.empty_like(under)
    for rows in in_bands(under.shape[0]):
        result[rows] = under[rows] + (over[rows] - under[rows]) * weight[rows]
    return result


def flat(field: Field, value: float) -> Field:
    """Return a constant of the same shape."""
    return np.full(field.shape, value, np.float32)
