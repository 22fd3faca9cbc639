"""What a material family draws, before it becomes maps."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt

from vrbridge.generators.texture.noise import Canvas, Field
from vrbridge.interruption import step

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
    step()
    steps = np.linspace(0, len(stops) - 1, 1024)
    table = np.stack([np.interp(steps, np.arange(len(stops)), stops[:, c]) for c in range(3)], 1)
    index = (np.clip(t, 0, 1) * np.float32(1023)).astype(np.int32)
    return table.astype(np.float32)[index]


def shade(color: npt.NDArray[np.float32], factor: Field) -> npt.NDArray[np.float32]:
    """Return the colour times a brightness."""
    return color * factor[:, :, None]


def mixed(
    under: npt.NDArray[np.float32], over: npt.NDArray[np.float32], amount: Field
) -> npt.NDArray[np.float32]:
    """Return `over` where amount is 1 and `under` where it is 0; colours or fields."""
    step()
    weight = amount[:, :, None] if under.ndim == 3 else amount
    return under + (over - under) * weight


def flat(field: Field, value: float) -> Field:
    """Return a constant of the same shape."""
    return np.full(field.shape, value, np.float32)
