"""The interface between the server and what it can be asked for."""

from collections.abc import AsyncGenerator, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Protocol

from vrbridge.jobs.events import Event


@dataclass(frozen=True, slots=True)
class Asker:
    """Who asks, and what their engine can take.

    Args:
        session: Id of the session.
        player: Name in the token; memory is kept under it.
        request_id: The request's id in that session.
        tier: 0 interactive, 1 normal, 2 background.
        deadline: On the clock of `time.monotonic`; None: no deadline.
        texture_formats: In the client's order of preference.
        mesh_formats: In the client's order of preference.
        max_texture_px: Largest edge of a texture that the engine takes.
        max_faces: Most faces of one mesh that the engine takes.
        context: Returns the player's latest `context` as a plain map, or None.
        weight: Returns how much the player looks at where the result belongs: above 0 ahead, below 0 behind;
            the heaviest of what a session waits for has its next turn.
        failure: Returns the code of the error that the request has ended with; None: it goes on, or was done.
    """

    session: str
    player: str
    request_id: int
    tier: int = 0
    deadline: float | None = None
    texture_formats: tuple[str, ...] = ("rgba8",)
    mesh_formats: tuple[str, ...] = ("glb",)
    max_texture_px: int = 2048
    max_faces: int = 20000
    context: Callable[[], Mapping[str, Any] | None] = field(default=lambda: None)
    weight: Callable[[], float] = field(default=lambda: 0.0)
    failure: Callable[[], str | None] = field(default=lambda: None)


@dataclass(frozen=True, slots=True)
class Estimate:
    """How long a request will wait.

    Args:
        position: In line; 0: starts at once.
        eta_s: Seconds until done, if known.
        instead: What to carry out in place of what was checked, which there is too much work for. None: that
            itself.
    """

    position: int
    eta_s: float | None
    instead: Any = None


class Kind(Protocol):
    """One kind of request.

    The life of a request: `check`, then `admit`, then `run`. `check` and `admit` don't block.
    """

    name: str

    def capability(self) -> Mapping[str, Any] | None:
        """Return `model`, `origin`, `license` and parameter limits, or None if it can't be answered now."""
        ...

    def check(self, params: Mapping[str, Any], asker: Asker) -> Any:
        """Return the checked parameters.

        Raises:
            InvalidParams: With the field's path, such as `params.size_px`.
            TooLarge: If a size is over the limits.
            Refused: If safety rules forbid an input.
        """
        ...

    def admit(self, checked: Any, asker: Asker) -> Estimate:
        """Return when it could be answered.

        Raises:
            Overloaded: If too much work waits already.
            Unavailable: If what it needs is down.
        """
        ...

    def run(self, checked: Any, asker: Asker) -> AsyncGenerator[Event, None]:
        """Carry it out. Cancelling the consuming task (or closing the iterator) stops the work.

        Raises:
            RequestError: With the wire code that ends the request.
        """
        ...


class Memory(Protocol):
    """What the server tells the part that remembers."""

    async def heard(self, *, session: str, player: str, request_id: int, characters: int) -> None:
        """Cut what a character remembers having said to what the player heard."""
        ...

    async def forget(self, *, scope: str, session: str, player: str) -> int:
        """Erase what is stored about a session or a player; return the number of erased items."""
        ...


class AssetSource(Protocol):
    """Where assets are found by digest."""

    async def fetch(self, digest: str) -> tuple[str, memoryview | bytes] | None:
        """Return media type and bytes of an asset, or None if it is not kept (any more)."""
        ...

    def pin(self, digest: str) -> None:
        """Keep an asset, whose bytes are at hand, until it is unpinned as often; never waits."""
        ...

    def unpin(self, digest: str) -> None:
        """Take one pin back; never waits."""
        ...
