"""The worker's side of `texture`: prompt → plan → pixels → files."""

import time
from collections.abc import Callable, Iterator, Sequence
from typing import Any

from vrbridge.encoding.image import jpeg
from vrbridge.encoding.texture import encode_map
from vrbridge.generators.texture.drawing import TextureGenerator
from vrbridge.jobs.outputs import WorkOutput, asset, progress, result

PREVIEW_PX = 128
_PREVIEW_QUALITY = 85


class TextureWork:
    """Carries out orders of kind `texture`.

    Args:
        generator: Returns a generator by name.
    """

    def __init__(self, generator: Callable[[str], TextureGenerator]) -> None:
        self._generator = generator

    def __call__(self, arguments: dict[str, Any]) -> Iterator[WorkOutput]:
        """Yield the preview, each map, and the result.

        Args:
            arguments: `generator`, `prompt`, `seed`, `size_px`, `maps`, `formats`, `style`.
        """
        started = time.perf_counter()
        textures = self._generator(arguments["generator"])
        size_px = arguments["size_px"]
        drawing = textures.drawing(
            arguments["prompt"], seed=arguments["seed"], size_px=size_px, style=arguments["style"]
        )
        facts = {
            "origin": drawing.origin,
            "model": drawing.model,
            "seed": arguments["seed"],
            "family": drawing.family,
            "confidence": drawing.confidence,
            "nearest": drawing.nearest,
        }
        preview_px = min(PREVIEW_PX, size_px)
        small = drawing.preview(preview_px)
        shared = facts | {"metres_per_tile": drawing.metres_per_tile}
        yield asset(
            "preview",
            "image/jpeg",
            jpeg(small, quality=_PREVIEW_QUALITY),
            shared
            | {"width_px": preview_px, "height_px": preview_px, "format": "jpeg"}
            | {"color_space": "srgb", "levels": 1},
        )
        yield progress("generate", 0.3)
        maps = drawing.maps()
        generated = time.perf_counter()
        yield progress("encode", 0.7)
        yield from encoded_maps(maps, arguments["maps"], arguments["formats"], shared)
        encoded = time.perf_counter()
        values = facts | {"metres_per_tile": drawing.metres_per_tile, "size_px": size_px}
        yield result(values, generate_s=generated - started, encode_s=encoded - generated)


def encoded_maps(
    maps: Any, roles: Sequence[str], formats: Sequence[str], facts: dict[str, Any]
) -> Iterator[WorkOutput]:
    """Yield one asset a map, in the order asked for.

    Args:
        maps: `TextureMaps` of the generator.
        roles: Out of `base_color`, `normal`, `orm`, `height`.
        formats: The client's list, best first.
        facts: Joins the `meta` of each.
    """
    for role in roles:
        normal = maps.normal if role == "orm" else None
        encoded = encode_map(role, getattr(maps, role), formats=formats, normal=normal)
        meta = facts | {
            "width_px": encoded.width_px,
            "height_px": encoded.height_px,
            "format": encoded.format,
            "color_space": encoded.color_space,
            "levels": encoded.levels,
        }
        yield asset(role, encoded.media_type, encoded.data, meta)
