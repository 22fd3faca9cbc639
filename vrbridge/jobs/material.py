"""The `material` kind: a user's picture as a seamless material with all its maps."""

from collections.abc import AsyncGenerator, Mapping
from typing import Any

from vrbridge.encoding.texture import TEXTURE_FORMATS
from vrbridge.errors import InvalidParams, TooLarge
from vrbridge.jobs.events import Event
from vrbridge.jobs.generated import GeneratedAssets
from vrbridge.jobs.kind import Asker, Estimate
from vrbridge.jobs.material_work import FILE_FORMATS, MIN_SIDE_PX
from vrbridge.jobs.order import Order
from vrbridge.jobs.texture import DEFAULT_MAPS, MAPS, fitting_formats, fitting_size, sized_order
from vrbridge.protocol.params import MAX_IMAGE_BYTES, MaterialParams, parse_params

# One worker core: decoding and the rest that is always there, and seconds for 512 × 512 with three maps.
_BASE_COST_S = 0.15
_COST_512_S = 0.6


class MaterialKind:
    """Checks material requests and has them carried out.

    Args:
        assets: Runs the orders.
        model: Name of what reads maps off pictures.
        weights: SHA-256 of its file; None: it has none.
        max_size_px: Largest edge that the server makes.
    """

    name = "material"

    def __init__(self, assets: GeneratedAssets, *, model: str, weights: str | None, max_size_px: int) -> None:
        self._assets = assets
        self._model = model
        self._weights = weights
        self._max_size_px = max_size_px

    def capability(self) -> Mapping[str, Any] | None:
        """Return what `welcome` says about materials, or None while no worker runs."""
        if not self._assets.is_ready:
            return None
        return {
            "model": self._model,
            "origin": "generated",
            # Whoever owns the picture owns what is made of it.
            "license": None,
            "image_formats": [name.casefold() for name in FILE_FORMATS],
            "max_image_bytes": MAX_IMAGE_BYTES,
            "min_image_px": MIN_SIDE_PX,
            "min_size_px": 64,
            "max_size_px": self._max_size_px,
            "maps": list(MAPS),
            "formats": list(TEXTURE_FORMATS),
        }

    def check(self, params: Mapping[str, Any], asker: Asker) -> Order:
        """Return the order for a worker; see `Kind.check`. The picture is opened there, not here."""
        image = params.get("image")
        if isinstance(image, bytes | memoryview) and len(image) > MAX_IMAGE_BYTES:
            raise TooLarge(
                f"`image` has {len(image):,} bytes; at most {MAX_IMAGE_BYTES:,} are taken. "
                "Save it smaller, or as a JPEG.",
                field="params.image",
            )
        parsed = parse_params(MaterialParams, params)
        if not parsed.image:
            raise InvalidParams("`image` is empty.", field="params.image")
        size_px = fitting_size(parsed.size_px, self._max_size_px, asker)
        maps = list(parsed.maps if parsed.maps is not None else DEFAULT_MAPS)
        return sized_order(
            {
                "image": parsed.image,
                "maps": maps,
                "formats": fitting_formats(maps, parsed.format, asker),
                "metres_per_tile": parsed.metres_per_tile,
                # Another file under the same name reads other maps.
                "weights": self._weights,
            },
            size_px,
            cost_s=lambda edge_px: _BASE_COST_S + _COST_512_S * (edge_px / 512) ** 2,
            name=self._model,
        )

    def admit(self, checked: Order, asker: Asker) -> Estimate:
        """Return when it could be done; see `Kind.admit`."""
        return self._assets.admit(checked, asker)

    def run(self, checked: Order, asker: Asker) -> AsyncGenerator[Event, None]:
        """Carry it out; see `Kind.run`."""
        return self._assets.run(checked, asker)
