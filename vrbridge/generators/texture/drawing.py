"""A material that was decided on, and can be drawn."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol

import numpy as np
import numpy.typing as npt

from vrbridge.generators.texture.maps import TextureMaps

if TYPE_CHECKING:
    # It needs torch, which the server does without.
    from vrbridge.generators.texture.tile import Tile


@dataclass(frozen=True, slots=True)
class Drawing:
    """One material at one size.

    Attributes:
        model: Name of what draws it.
        origin: What `meta.origin` says: `generated` or `procedural`.
        family: Kind of material.
        confidence: How sure the prompt is understood, 0–1.
        nearest: Known words that the prompt came closest to.
        metres_per_tile: Edge of the tile in a scene.
        preview: Returns a small picture of the maps, (P, P, 3) uint8 sRGB, for its edge P: a power of two of
            at most the material's own size.
        maps: Returns the maps.
        tile: What a network draws for it, alone or with those of other drawings; None: there is no network.
    """

    model: str
    origin: str
    family: str
    confidence: float
    nearest: str
    metres_per_tile: float
    preview: Callable[[int], npt.NDArray[np.uint8]]
    maps: Callable[[], TextureMaps]
    tile: "Tile | None" = None


class TextureGenerator(Protocol):
    """Makes materials from words."""

    @property
    def model(self) -> str:
        """Name of the model."""
        ...

    @property
    def origin(self) -> str:
        """What `meta.origin` says: `generated` or `procedural`."""
        ...

    def drawing(
        self,
        prompt: str,
        *,
        seed: int,
        size_px: int,
        style: str | None = None,
        color: tuple[float, float, float] | None = None,
    ) -> Drawing:
        """Return what to draw.

        Args:
            prompt: Any text.
            seed: Chooses among what fits, and lays it out.
            size_px: Edge of the tile, a power of two from 64 to 2048.
            style: More words.
            color: Linear red, green, blue that the material must have, whatever the words say.
        """
        ...

    def batch_size(self, size_px: int) -> int:
        """Return how many drawings of this size are worth collecting for `draw_together`, as known now.

        Args:
            size_px: Edge of the tiles.

        Returns:
            1 if nothing is gained, or what is drawn would be another.
        """
        ...
