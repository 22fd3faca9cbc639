"""What should be on the pictures that the engine's tests take."""

from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image

Region = tuple[float, float, float, float]
"""Left, top, right, bottom, as shares of the picture."""

# Where the stages of all clients have their things; the same for one eye of a stereo picture, and how far
# the other eye's half is from that.
WALL: Region = (0.28, 0.32, 0.46, 0.70)
PROP: Region = (0.56, 0.36, 0.74, 0.70)
EYE_WALL: Region = (0.05, 0.35, 0.22, 0.70)
EYE_PROP: Region = (0.29, 0.40, 0.45, 0.72)
OTHER_EYE = 0.49


def region(picture: Path, where: Region) -> npt.NDArray[np.float64]:
    """Return (N, 3) float64 in [0, 1], the colours of a part of a picture."""
    with Image.open(picture) as image:
        pixels = np.asarray(image.convert("RGB"), dtype=np.float64) / 255
    height, width, _ = pixels.shape
    left, top, right, bottom = where
    part = pixels[int(top * height) : int(bottom * height), int(left * width) : int(right * width)]
    return part.reshape(-1, 3)


def shows_bricks(picture: Path, where: Region) -> bool:
    """Whether a region is mostly red, with joints that make it uneven."""
    colors = region(picture, where)
    red, green, blue = colors.mean(axis=0)
    return bool(red > 1.3 * green and red > 1.3 * blue and colors[:, 1].std() > 0.05)


def share_changed(before: Path, after: Path, where: Region) -> float:
    """Return which share of a region has another colour than before."""
    difference = np.abs(region(before, where) - region(after, where)).max(axis=1)
    return float((difference > 0.06).mean())


def share_bright(picture: Path, where: Region) -> float:
    """Return which share of a region is as bright as letters are."""
    return float((region(picture, where).min(axis=1) > 0.6).mean())


def share_dark(picture: Path, where: Region) -> float:
    """Return which share of a region is as dark as a panel is."""
    return float((region(picture, where).max(axis=1) < 0.22).mean())
