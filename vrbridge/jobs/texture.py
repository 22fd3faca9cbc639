"""The `texture` kind: a seamless material for a surface."""

import secrets
from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from vrbridge.encoding.texture import TEXTURE_FORMATS, choose_format
from vrbridge.errors import InvalidParams, TooLarge
from vrbridge.jobs.events import Event
from vrbridge.jobs.generated import GeneratedAssets
from vrbridge.jobs.kind import Asker, Estimate
from vrbridge.jobs.order import Order
from vrbridge.jobs.wording import check_wording
from vrbridge.protocol.params import TextureParams, parse_params

MAPS = ("base_color", "normal", "orm", "height")
DEFAULT_MAPS = MAPS[:3]
# One worker core: fixed part, and seconds for 512 × 512 with three maps.
_BASE_COST_S = 0.05
_COST_512_S = 0.35
# A smaller one shows less of the material than its preview does.
_LEAST_DEGRADED_PX = 128
# Seeds that are chosen here stay inside what JavaScript and GDScript hold exactly.
MAX_RANDOM_SEED = 2**31

CheckText = Callable[[str, str], None]
"""Called with a text and its field; raises Refused if safety rules forbid it."""


@dataclass(frozen=True, slots=True)
class TextureOffer:
    """Which texture generators the workers have.

    Attributes:
        model: What `welcome` calls the default one.
        generator: Its name for the workers.
        origin: What its materials are: `generated` or `procedural`.
        license: Of its materials.
        styles: What `params.style` can select by name: of each the SHA-256, or the version of the rules.
        fingerprint: Of a back end that paints instead of an embedded generator: another one may paint another
            picture for the same words and seed. None: an embedded generator is the default.
        picture_s: Estimated seconds of such a picture.
    """

    model: str
    generator: str = "parametric"
    origin: str = "procedural"
    license: str = "CC0-1.0"
    styles: Mapping[str, str] = field(default_factory=dict)
    fingerprint: str | None = None
    picture_s: float = 0.0


class TextureKind:
    """Checks texture requests and has them carried out.

    Args:
        assets: Runs the orders.
        offer: Which generators there are.
        max_size_px: Largest edge that the server makes.
        check_text: Safety rules.
    """

    name = "texture"

    def __init__(
        self, assets: GeneratedAssets, *, offer: TextureOffer, max_size_px: int, check_text: CheckText
    ) -> None:
        self._assets = assets
        self._offer = offer
        self._max_size_px = max_size_px
        self._check_text = check_text

    def capability(self) -> Mapping[str, Any] | None:
        """Return what `welcome` says about textures, or None while no worker runs."""
        if not self._assets.is_ready:
            return None
        return {
            "model": self._offer.model,
            "origin": self._offer.origin,
            "license": self._offer.license,
            "styles": sorted(self._offer.styles),
            "min_size_px": 64,
            "max_size_px": self._max_size_px,
            "maps": list(MAPS),
            "formats": list(TEXTURE_FORMATS),
        }

    def check(self, params: Mapping[str, Any], asker: Asker) -> Order:
        """Return the order for a worker; see `Kind.check`."""
        parsed = parse_params(TextureParams, params)
        check_wording(parsed.prompt)
        self._check_text(parsed.prompt, "params.prompt")
        size_px = fitting_size(parsed.size_px, self._max_size_px, asker)
        is_generator = parsed.style in self._offer.styles
        generator = str(parsed.style) if is_generator else self._offer.generator
        maps = list(parsed.maps if parsed.maps is not None else DEFAULT_MAPS)
        picture_s = 0.0 if is_generator else self._offer.picture_s
        return sized_order(
            {
                "prompt": parsed.prompt,
                "seed": parsed.seed if parsed.seed is not None else secrets.randbelow(MAX_RANDOM_SEED),
                "maps": maps,
                "formats": fitting_formats(maps, parsed.format, asker),
                "style": None if is_generator else parsed.style,
                "generator": generator,
                # Another file under the same name makes other materials.
                "weights": self._offer.styles.get(generator, self._offer.fingerprint),
            },
            size_px,
            cost_s=lambda edge_px: texture_cost_s(edge_px) + picture_s,
            name=generator,
            is_repeatable=parsed.seed is not None,
        )

    def admit(self, checked: Order, asker: Asker) -> Estimate:
        """Return when it could be done; see `Kind.admit`."""
        return self._assets.admit(checked, asker)

    def run(self, checked: Order, asker: Asker) -> AsyncGenerator[Event, None]:
        """Carry it out; see `Kind.run`."""
        return self._assets.run(checked, asker)


def texture_cost_s(size_px: int) -> float:
    """Return the estimated seconds of one worker for a material of this size."""
    return _BASE_COST_S + _COST_512_S * (size_px / 512) ** 2


def sized_order(
    arguments: Mapping[str, Any],
    size_px: int,
    *,
    cost_s: Callable[[int], float],
    name: str,
    is_repeatable: bool = True,
) -> Order:
    """Return the order of a material, and what is made in its place while there is too much work.

    Args:
        arguments: All but the size.
        size_px: Edge.
        cost_s: Returns the estimated seconds of one worker for an edge.
        name: Of what makes it, for what is learned of its cost.
        is_repeatable: See `Order`.
    """

    def order(edge_px: int) -> Order:
        return Order(
            {**arguments, "size_px": edge_px},
            cost_s(edge_px),
            size=f"{name} {edge_px}",
            is_repeatable=is_repeatable,
        )

    smaller = (
        replace(order(edge_px), degraded={"size_px": (size_px, edge_px)}) for edge_px in halves(size_px)
    )
    return replace(order(size_px), cheaper=tuple(smaller))


def halves(size_px: int) -> list[int]:
    """Return the smaller edges that a material may have in place of this one, the largest first."""
    edges = []
    while (size_px := size_px // 2) >= _LEAST_DEGRADED_PX:
        edges.append(size_px)
    return edges


def fitting_size(size_px: int, max_size_px: int, asker: Asker) -> int:
    """Return an edge after making sure that server and engine can take it.

    Raises:
        InvalidParams: If it is no power of two.
        TooLarge: If it is larger than one of them takes.
    """
    if size_px & (size_px - 1):
        raise InvalidParams(f"`size_px` must be a power of two, not {size_px}.", field="params.size_px")
    largest_px = min(max_size_px, asker.max_texture_px)
    if size_px > largest_px:
        raise TooLarge(f"`size_px` may be at most {largest_px} here.", field="params.size_px")
    return size_px


def fitting_formats(maps: list[str], wanted: str | None, asker: Asker) -> list[str]:
    """Return the formats to choose from, after making sure that every map finds one.

    Raises:
        InvalidParams: If the wanted format is unknown, or none of the client's formats fits a map.
    """
    if wanted is not None and wanted not in TEXTURE_FORMATS:
        known = ", ".join(TEXTURE_FORMATS)
        raise InvalidParams(f"Unknown texture format {wanted!r}. Known: {known}.", field="params.format")
    formats = [wanted] if wanted is not None else list(asker.texture_formats)
    for role in maps:
        try:
            choose_format(role, formats)
        except ValueError as error:
            field = "params.format" if wanted is not None else "receive.texture_formats"
            raise InvalidParams(str(error), field=field) from error
    return formats
