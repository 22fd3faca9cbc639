"""Bytes to messages and back."""

from collections.abc import Mapping
from typing import Final, TypeGuard, get_args

import msgspec

from vrbridge.errors import BadMessage, ProtocolError, UnknownType
from vrbridge.protocol.messages import (
    MAX_INT,
    Ack,
    Cancel,
    ClientMessage,
    Context,
    Credit,
    Forget,
    Heard,
    Hello,
    Ping,
    Request,
    ServerMessage,
    Skip,
)
from vrbridge.protocol.validation import NotPlain, check_plain, path_of

INVALID_DATA: Final = 1007
"""Close code for bytes that are no message at all."""
_SHOWN_CHARACTERS = 40


class _Head(msgspec.Struct, frozen=True):
    type: str
    id: object = None


_ENCODER: Final = msgspec.msgpack.Encoder()
_HEADS: Final[msgspec.msgpack.Decoder[_Head]] = msgspec.msgpack.Decoder(_Head)
_CLIENT: Final[Mapping[str, msgspec.msgpack.Decoder[ClientMessage]]] = {
    str(struct.__struct_config__.tag): msgspec.msgpack.Decoder(struct)
    for struct in (Hello, Request, Cancel, Context, Credit, Ack, Skip, Heard, Forget, Ping)
}
_SERVER: Final[Mapping[str, msgspec.msgpack.Decoder[ServerMessage]]] = {
    str(struct.__struct_config__.tag): msgspec.msgpack.Decoder(struct) for struct in get_args(ServerMessage)
}


def encode(message: ClientMessage | ServerMessage) -> bytes:
    """Return the bytes of a message."""
    return _ENCODER.encode(message)


def decode_client(data: bytes) -> ClientMessage:
    """Return the message of a client.

    Raises:
        ProtocolError: If the bytes are no MessagePack map with a string `type`.
        UnknownType: If `type` names no message of this version.
        BadMessage: If a field is missing or wrong; `field` is its path, `request_id` the request it ends.
    """
    head = _head(data)
    decoder = _CLIENT.get(head.type)
    if decoder is None:
        shown = head.type[:_SHOWN_CHARACTERS]
        raise UnknownType(f"This server knows no message of type {shown!r}.", field="type")
    request_id = head.id if head.type == "request" and _is_id(head.id) else None
    try:
        message = decoder.decode(data)
        _check_maps(message)
    except msgspec.ValidationError as error:
        reason, path = path_of(error)
        raise _bad(head.type, reason, path, request_id) from error
    except NotPlain as error:
        raise _bad(head.type, error.reason, error.path, request_id) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolError("A message must be one MessagePack map.", close_code=INVALID_DATA) from error
    return message


def decode_server(data: bytes) -> ServerMessage:
    """Return the message of a server, for tests and tools.

    Raises:
        ProtocolError: If the bytes are no message that a server of this version sends.
    """
    head = _head(data)
    if head.type not in _SERVER:
        raise ProtocolError("No server sends a message of this type.", close_code=INVALID_DATA, field="type")
    try:
        return _SERVER[head.type].decode(data)
    except msgspec.ValidationError as error:
        reason, path = path_of(error)
        raise ProtocolError(f"`{path}`: {reason}.", close_code=INVALID_DATA, field=path) from error
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolError("A message must be one MessagePack map.", close_code=INVALID_DATA) from error


def _head(data: bytes) -> _Head:
    try:
        return _HEADS.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise ProtocolError(
            "A message must be one MessagePack map with a string `type`.",
            close_code=INVALID_DATA,
            field="type",
        ) from error


def _bad(type: str, reason: str, path: str, request_id: int | None) -> BadMessage:
    place = f"`{type}.{path}`" if path else f"`{type}`"
    return BadMessage(f"{place}: {reason}.", field=path or None, request_id=request_id)


def _is_id(value: object) -> TypeGuard[int]:
    return isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= MAX_INT


def _check_maps(message: ClientMessage) -> None:
    """Look into the maps whose values the decoder takes as they come."""
    match message:
        case Request():
            check_plain(message.params, "params")
            check_plain(message.anchor, "anchor")
        case Context():
            check_plain(message.state, "state")
        case _:
            pass
