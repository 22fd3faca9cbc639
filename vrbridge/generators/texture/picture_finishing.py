"""What turns a back end's picture into a surface."""

from collections.abc import Callable
from importlib import import_module
from pathlib import Path

from vrbridge.generators.texture.pictures import Color
from vrbridge.generators.texture.surface import Surface

Estimate = Callable[[Color], Surface]


def map_estimate(weights: Path | None) -> Estimate:
    """Return a function from a seamless picture to the surface that it shows.

    Args:
        weights: Of a texture network, whose map network is used. None: wrapped filters.

    Raises:
        ModelError: If the file is no texture network.
    """
    if weights is None:
        estimate: Estimate = import_module("vrbridge.generators.texture.filter_maps").estimate
        return estimate
    from vrbridge.generators.texture.map_estimator import MapEstimator

    return MapEstimator(weights).estimate


def make_seamless(color: Color) -> Color:
    """Return a square picture so changed that it tiles.

    Args:
        color: (S, S, 3) float32, sRGB in [0, 1].
    """
    blended: Color = import_module("vrbridge.generators.texture.seamless").make_seamless(color)
    return blended
