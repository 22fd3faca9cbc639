"""MessagePack maps, and the events that they stand for."""

from collections.abc import Mapping
from typing import Any

import msgpack

from vrbridge.client.errors import RequestFailed
from vrbridge.client.events import Accepted, ActionEvent, Done, Event, Progressed, TextPiece

Message = dict[str, Any]


class MustClose(Exception):
    """The connection has to be closed.

    Args:
        code: WebSocket close code.
        reason: Short enough for a close message.
    """

    def __init__(self, code: int, reason: str) -> None:
        super().__init__(reason)
        self.code = code
        self.reason = reason


def encode(message: Mapping[str, Any]) -> bytes:
    """Return the bytes of a message."""
    packed: bytes = msgpack.packb(dict(message))
    return packed


def decode(data: bytes) -> Message:
    """Return the message that the bytes hold.

    Raises:
        MustClose: If it is not a MessagePack map with a `type`.
    """
    try:
        message = msgpack.unpackb(data)
    except (ValueError, msgpack.exceptions.UnpackException) as error:
        raise MustClose(1007, "not MessagePack") from error
    if not isinstance(message, dict) or not isinstance(message.get("type"), str):
        raise MustClose(1007, "not a message")
    return message


def present(**fields: object) -> dict[str, object]:
    """Return the fields that are not None, which on the wire are left out."""
    return {name: value for name, value in fields.items() if value is not None}


def event_of(message: Message) -> Event | RequestFailed:
    """Return what a message of a request tells; a failure for `error`.

    Raises:
        KeyError: If a field is missing.
    """
    match message["type"]:
        case "accepted":
            return Accepted(message["position"], message.get("eta_s"), message.get("anchor"))
        case "progress":
            return Progressed(message["stage"], message["fraction"])
        case "text":
            return TextPiece(message["text"], message["offset"])
        case "action":
            return ActionEvent(message["name"], message["arguments"])
        case "done":
            return Done(message["result"], message["timing"])
        case _:
            return failure_of(message)


def failure_of(message: Message) -> RequestFailed:
    """Return what an `error` message tells."""
    return RequestFailed(
        message["message"],
        code=message["code"],
        is_retryable=bool(message.get("retryable")),
        retry_after_s=message.get("retry_after_s"),
        field=message.get("field"),
    )
