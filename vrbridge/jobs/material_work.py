"""The worker's side of `material`: picture file → seamless picture → maps → files."""

import io
import math
import time
from collections.abc import Callable, Iterator
from typing import Any, Final

import numpy as np
import numpy.typing as npt
from PIL import Image

from vrbridge.encoding.image import jpeg
from vrbridge.encoding.photo import UnreadablePicture, centre_square, opaque, open_photo
from vrbridge.errors import InvalidParams
from vrbridge.generators.texture.maps import to_maps
from vrbridge.generators.texture.picture_finishing import MapReader
from vrbridge.generators.texture.pictures import Color, wrapped_resize
from vrbridge.jobs.outputs import WorkOutput, asset, progress, result
from vrbridge.jobs.texture_work import PREVIEW_PX, encoded_maps

FILE_FORMATS: Final = ("JPEG", "PNG", "WEBP")
MIN_SIDE_PX: Final = 32
_PREVIEW_QUALITY = 85
_METRES_PER_TILE = 1.0
# Shares of the work, for progress.
_OPENED, _TILED, _ESTIMATED = 0.1, 0.5, 0.7


class MaterialWork:
    """Carries out orders of kind `material`.

    Args:
        reader: Reads the maps off a seamless picture.
        tiles_already: Returns whether a square picture tiles as it is.
        make_seamless: Returns a smaller picture that tiles.
        kept_share: Of an edge, what `make_seamless` leaves at least.
    """

    def __init__(
        self,
        reader: MapReader,
        *,
        tiles_already: Callable[[Color], bool],
        make_seamless: Callable[[Color], Color],
        kept_share: float,
    ) -> None:
        self._reader = reader
        self._tiles_already = tiles_already
        self._make_seamless = make_seamless
        self._kept_share = kept_share

    def __call__(self, arguments: dict[str, Any]) -> Iterator[WorkOutput]:
        """Yield progress, the preview, each map, and the result.

        Args:
            arguments: `image`, `size_px`, `maps`, `formats`, `metres_per_tile`.

        Raises:
            InvalidParams: If the picture can't be used.
        """
        started = time.perf_counter()
        size_px = arguments["size_px"]
        square = self._opened(arguments["image"], size_px)
        yield progress("open", _OPENED)
        color, is_tile = self._tile(square, size_px)
        facts = {
            "origin": "generated",
            "model": self._reader.model,
            # Nothing is left to chance: the same picture gives the same maps.
            "seed": 0,
            "metres_per_tile": arguments["metres_per_tile"] or _METRES_PER_TILE,
        }
        yield _preview(color, facts)
        yield progress("maps", _TILED)
        maps = to_maps(self._reader.estimate(color))
        generated = time.perf_counter()
        yield progress("encode", _ESTIMATED)
        yield from encoded_maps(maps, arguments["maps"], arguments["formats"], facts)
        encoded = time.perf_counter()
        yield result(
            facts | {"size_px": size_px, "was_seamless": is_tile},
            generate_s=generated - started,
            encode_s=encoded - generated,
        )

    def _opened(self, image: bytes, size_px: int) -> Image.Image:
        """Return the middle square of the picture, less than twice as large as is needed.

        Raises:
            InvalidParams: If the picture can't be used.
        """
        enough_px = self._enough_px(size_px)
        try:
            photo = open_photo(
                io.BytesIO(image), min_side_px=MIN_SIDE_PX, formats=FILE_FORMATS, enough_px=enough_px
            )
            square = centre_square(photo)
            # Whole blocks of pixels become one: where a picture tiles, it still does.
            return opaque(square.reduce(max(1, square.width // enough_px)))
        except UnreadablePicture as error:
            raise InvalidParams(f"`image`: {error}", field="params.image") from error

    def _tile(self, square: Image.Image, size_px: int) -> tuple[Color, bool]:
        """Return a seamless picture of the wanted edge, and whether it was seamless before."""
        edge = min(square.width, self._enough_px(size_px))
        small = _values(square.resize((edge, edge), Image.Resampling.LANCZOS))
        if self._tiles_already(small):
            return wrapped_resize(_values(square), size_px), True
        return wrapped_resize(self._make_seamless(small), size_px), False

    def _enough_px(self, size_px: int) -> int:
        return math.ceil(size_px / self._kept_share)


def _values(picture: Image.Image) -> npt.NDArray[np.float32]:
    return np.asarray(picture, np.float32) / np.float32(255)


def _preview(color: Color, facts: dict[str, Any]) -> WorkOutput:
    small_px = min(PREVIEW_PX, color.shape[0])
    small = (wrapped_resize(color, small_px) * np.float32(255) + np.float32(0.5)).astype(np.uint8)
    meta = {"width_px": small_px, "height_px": small_px, "format": "jpeg", "color_space": "srgb", "levels": 1}
    return asset("preview", "image/jpeg", jpeg(small, quality=_PREVIEW_QUALITY), facts | meta)
