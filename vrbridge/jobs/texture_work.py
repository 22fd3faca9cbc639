"""The worker's side of `texture`: prompt → plan → pixels → files."""

import time
from collections.abc import Callable, Iterator, Sequence
from functools import partial
from typing import Any

from vrbridge.encoding.image import jpeg
from vrbridge.encoding.texture import encode_map
from vrbridge.generators.texture.drawing import Drawing, TextureGenerator
from vrbridge.jobs.batch_work import Members
from vrbridge.jobs.outputs import MemberOutput, WorkOutput, asset, progress, result

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
        spent = _Spent()
        yield from self._outputs(arguments, self._drawing(arguments, spent), spent)

    def batch(
        self, orders: Sequence[dict[str, Any]], *, is_stopped: Callable[[int], bool]
    ) -> Iterator[MemberOutput]:
        """Yield what each order yields alone, to the byte; networks draw together where that pays.

        Previews come first where nothing has to be drawn for them, and then one order after the other.

        Args:
            orders: As for a call; best of one generator and size.
            is_stopped: Returns whether nobody wants an order any more, by its number; quick.
        """
        # Here and not on top: it needs torch, which the server, who knows this module, does without.
        from vrbridge.generators.texture.tile import draw_together

        members = Members(is_stopped)
        drawings: dict[int, Drawing] = {}
        spent = {number: _Spent() for number in range(len(orders))}

        def begin(number: int) -> Iterator[WorkOutput]:
            drawings[number] = self._drawing(orders[number], spent[number])
            return self._outputs(orders[number], drawings[number], spent[number])

        try:
            for number in range(len(orders)):
                yield from members.begin(number, partial(begin, number))
            for number, drawing in drawings.items():
                preview_px = _preview_px(orders[number])
                if drawing.tile is None or drawing.tile.is_outlined(preview_px):
                    yield from members.step(number)
            numbers = members.wanted
            wanted = [drawings[number] for number in numbers]
            began = time.perf_counter()
            members.share(lambda: draw_together(d.tile for d in wanted if d.tile is not None))
            for number in numbers:
                spent[number].add((time.perf_counter() - began) / len(numbers))
            # From here on each is held by its own work only, and goes with it.
            drawings.clear()
            wanted.clear()
            for number in range(len(orders)):
                yield from members.finish(number)
        finally:
            members.close()

    def batch_size(self, arguments: dict[str, Any]) -> int:
        """Return how many orders like this one are worth a batch, as known now; 1: none.

        Args:
            arguments: As for a call; `generator` and `size_px` count.
        """
        return self._generator(arguments["generator"]).batch_size(arguments["size_px"])

    def _drawing(self, arguments: dict[str, Any], spent: "_Spent") -> Drawing:
        """Return what is to be drawn for an order."""
        with spent:
            textures = self._generator(arguments["generator"])
            return textures.drawing(
                arguments["prompt"],
                seed=arguments["seed"],
                size_px=arguments["size_px"],
                style=arguments["style"],
            )

    def _outputs(self, arguments: dict[str, Any], drawing: Drawing, spent: "_Spent") -> Iterator[WorkOutput]:
        facts = {
            "origin": drawing.origin,
            "model": drawing.model,
            "seed": arguments["seed"],
            "family": drawing.family,
            "confidence": drawing.confidence,
            "nearest": drawing.nearest,
        }
        preview_px = _preview_px(arguments)
        with spent:
            small = jpeg(drawing.preview(preview_px), quality=_PREVIEW_QUALITY)
        shared = facts | {"metres_per_tile": drawing.metres_per_tile}
        yield asset(
            "preview",
            "image/jpeg",
            small,
            shared
            | {"width_px": preview_px, "height_px": preview_px, "format": "jpeg"}
            | {"color_space": "srgb", "levels": 1},
        )
        yield progress("generate", 0.3)
        with spent:
            maps = drawing.maps()
        generate_s = spent.lap()
        yield progress("encode", 0.7)
        yield from spent.on(encoded_maps(maps, arguments["maps"], arguments["formats"], shared))
        values = facts | {"metres_per_tile": drawing.metres_per_tile, "size_px": arguments["size_px"]}
        yield result(values, generate_s=generate_s, encode_s=spent.lap())


class _Spent:
    """Adds up what one order took, without what was done for others in between."""

    def __init__(self) -> None:
        self._seconds = 0.0
        self._began = 0.0

    def __enter__(self) -> None:
        self._began = time.perf_counter()

    def __exit__(self, *_: object) -> None:
        self.add(time.perf_counter() - self._began)

    def add(self, seconds: float) -> None:
        """Count seconds of work that it had a share of."""
        self._seconds += seconds

    def lap(self) -> float:
        """Return the seconds since the last lap."""
        seconds, self._seconds = self._seconds, 0.0
        return seconds

    def on(self, outputs: Iterator[WorkOutput]) -> Iterator[WorkOutput]:
        """Yield outputs, and count what it takes to make them."""
        while True:
            with self:
                output = next(outputs, None)
            if output is None:
                return
            yield output


def _preview_px(arguments: dict[str, Any]) -> int:
    return int(min(PREVIEW_PX, arguments["size_px"]))


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
