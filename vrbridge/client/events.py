"""What a request brings, one frozen type per event."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, slots=True)
class Accepted:
    """The request is queued or has started.

    Args:
        position: How many requests are before it; 0 has started.
        eta_s: Estimated seconds until it is done, where the server can tell.
        anchor: The request's own anchor, untouched.
    """

    position: int
    eta_s: float | None = None
    anchor: Mapping[str, Any] | None = None


@dataclass(frozen=True, slots=True)
class Progressed:
    """Work went on; `fraction` is 0–1."""

    stage: str
    fraction: float


@dataclass(frozen=True, slots=True)
class TextPiece:
    """A piece of what a character says; `offset` counts the characters before it."""

    text: str
    offset: int


@dataclass(frozen=True, slots=True)
class ActionEvent:
    """The character chose one of the offered actions; the arguments fit its JSON Schema."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Asset:
    """A complete asset whose digest was checked.

    Args:
        role: Such as `base_color`, `lod0` or `preview`.
        media_type: Such as `image/ktx2` or `model/gltf-binary`.
        data: The file.
        digest: `sha256:` and 64 hex digits.
        meta: Facts about it, as the protocol lists them for its kind.
    """

    role: str
    media_type: str
    data: bytes = field(repr=False)
    digest: str
    meta: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Restarted:
    """The session was lost and the request has been sent again: forget what came before this event."""


@dataclass(frozen=True, slots=True)
class Done:
    """The end; `timing` holds milliseconds by stage."""

    result: Mapping[str, Any]
    timing: Mapping[str, float]


@dataclass(frozen=True, slots=True)
class AnswerDone:
    """The end of an answer.

    Args:
        request_id: For `Client.heard`.
        text: All of it.
        emotion: Name and score of the character's mood.
        finish: `stop`, `length` or `action`.
        result: Everything that the server said about it.
        timing: Milliseconds by stage.
    """

    request_id: int
    text: str
    emotion: Mapping[str, Any]
    finish: str
    result: Mapping[str, Any]
    timing: Mapping[str, float]


Event = Accepted | Progressed | TextPiece | ActionEvent | Asset | Restarted | Done
"""Everything that a ticket yields; `Done` is the last."""

DialogueEvent = TextPiece | ActionEvent | Restarted | AnswerDone
"""Everything that an answer yields; `AnswerDone` is the last."""
