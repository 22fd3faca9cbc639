"""What textures and meshes look like once all their assets are there."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from vrbridge.client.events import AnswerDone, Asset, Done, Progressed, Restarted
from vrbridge.client.ticket import Ticket, cancelled_if_left

MAP_ROLES = ("base_color", "normal", "orm", "height")


@dataclass(frozen=True, slots=True)
class Material:
    """A material for a surface.

    Args:
        maps: By role, out of `base_color`, `normal`, `orm`, `height`.
        preview: Small JPEG.
        result: What the server says about it, such as `seed`, `origin`, `confidence`.
        timing: Milliseconds by stage.
    """

    maps: Mapping[str, Asset]
    preview: Asset | None
    result: Mapping[str, Any]
    timing: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class Mesh:
    """A thing to place.

    Args:
        lods: Levels of detail, the finest first.
        collider: Convex hull, if one was asked for.
        textures: By material name, then by role.
        result: What the server says about it, such as `seed`, `family`, `size_m`.
        timing: Milliseconds by stage.
    """

    lods: tuple[Asset, ...]
    collider: Asset | None
    textures: Mapping[str, Mapping[str, Asset]]
    result: Mapping[str, Any]
    timing: Mapping[str, float]


@dataclass(slots=True)
class Parts:
    """Assets of one request, collected as they arrive."""

    _assets: list[Asset] = field(default_factory=list)

    def add(self, asset: Asset) -> None:
        """Keep an asset."""
        self._assets.append(asset)

    def clear(self) -> None:
        """Forget all, because the request starts again."""
        self._assets.clear()

    def material(self, done: Done) -> Material:
        """Return them as a material."""
        by_role = {asset.role: asset for asset in self._assets}
        maps = {role: by_role[role] for role in MAP_ROLES if role in by_role}
        return Material(maps, by_role.get("preview"), done.result, done.timing)

    def mesh(self, done: Done) -> Mesh:
        """Return them as a mesh."""
        by_role = {asset.role: asset for asset in self._assets}
        levels = sorted(role for role in by_role if role.startswith("lod"))
        textures: dict[str, dict[str, Asset]] = {}
        for asset in self._assets:
            if asset.role in MAP_ROLES:
                textures.setdefault(str(asset.meta.get("material", "")), {})[asset.role] = asset
        lods = tuple(by_role[role] for role in levels)
        return Mesh(lods, by_role.get("collider"), textures, done.result, done.timing)


async def collect(
    ticket: Ticket,
    on_asset: Callable[[Asset], None] | None,
    on_progress: Callable[[Progressed], None] | None,
) -> tuple[Parts, Done]:
    """Return all assets of a request and its end; cancelling this cancels the request.

    Raises:
        RequestFailed: If the request ended in an error.
        SessionLost: If the session is gone and the request was not to be sent again.
        CannotConnect: If the connection is gone for good.
    """
    parts = Parts()
    with cancelled_if_left(ticket):
        async for event in ticket:
            if isinstance(event, Asset):
                parts.add(event)
                if on_asset is not None:
                    on_asset(event)
            elif isinstance(event, Restarted):
                parts.clear()
            elif isinstance(event, Progressed) and on_progress is not None:
                on_progress(event)
            elif isinstance(event, Done):
                return parts, event
    raise AssertionError("a ticket ends in Done or raises")


async def collect_material(
    ticket: Ticket,
    on_preview: Callable[[Asset], None] | None,
    on_progress: Callable[[Progressed], None] | None,
) -> Material:
    """Return a material once it is whole, and hand on its preview before; see `collect`."""

    def on_asset(asset: Asset) -> None:
        if asset.role == "preview" and on_preview is not None:
            on_preview(asset)

    parts, done = await collect(ticket, on_asset, on_progress)
    return parts.material(done)


def answer_done(request_id: int, done: Done) -> AnswerDone:
    """Return the end of a dialogue request as the end of an answer."""
    result = done.result
    return AnswerDone(
        request_id=request_id,
        text=str(result.get("text", "")),
        emotion=result.get("emotion") or {},
        finish=str(result.get("finish", "stop")),
        result=result,
        timing=done.timing,
    )
