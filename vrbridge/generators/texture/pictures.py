"""Pictures from image generators of others: what a source of them yields, and how it becomes a tile."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from typing import Protocol

import numpy as np
import numpy.typing as npt
from PIL import Image

Color = npt.NDArray[np.float32]
"""(H, W, 3) float32, sRGB in [0, 1], first row on top."""

# Lanczos reaches three pixels of the smaller of both pictures; a border of that much makes it wrap around.
_REACH_PX = 4


@dataclass(frozen=True, slots=True)
class Step:
    """Part of the work is done, or still goes on.

    Attributes:
        stage: `load`, `queue` or `generate`.
        fraction: 0–1 of the whole picture; never falls.
    """

    stage: str
    fraction: float


@dataclass(frozen=True, slots=True)
class Preview:
    """What the unfinished picture looks like.

    Attributes:
        pixels: (H, W, 3) uint8, sRGB.
        fraction: 0–1, how far it is.
    """

    pixels: npt.NDArray[np.uint8]
    fraction: float


@dataclass(frozen=True, slots=True)
class Picture:
    """The finished picture.

    Attributes:
        color: (H, W, 3) float32, sRGB in [0, 1].
        is_seamless: Whether its left edge meets its right one, and its top its bottom.
    """

    color: Color
    is_seamless: bool


Event = Step | Preview | Picture


class PictureSource(Protocol):
    """Paints pictures from words."""

    @property
    def model(self) -> str:
        """Name of what paints."""
        ...

    def generate(self, prompt: str, *, size_px: int, seed: int) -> Generator[Event, None, None]:
        """Yield steps, perhaps previews, and one picture at the end.

        Something is yielded at least every two seconds. Closing the generator stops the work after the step
        that it is in, and returns once it has stopped.

        Args:
            prompt: Any text.
            size_px: Edge that is wanted; the picture may have another size.
            seed: The same seed gives the same picture on the same device.

        Raises:
            GeneratorFailed: If the picture can't be made.
            Unavailable: If what paints is not there, or not ready.
            Refused: If the model's own safety check forbids the picture.
        """
        ...


def square_tile(picture: Picture, size_px: int, *, make_seamless: Callable[[Color], Color]) -> Color:
    """Return a picture as a seamless square.

    A picture that does not tile is cut to its middle square and its edges are blended; one that tiles is
    only scaled, since a cut would open its seams.

    Args:
        picture: Of any size.
        size_px: Edge of the result.
        make_seamless: Returns a square picture so changed that it tiles.

    Returns:
        (size_px, size_px, 3) float32 in [0, 1].
    """
    color = np.clip(picture.color, 0, 1).astype(np.float32, copy=False)
    if picture.is_seamless:
        return wrapped_resize(color, size_px)
    height, width = color.shape[:2]
    edge = min(height, width)
    top, left = (height - edge) // 2, (width - edge) // 2
    middle = np.ascontiguousarray(color[top : top + edge, left : left + edge])
    return wrapped_resize(np.clip(make_seamless(middle), 0, 1), size_px)


def wrapped_resize(color: Color, size_px: int) -> Color:
    """Return a seamless picture at another size, seamless as before.

    Args:
        color: (H, W, 3) float32.
        size_px: Edge of the result.

    Returns:
        (size_px, size_px, 3) float32 in [0, 1].
    """
    height, width = color.shape[:2]
    if (height, width) == (size_px, size_px):
        return color
    border_y, border_x = (_REACH_PX * max(1, -(-edge // size_px)) for edge in (height, width))
    padded = np.pad(color, ((border_y, border_y), (border_x, border_x), (0, 0)), mode="wrap")
    box = (border_x, border_y, border_x + width, border_y + height)
    channels = [
        np.asarray(
            Image.fromarray(np.ascontiguousarray(padded[:, :, c])).resize(
                (size_px, size_px), Image.Resampling.LANCZOS, box=box
            )
        )
        for c in range(3)
    ]
    resized: Color = np.clip(np.stack(channels, 2), 0, 1).astype(np.float32, copy=False)
    return resized
