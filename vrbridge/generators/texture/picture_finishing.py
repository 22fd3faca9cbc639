"""What turns a picture into a surface."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from vrbridge.generators.texture import FILTER_MAPS, filter_maps
from vrbridge.generators.texture.pictures import Color
from vrbridge.generators.texture.surface import Surface

Estimate = Callable[[Color], Surface]


@dataclass(frozen=True, slots=True)
class MapReader:
    """Reads surfaces off seamless pictures.

    Attributes:
        model: Name of what does it.
        estimate: Returns the surface that a picture shows.
    """

    model: str
    estimate: Estimate


def map_reader(weights: Path | None, device: str = "cpu") -> MapReader:
    """Return what reads maps off a seamless picture.

    Args:
        weights: Of a texture network, whose map network is used. None: wrapped filters.
        device: Of the network.

    Raises:
        ModelError: If the file is no texture network.
    """
    if weights is None:
        return MapReader(FILTER_MAPS, filter_maps.estimate)
    # Here and not on top: the server knows this module too, and does without torch.
    from vrbridge.generators.texture.map_estimator import MapEstimator

    estimator = MapEstimator(weights, device)
    return MapReader(estimator.model, estimator.estimate)
