"""The worker's side of `texture` when others paint: prompt → picture → maps → files."""

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from typing import Any

import numpy as np
import numpy.typing as npt
from PIL import Image

from vrbridge.encoding.image import jpeg
from vrbridge.errors import GeneratorFailed
from vrbridge.generators.texture.maps import to_maps
from vrbridge.generators.texture.pictures import Color, Picture, PictureSource, Preview, square_tile
from vrbridge.generators.texture.surface import Surface
from vrbridge.jobs.outputs import WorkOutput, asset, progress, result
from vrbridge.jobs.texture_work import PREVIEW_PX, encoded_maps

_PREVIEW_QUALITY = 85
_MIN_PREVIEW_FRACTION = 0.5
"""Before that, unfinished pictures are mostly noise."""
_METRES_PER_TILE = 1.0
"""Nothing says how large a picture's things are; about a metre suits most walls and floors."""
# Shares of the work, for progress.
_PAINTED, _ESTIMATED = 0.7, 0.8


class PictureTextureWork:
    """Carries out orders of kind `texture` with pictures of a back end.

    Args:
        source: Paints.
        estimate: Returns the surface that a seamless picture shows.
        make_seamless: Returns a square picture so changed that it tiles.
    """

    def __init__(
        self,
        source: PictureSource,
        *,
        estimate: Callable[[Color], Surface],
        make_seamless: Callable[[Color], Color],
    ) -> None:
        self._source = source
        self._estimate = estimate
        self._make_seamless = make_seamless

    def __call__(self, arguments: dict[str, Any]) -> Iterator[WorkOutput]:
        """Yield progress, the preview, each map, and the result.

        Args:
            arguments: `prompt`, `seed`, `size_px`, `maps`, `formats`, `style`.
        """
        started = time.perf_counter()
        size_px, style = arguments["size_px"], arguments["style"]
        prompt = f"{arguments['prompt']}, {style}" if style else arguments["prompt"]
        facts = {"origin": "generated", "seed": arguments["seed"], "metres_per_tile": _METRES_PER_TILE}
        picture, has_preview = None, False
        # A work that is given up ends here, and the painting with it.
        with closing(self._source.generate(prompt, size_px=size_px, seed=arguments["seed"])) as events:
            for event in events:
                if isinstance(event, Picture):
                    picture = event
                elif not isinstance(event, Preview):
                    yield progress(event.stage, _PAINTED * event.fraction)
                elif not has_preview and event.fraction >= _MIN_PREVIEW_FRACTION:
                    has_preview = True
                    yield self._preview(event.pixels, size_px, facts)
        if picture is None:
            raise GeneratorFailed("The picture generator ended without a picture; try again.")
        color = square_tile(picture, size_px, make_seamless=self._make_seamless)
        if not has_preview:
            yield self._preview((color * np.float32(255) + np.float32(0.5)).astype(np.uint8), size_px, facts)
        yield progress("maps", _PAINTED)
        maps = to_maps(self._estimate(color))
        generated = time.perf_counter()
        yield progress("encode", _ESTIMATED)
        # Only now: some sources learn the name of their model while they paint.
        facts["model"] = self._source.model
        yield from encoded_maps(maps, arguments["maps"], arguments["formats"], facts)
        encoded = time.perf_counter()
        yield result(
            facts | {"size_px": size_px}, generate_s=generated - started, encode_s=encoded - generated
        )

    def _preview(self, pixels: npt.NDArray[np.uint8], size_px: int, facts: dict[str, Any]) -> WorkOutput:
        """Return the middle square of a picture as the preview."""
        height, width = pixels.shape[:2]
        edge, small_px = min(height, width), min(PREVIEW_PX, size_px)
        top, left = (height - edge) // 2, (width - edge) // 2
        middle = Image.fromarray(np.ascontiguousarray(pixels[top : top + edge, left : left + edge]))
        small = np.asarray(middle.resize((small_px, small_px), Image.Resampling.BOX))
        meta = {"width_px": small_px, "height_px": small_px, "format": "jpeg", "color_space": "srgb"}
        return asset(
            "preview",
            "image/jpeg",
            jpeg(small, quality=_PREVIEW_QUALITY),
            facts | {"model": self._source.model, "levels": 1} | meta,
        )
