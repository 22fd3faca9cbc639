"""What turns a back end's picture into a surface."""

from collections.abc import Callable
from pathlib import Path

from vrbridge.generators.texture import filter_maps
from vrbridge.generators.texture.map_estimator import MapEstimator
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
        return filter_maps.estimate
    return MapEstimator(weights).estimate
