"""Lines of a manifest, made for tests."""

import io
from collections.abc import Mapping

import numpy as np
import numpy.typing as npt
from PIL import Image

from vrbridge.training.texture_manifest import Looks, TextureSource
from vrbridge.training.texture_tiles import look

Tile = npt.NDArray[np.uint8]


def expected(tiles: Mapping[str, Tile]) -> Looks:
    """Return what such tiles look like from afar."""
    return Looks(**{kind: look(kind, tile) for kind, tile in tiles.items()})


def source(tiles: Mapping[str, Tile], **fields: object) -> TextureSource:
    """Return a line whose result should be these tiles."""
    values: dict[str, object] = {
        "id": "00001",
        "caption": "red brick",
        "category": "brick",
        "package": "bricks",
        "path": "a.png",
        "license": "GPL-2+",
        "license_class": "gpl",
        "copyright": 0,
        "looks": expected(tiles),
    }
    return TextureSource(**(values | fields))  # type: ignore[arg-type]  # fields are of many types


def dds(values: Tile) -> bytes:
    """Return (H, W, 3 or 4) uint8 as an uncompressed DDS."""
    file = io.BytesIO()
    Image.fromarray(values).save(file, "DDS")
    return file.getvalue()
