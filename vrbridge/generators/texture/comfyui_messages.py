"""What a ComfyUI server says on its WebSocket, as far as one picture is concerned."""

import json
import struct
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

_UINT32 = struct.Struct(">I")
_PREVIEW = 1
_PREVIEW_WITH_METADATA = 4

FEATURE_FLAGS = json.dumps({"type": "feature_flags", "data": {"supports_preview_metadata": True}})
"""The first message of a client: previews then name the prompt that they belong to."""


@dataclass(frozen=True, slots=True)
class Started:
    """The server works on it."""


@dataclass(frozen=True, slots=True)
class Progressed:
    """A node has done `value` of `maximum` steps."""

    value: float
    maximum: float


@dataclass(frozen=True, slots=True)
class PreviewArrived:
    """An unfinished picture, as a JPEG or PNG file."""

    data: bytes


@dataclass(frozen=True, slots=True)
class ImageFile:
    """Where the server keeps a picture.

    Attributes:
        filename: Its name.
        subfolder: Below the folder of its type.
        type: `output`, `temp` or `input`.
    """

    filename: str
    subfolder: str
    type: str


@dataclass(frozen=True, slots=True)
class Saved:
    """A node has saved pictures."""

    images: tuple[ImageFile, ...]


@dataclass(frozen=True, slots=True)
class Succeeded:
    """All is done."""


@dataclass(frozen=True, slots=True)
class Failed:
    """A node failed; texts of the exception may quote the prompt, so that only its type is kept."""

    node_type: str
    exception_type: str


@dataclass(frozen=True, slots=True)
class Interrupted:
    """Somebody stopped it."""


@dataclass(frozen=True, slots=True)
class QueueChanged:
    """Places in the queue may be others now."""


Message = (
    Started | Progressed | PreviewArrived | Saved | Succeeded | Failed | Interrupted | QueueChanged | None
)


def message_of(data: str | bytes, prompt_id: str) -> Message:
    """Return what a message says about one prompt; None if that is nothing.

    Args:
        data: As it came.
        prompt_id: Messages about other prompts, and damaged ones, are passed over.
    """
    if isinstance(data, bytes):
        return _preview(data, prompt_id)
    try:
        message = json.loads(data)
        kind, facts = message["type"], message["data"]
    except (ValueError, TypeError, KeyError):
        return None
    if not isinstance(facts, dict):
        return None
    if kind == "status":
        return QueueChanged()
    return _of_prompt(kind, facts) if facts.get("prompt_id") == prompt_id else None


def _of_prompt(kind: object, facts: Mapping[str, Any]) -> Message:
    if kind == "execution_start":
        return Started()
    if kind == "progress":
        return _progressed(facts)
    if kind == "executed":
        images = image_files(facts.get("output"))
        return Saved(images) if images else None
    if kind == "execution_success":
        return Succeeded()
    if kind == "execution_error":
        return Failed(str(facts.get("node_type")), str(facts.get("exception_type")))
    if kind == "execution_interrupted":
        return Interrupted()
    return None


def outcome_in_history(entry: Mapping[str, Any]) -> tuple[Message, tuple[ImageFile, ...]]:
    """Return how a finished prompt ended, and the pictures that it saved.

    Args:
        entry: What `/history/ID` has under the id.
    """
    outputs = entry.get("outputs")
    nodes = outputs.values() if isinstance(outputs, dict) else ()
    images = tuple(image for node in nodes for image in image_files(node))
    status = entry.get("status")
    if not isinstance(status, dict) or status.get("status_str") == "success":
        return Succeeded(), images
    for message in reversed(status.get("messages") or []):
        if isinstance(message, list) and len(message) == 2 and isinstance(message[1], dict):
            end = _of_prompt(message[0], message[1])
            if isinstance(end, Failed | Interrupted):
                return end, images
    return Failed("unknown", "unknown"), images


def image_files(output: Any) -> tuple[ImageFile, ...]:
    """Return the pictures among the outputs of a node, in their order."""
    images = output.get("images") if isinstance(output, dict) else None
    return tuple(
        ImageFile(image["filename"], str(image.get("subfolder", "")), str(image.get("type", "output")))
        for image in (images if isinstance(images, list) else [])
        if isinstance(image, dict) and isinstance(image.get("filename"), str)
    )


def _progressed(facts: Mapping[str, Any]) -> Progressed | None:
    value, maximum = facts.get("value"), facts.get("max")
    if isinstance(value, int | float) and isinstance(maximum, int | float) and 0 <= value <= maximum > 0:
        return Progressed(value, maximum)
    return None


def _preview(data: bytes, prompt_id: str) -> PreviewArrived | None:
    if len(data) < 2 * _UINT32.size:
        return None
    (kind,), (second,) = _UINT32.unpack_from(data), _UINT32.unpack_from(data, _UINT32.size)
    rest = data[2 * _UINT32.size :]
    if kind == _PREVIEW:
        # Of older servers, which send it only to the client that asked, and `second` is the format.
        return PreviewArrived(rest)
    if kind != _PREVIEW_WITH_METADATA or second > len(rest):
        return None
    try:
        metadata = json.loads(rest[:second])
    except ValueError:
        return None
    is_ours = isinstance(metadata, dict) and metadata.get("prompt_id") == prompt_id
    return PreviewArrived(rest[second:]) if is_ours else None
