"""What a running job reports, in order, until it ends."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any


@dataclass(frozen=True, slots=True)
class Progressed:
    """Part of the work is done: `stage` in a word or two, `fraction` in 0–1."""

    stage: str
    fraction: float


@dataclass(frozen=True, slots=True)
class Spoken:
    """The next piece of a dialogue answer."""

    text: str


@dataclass(frozen=True, slots=True)
class ActionChosen:
    """A character does something that the scene offered; arguments are valid against its JSON Schema."""

    name: str
    arguments: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class AssetReady:
    """An asset is complete and in the asset store.

    Args:
        role: What it is for, such as `preview`, `base_color`, `lod0`.
        media_type: Such as `image/ktx2`.
        digest: `sha256:` and 64 hex digits of `body`.
        body: All bytes; usually a mapped file of the store.
        meta: What the client needs to use it; PROTOCOL part 8.
    """

    role: str
    media_type: str
    digest: str
    body: bytes | memoryview
    meta: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Finished:
    """The request is answered; always the last event.

    Args:
        result: Becomes `done.result`.
        timing_ms: What the job itself measured: `queued_ms`, `generate_ms`, `encode_ms`.
    """

    result: Mapping[str, Any]
    timing_ms: Mapping[str, float]


Event = Progressed | Spoken | ActionChosen | AssetReady | Finished
