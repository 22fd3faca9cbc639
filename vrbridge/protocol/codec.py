"""Bytes to messages and back."""

from collections.abc import Mapping
from typing import Final, get_args

import msgspec

from vrbridge.errors import BadMessage, ProtocolError, UnknownType
from vrbridge.protocol.census import TooMuch, take_census
from vrbridge.protocol.messages import (
    Ack,
    Cancel,
    ClientMessage,
    Context,
    Count,
    Credit,
    Forget,
    Heard,
    Hello,
    Ping,
    Plain,
    Request,
    ServerMessage,
    Skip,
)
from vrbridge.protocol.validation import NotPlain, check_plain, path_of, shown

INVALID_DATA: Final = 1007
"""Close code for bytes that are no message at all."""
MAX_ANCHOR_BYTES: Final = 4096
"""An anchor comes back with `accepted`, which is kept until it is acknowledged."""
_MAX_ID_BYTES = 9
_NIL: Final = msgspec.Raw(b"\xc0")


class _Head(msgspec.Struct, frozen=True):
    type: str
    id: msgspec.Raw = _NIL
    """Not decoded: it may be anything, and as long as the message."""


_ENCODER: Final = msgspec.msgpack.Encoder()
_HEADS: Final[msgspec.msgpack.Decoder[_Head]] = msgspec.msgpack.Decoder(_Head)
_IDS: Final[msgspec.msgpack.Decoder[Count]] = msgspec.msgpack.Decoder(Count)
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
        raise UnknownType(f"This server knows no message of type {shown(head.type)!r}.", field="type")
    try:
        take_census(data)
        message = decoder.decode(data)
        _check_maps(message)
    except msgspec.ValidationError as error:
        reason, path = path_of(error)
        raise _bad(head, reason, path) from error
    except NotPlain as error:
        raise _bad(head, error.reason, error.path) from error
    except TooMuch as error:
        raise _bad(head, str(error), "") from error
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


def _bad(head: _Head, reason: str, path: str) -> BadMessage:
    place = f"`{head.type}.{path}`" if path else f"`{head.type}`"
    return BadMessage(f"{place}: {reason}.", field=path or None, request_id=_request_id(head))


def _request_id(head: _Head) -> int | None:
    """Return which request a bad message would have been, if it says so."""
    raw = memoryview(head.id)
    if head.type != "request" or len(raw) > _MAX_ID_BYTES:
        return None
    try:
        return _IDS.decode(raw)
    except msgspec.ValidationError:
        return None


def _check_maps(message: ClientMessage) -> None:
    """Look into the maps whose values the decoder takes as they come."""
    match message:
        case Request():
            check_plain(message.params, "params")
            check_plain(message.anchor, "anchor")
            _check_anchor(message.anchor)
        case Context():
            check_plain(message.state, "state")
        case _:
            pass


def _check_anchor(anchor: Plain | None) -> None:
    if anchor is not None and len(_ENCODER.encode(anchor)) > MAX_ANCHOR_BYTES:
        raise NotPlain(f"An anchor may take {MAX_ANCHOR_BYTES} bytes", "anchor")
