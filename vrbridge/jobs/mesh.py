"""The `mesh` kind: a thing to place."""

import secrets
from collections.abc import AsyncGenerator, Iterator, Mapping
from dataclasses import dataclass, field, replace
from typing import Any

from vrbridge.errors import InvalidParams, TooLarge
from vrbridge.jobs.events import Event
from vrbridge.jobs.generated import GeneratedAssets
from vrbridge.jobs.kind import Asker, Estimate
from vrbridge.jobs.order import Order
from vrbridge.jobs.texture import MAX_RANDOM_SEED, CheckText, fitting_formats, halves, texture_cost_s
from vrbridge.jobs.wording import check_wording
from vrbridge.protocol.params import MeshParams, parse_params

MESH_FORMATS = ("glb", "arrays")
TEXTURE_MAPS = ("base_color", "normal", "orm")
# One worker core: plan, all levels and the collider.
_BASE_COST_S = 0.1
# Most props have two materials.
_MATERIALS = 2


@dataclass(frozen=True, slots=True)
class MeshOffer:
    """Which mesh generators the workers have.

    Attributes:
        model: What `welcome` calls the default one.
        generator: Its name for the workers.
        origin: What its things are: `generated` or `procedural`.
        license: Of its things.
        styles: Generators that `params.style` can select by name, each with the SHA-256 of its weights or the
            version of its rules.
        manners: Names of generators by other words for them, such as `procedural`.
        refined_by: Fingerprint of a back end whose models replace those of the default generator, if any.
        refine_s: Estimated seconds of such a model.
    """

    model: str
    generator: str = "parametric"
    origin: str = "procedural"
    license: str = "CC0-1.0"
    styles: Mapping[str, str] = field(default_factory=dict)
    manners: Mapping[str, str] = field(default_factory=dict)
    refined_by: str | None = None
    refine_s: float = 0.0

    @property
    def names(self) -> list[str]:
        """All that `params.style` may be."""
        return sorted({*self.manners, *self.styles})

    def chosen(self, style: str | None) -> str:
        """Return the generator that a style means.

        Raises:
            InvalidParams: If there is none of that name.
        """
        if style is None:
            return self.generator
        name = self.manners.get(style, style)
        if name not in self.styles:
            known = ", ".join(self.names)
            raise InvalidParams(f"There is no style {style!r} here. Known: {known}.", field="params.style")
        return name


class MeshKind:
    """Checks mesh requests and has them carried out.

    Args:
        assets: Runs the orders.
        offer: Which generators there are.
        max_faces: Most faces of one mesh that the server makes.
        max_texture_px: Largest edge of a texture that the server makes.
        check_text: Safety rules.
    """

    name = "mesh"

    def __init__(
        self,
        assets: GeneratedAssets,
        *,
        offer: MeshOffer,
        max_faces: int,
        max_texture_px: int,
        check_text: CheckText,
    ) -> None:
        self._assets = assets
        self._offer = offer
        self._max_faces = max_faces
        self._max_texture_px = max_texture_px
        self._check_text = check_text

    def capability(self) -> Mapping[str, Any] | None:
        """Return what `welcome` says about meshes, or None while no worker runs."""
        if not self._assets.is_ready:
            return None
        return {
            "model": self._offer.model,
            "origin": self._offer.origin,
            "license": self._offer.license,
            "styles": self._offer.names,
            "min_faces": 50,
            "max_faces": self._max_faces,
            "max_lods": 4,
            "max_texture_px": self._max_texture_px,
            "formats": list(MESH_FORMATS),
        }

    def check(self, params: Mapping[str, Any], asker: Asker) -> Order:
        """Return the order for a worker; see `Kind.check`."""
        parsed = parse_params(MeshParams, params)
        check_wording(parsed.prompt)
        self._check_text(parsed.prompt, "params.prompt")
        most = min(self._max_faces, asker.max_faces)
        if parsed.max_faces > most:
            raise TooLarge(f"`max_faces` may be at most {most} here.", field="params.max_faces")
        formats = [name for name in asker.mesh_formats if name in MESH_FORMATS]
        if not formats:
            known = " or ".join(f"`{name}`" for name in MESH_FORMATS)
            raise InvalidParams(f"Meshes come as {known}.", field="receive.mesh_formats")
        texture_px = parsed.texture_px
        if parsed.unwrap and texture_px:
            raise InvalidParams(
                "`unwrap` gives coordinates for pictures of your own; materials that tile need those in "
                "metres: leave out `texture_px` or `unwrap`.",
                field="params.unwrap",
            )
        generator = self._offer.chosen(parsed.style)
        # Who asks for a manner gets that.
        is_refined = self._offer.refined_by is not None and parsed.style is None
        arguments = {
            "prompt": parsed.prompt,
            "seed": parsed.seed if parsed.seed is not None else secrets.randbelow(MAX_RANDOM_SEED),
            "max_faces": parsed.max_faces,
            "lods": parsed.lods,
            "size_m": parsed.size_m,
            "collider": parsed.collider,
            "format": formats[0],
            "texture_px": texture_px,
            "texture_formats": self._texture_formats(texture_px, asker),
            "unwrap": parsed.unwrap,
            "generator": generator,
            # Another file under the same name makes other things.
            "weights": self._offer.styles.get(generator),
        } | ({"is_refined": True, "refined_by": self._offer.refined_by} if is_refined else {})
        is_repeatable = parsed.seed is not None
        cheaper = (replace(order, is_repeatable=is_repeatable) for order in self._cheaper(arguments))
        return replace(self._order(arguments), cheaper=tuple(cheaper), is_repeatable=is_repeatable)

    def admit(self, checked: Order, asker: Asker) -> Estimate:
        """Return when it could be done; see `Kind.admit`."""
        return self._assets.admit(checked, asker)

    def run(self, checked: Order, asker: Asker) -> AsyncGenerator[Event, None]:
        """Carry it out; see `Kind.run`."""
        return self._assets.run(checked, asker)

    def _order(self, arguments: Mapping[str, Any]) -> Order:
        texture_px, is_refined = arguments["texture_px"], bool(arguments.get("is_refined"))
        cost_s = (
            _BASE_COST_S
            + (_MATERIALS * texture_cost_s(texture_px) if texture_px else 0.0)
            + (self._offer.refine_s if is_refined else 0.0)
        )
        # Faces decide next to nothing of it.
        size = f"{arguments['generator']} {texture_px}{' refined' if is_refined else ''}"
        return Order(arguments, cost_s, size=size)

    def _cheaper(self, arguments: Mapping[str, Any]) -> Iterator[Order]:
        """Yield orders with smaller materials, then without the model that would come second.

        Fewer faces would save a worker nothing: it makes the shape as fine as it can, and takes away.
        """
        asked_px = arguments["texture_px"]
        degraded: dict[str, tuple[object, object]] = {}
        for edge_px in halves(asked_px):
            arguments = {**arguments, "texture_px": edge_px}
            degraded = {"texture_px": (asked_px, edge_px)}
            yield replace(self._order(arguments), degraded=degraded)
        if arguments.get("is_refined"):
            plain = {name: v for name, v in arguments.items() if name not in {"is_refined", "refined_by"}}
            yield replace(self._order(plain), degraded={**degraded, "refined": (True, False)})

    def _texture_formats(self, texture_px: int, asker: Asker) -> list[str]:
        if texture_px == 0:
            return []
        if texture_px < 64 or texture_px & (texture_px - 1):
            raise InvalidParams(
                f"`texture_px` must be 0 or a power of two from 64, not {texture_px}.",
                field="params.texture_px",
            )
        largest_px = min(self._max_texture_px, asker.max_texture_px)
        if texture_px > largest_px:
            raise TooLarge(f"`texture_px` may be at most {largest_px} here.", field="params.texture_px")
        return fitting_formats(list(TEXTURE_MAPS), None, asker)
