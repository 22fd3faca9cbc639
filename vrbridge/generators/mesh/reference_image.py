"""The image that a model is built after: what a source of it is asked for, and its background cut out."""

import io
from collections.abc import Generator
from typing import Protocol

import numpy as np
from numpy.typing import NDArray
from PIL import Image
from scipy import ndimage

from vrbridge.generators.mesh.model_source import ModelRequest

SIZE_PX = 512
Pixels = NDArray[np.uint8]
"""(H, W, 4) uint8, sRGB and opacity; white where nothing is."""

# How far a channel may be from the colour of the border, 0–1, and belong to the background.
_TOLERANCE = 0.08
# Shares of the image that a thing can't be, or leave to its background.
_LEAST_SHARE = 0.01


class ReferenceImages(Protocol):
    """Shows things before they are built."""

    @property
    def is_of_draft(self) -> bool:
        """Whether the image shows the draft."""
        ...

    def generate(self, request: ModelRequest) -> Generator[float, None, Pixels]:
        """Yield how far it is, 0–1, and return the image; see `ModelSource.generate`.

        Raises:
            Unavailable: If what paints is not there, or not ready.
            GeneratorFailed: If the image can't be made.
        """
        ...


def cut_out(color: NDArray[np.floating]) -> Pixels:
    """Return an image without what surrounds the thing; all of it where that can't be told.

    Args:
        color: (H, W, 3) sRGB 0–1, the thing before a background of one colour.
    """
    border = np.concatenate([color[0], color[-1], color[:, 0], color[:, -1]])
    is_alike = np.abs(color - np.median(border, axis=0)).max(axis=2) < _TOLERANCE
    # From outside alone: a white label on the thing is a part of it.
    regions, _ = ndimage.label(is_alike)
    edges = np.concatenate([regions[0], regions[-1], regions[:, 0], regions[:, -1]])
    is_behind = np.isin(regions, np.unique(edges[edges > 0]))
    share = float(is_behind.mean())
    if not _LEAST_SHARE < share < 1 - _LEAST_SHARE:
        is_behind = np.zeros_like(is_behind)
    pixels = np.full((*color.shape[:2], 4), 255, np.uint8)
    pixels[~is_behind, :3] = (np.clip(color, 0, 1) * 255).round().astype(np.uint8)[~is_behind]
    pixels[is_behind, 3] = 0
    return pixels


def mean_color(pixels: Pixels) -> NDArray[np.uint8]:
    """Return the (3,) uint8 sRGB that an image has where something is."""
    weights = pixels[..., 3].reshape(-1).astype(float)
    mean = np.average(pixels[..., :3].reshape(-1, 3), axis=0, weights=weights if weights.any() else None)
    return np.asarray(mean.round(), np.uint8)


def png(pixels: Pixels) -> bytes:
    """Return an image as a file."""
    file = io.BytesIO()
    Image.fromarray(pixels).save(file, "PNG")
    return file.getvalue()
