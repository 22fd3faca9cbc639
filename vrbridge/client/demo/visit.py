"""What happened on a walk."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any

from vrbridge.client.demo.scene import Ask, Line, Scene
from vrbridge.client.results import Material, Mesh


@dataclass(slots=True, kw_only=True)
class Waits:
    """Milliseconds from asking, as the scene saw them; None: it never came.

    Args:
        accepted_ms: To `accepted`.
        first_ms: To the first word, the preview or the coarsest level.
        done_ms: To the end.
    """

    accepted_ms: float | None = None
    first_ms: float | None = None
    done_ms: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Arrival:
    """A material or a prop that arrived."""

    ask: Ask
    waits: Waits
    made: Material | Mesh


@dataclass(frozen=True, slots=True, kw_only=True)
class Exchange:
    """Something the player said, and the answer.

    Args:
        npc: Who answered.
        place: Where.
        seen: Name of what the player looked at.
        line: What the player said.
        answer: What came back.
        emotion: The character's mood; empty if the server said none.
        actions: Name and arguments of what the character chose to do.
        heard_characters: How much of it the player stayed for.
        waits: How long it took.
    """

    npc: str
    place: str
    seen: str
    line: Line
    answer: str
    emotion: str
    actions: Sequence[tuple[str, Mapping[str, Any]]]
    heard_characters: int
    waits: Waits


@dataclass(frozen=True, slots=True, kw_only=True)
class Ending:
    """A request that was ended on purpose: how (`code`), and how fast after the player wanted it."""

    prompt: str
    code: str
    after_ms: float


@dataclass(frozen=True, slots=True, kw_only=True)
class Drop:
    """A connection that was lost in the middle of an asset.

    Args:
        prompt: Of the request that the asset belongs to.
        role: Of the asset.
        at_bytes: How much of it had arrived.
        in_all_bytes: Its size.
        resumed: Whether the session lived on.
        back_ms: From the loss to the next `welcome`.
        n_repeated_bytes: Bytes of the asset that arrived twice.
        n_asked_again: Requests that had to be sent a second time.
    """

    prompt: str
    role: str
    at_bytes: int
    in_all_bytes: int
    resumed: bool
    back_ms: float
    n_repeated_bytes: int
    n_asked_again: int


@dataclass(slots=True, kw_only=True)
class Visit:
    """A whole walk, filled in as it happens.

    Args:
        scene: Its script.
        server: Name and version of the server.
        models: By kind.
    """

    scene: Scene
    server: str
    models: Mapping[str, str]
    arrivals: list[Arrival] = field(default_factory=list)
    exchanges: list[Exchange] = field(default_factory=list)
    endings: list[Ending] = field(default_factory=list)
    drops: list[Drop] = field(default_factory=list)
    pings_ms: list[float] = field(default_factory=list)
    n_contexts: int = 0
    walked_s: float = 0.0

    @property
    def materials(self) -> Sequence[tuple[Arrival, Material]]:
        """The materials, in the order of the script."""
        return [(arrival, arrival.made) for arrival in self._in_order() if isinstance(arrival.made, Material)]

    @property
    def props(self) -> Sequence[tuple[Arrival, Mesh]]:
        """The props, in the order of the script."""
        return [(arrival, arrival.made) for arrival in self._in_order() if isinstance(arrival.made, Mesh)]

    def _in_order(self) -> list[Arrival]:
        order = {ask: number for number, ask in enumerate(self.scene.asks)}
        return sorted(self.arrivals, key=lambda arrival: order[arrival.ask])
