"""Bytes become a message or an error with a name, and nothing else."""

from collections.abc import Callable
from typing import Any, TypeVar, get_args

import msgpack
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from tests.protocol.strategies import alien_values, client_messages, server_messages
from vrbridge.errors import BadMessage, ProtocolError, UnknownType, VrbridgeError
from vrbridge.protocol.codec import decode_client, decode_server, encode
from vrbridge.protocol.messages import Ack, Cancel, Chunk, ClientMessage, Hello, Ping, Request, ServerMessage

M = TypeVar("M")

TYPES = ["hello", "request", "cancel", "context", "credit", "ack", "skip", "heard", "forget", "ping"]
FIELDS = ["type", "id", "t", "params", "head", "limit", "scope", "receive", "resume", "nearby", "hands"]


def packed(**fields: Any) -> bytes:
    return bytes(msgpack.packb(fields))


def request_with(params: bytes) -> bytes:
    """A request whose `params` are the bytes given."""
    return b"\x84" + b"\xa4type" + b"\xa7request" + b"\xa2id\x07" + b"\xa4kind\xa1k" + b"\xa6params" + params


@given(client_messages)
def test_every_client_message_survives_the_wire(message: ClientMessage) -> None:
    assert decode_client(encode(message)) == message


@given(server_messages)
def test_every_server_message_survives_the_wire(message: ServerMessage) -> None:
    assert decode_server(encode(message)) == message


@given(client_messages | server_messages)
def test_another_codec_reads_a_map_with_string_keys(message: ClientMessage | ServerMessage) -> None:
    meaning = msgpack.unpackb(encode(message), strict_map_key=True)
    assert meaning["type"] == message.__struct_config__.tag
    assert all(isinstance(key, str) for key in meaning)


@given(st.binary(max_size=200))
@example(b"")
@example(b"\xc1")
@example(b"\x91" * 5000)
@example(b"\xdd\xff\xff\xff\xff")
@example(b"\x82\xa4type\xa7context\xa6nearby\xdd\xff\xff\xff\xff")
def test_any_bytes_from_a_client_are_a_message_or_a_named_error(data: bytes) -> None:
    check_client(data)


@given(client_messages, st.data())
def test_a_damaged_client_message_is_a_message_or_a_named_error(
    message: ClientMessage, data: st.DataObject
) -> None:
    check_client(damaged(encode(message), data))


@given(
    st.sampled_from(TYPES),
    st.dictionaries(st.sampled_from(FIELDS) | st.text(max_size=4), alien_values, max_size=5),
)
def test_a_map_of_any_values_is_a_message_or_a_named_error(type: str, fields: dict[str, Any]) -> None:
    check_client(packed(**(fields | {"type": type})))


@given(alien_values)
def test_params_of_any_value_are_a_message_or_a_named_error(value: Any) -> None:
    check_client(request_with(msgpack.packb(value)))


@given(st.binary(max_size=200))
def test_any_bytes_from_a_server_are_a_message_or_a_protocol_error(data: bytes) -> None:
    check_server(data)


@given(server_messages, st.data())
def test_a_damaged_server_message_is_a_message_or_a_protocol_error(
    message: ServerMessage, data: st.DataObject
) -> None:
    check_server(damaged(encode(message), data))


def damaged(whole: bytes, data: st.DataObject) -> bytes:
    broken = bytearray(whole)
    for _ in range(data.draw(st.integers(1, 4))):
        place = data.draw(st.integers(0, len(broken) - 1))
        match data.draw(st.sampled_from(["change", "insert", "remove"])):
            case "change":
                broken[place] = data.draw(st.integers(0, 255))
            case "insert":
                broken.insert(place, data.draw(st.integers(0, 255)))
            case _ if len(broken) > 1:
                del broken[place]
    return bytes(broken)


def check_client(data: bytes) -> None:
    match outcome(decode_client, data):
        case ProtocolError() as error:
            assert error.close_code == 1007
        case VrbridgeError() as error:
            assert isinstance(error, BadMessage | UnknownType)
            assert error.message.endswith(".")
        case message:
            assert decode_client(encode(message)) == message


def check_server(data: bytes) -> None:
    match outcome(decode_server, data):
        case VrbridgeError() as error:
            assert isinstance(error, ProtocolError)
            assert error.close_code == 1007
        case message:
            assert isinstance(message, get_args(ServerMessage))


def outcome(decode: Callable[[bytes], M], data: bytes) -> M | VrbridgeError:
    try:
        return decode(data)
    except VrbridgeError as error:
        return error


def test_the_bytes_of_a_client_message() -> None:
    data = (
        b"\x84"  # map of 4
        b"\xa4type\xa7request"
        b"\xa2id\xcd\x01\x2c"  # uint16 300
        b"\xa4kind\xa7texture"
        b"\xa6params\x81"  # map of 1
        b"\xa6prompt\xacmossy stones"
    )
    message = Request(id=300, kind="texture", params={"prompt": "mossy stones"})
    assert decode_client(data) == message
    assert encode(message) == data


def test_the_bytes_of_a_server_message() -> None:
    data = (
        b"\x84"  # map of 4
        b"\xa4type\xa5chunk"
        b"\xa5asset\x03"
        b"\xa6offset\xce\x00\x01\x00\x00"  # uint32 65536
        b"\xa4data\xc4\x02\xca\xfe"  # bin8 of 2
    )
    message = Chunk(asset=3, offset=65536, data=memoryview(b"\xca\xfe"))
    assert decode_server(data) == message
    assert encode(message) == data


@pytest.mark.parametrize("t", [b"\x00", b"\xca\x00\x00\x00\x00", b"\xcb" + bytes(8), b"\xd0\x00"])
def test_a_number_may_come_as_int_float32_or_float64(t: bytes) -> None:
    """A browser sends 0 for 0.0."""
    message = decode_client(b"\x82\xa4type\xa4ping\xa1t" + t)
    assert message == Ping(t=0.0)
    assert isinstance(message, Ping)
    assert isinstance(message.t, float)


def test_unknown_fields_are_ignored_on_every_level() -> None:
    data = packed(
        type="hello",
        version=1,
        shoe_size=43,
        receive={"chunk_bytes": 512, "smell": b"rose"},
        client={"x": [1]},
    )
    message = decode_client(data)
    assert isinstance(message, Hello)
    assert message.receive.chunk_bytes == 512


def test_a_nil_is_an_absent_field() -> None:
    data = packed(type="request", id=1, kind="k", params={}, slot=None, deadline_s=None, anchor=None)
    assert decode_client(data) == Request(id=1, kind="k", params={})


def test_the_largest_integer_is_that_of_a_browser() -> None:
    assert decode_client(packed(type="cancel", id=2**53 - 1)) == Cancel(id=2**53 - 1)
    for too_large in (2**53, 2**63, 2**64 - 1):
        with pytest.raises(BadMessage, match="9007199254740991"):
            decode_client(packed(type="cancel", id=too_large))


@pytest.mark.parametrize(
    ("fields", "field"),
    [
        ({"type": "cancel"}, "id"),
        ({"type": "cancel", "id": True}, "id"),
        ({"type": "cancel", "id": 1.0}, "id"),
        ({"type": "cancel", "id": -1}, "id"),
        ({"type": "cancel", "id": "1"}, "id"),
        ({"type": "heard", "id": 7, "characters": -1}, "characters"),
        ({"type": "ping", "t": float("nan")}, "t"),
        ({"type": "ping", "t": float("inf")}, "t"),
        ({"type": "ping", "t": False}, "t"),
        ({"type": "forget", "scope": "everyone"}, "scope"),
        ({"type": "context"}, "head"),
        ({"type": "context", "head": {}}, "head.position"),
        ({"type": "context", "head": {"position": [0, 1]}}, "head.position"),
        ({"type": "context", "head": {"position": [0, 1, "2"]}}, "head.position[2]"),
        ({"type": "context", "head": {"position": [0, 0, 0]}, "state": {"a": [1, 2**60]}}, "state.a[1]"),
        ({"type": "context", "head": {"position": [0, 0, 0]}, "state": {"a": float("nan")}}, "state.a"),
        ({"type": "context", "head": {"position": [0, 0, 0]}, "nearby": [{"name": "x"}]}, "nearby[0].id"),
        ({"type": "context", "head": {"position": [0, 0, 0]}, "hands": dict.fromkeys("abcdefghi")}, "hands"),
        ({"type": "hello"}, "version"),
        ({"type": "hello", "version": 1, "receive": {"chunk_bytes": 65537}}, "receive.chunk_bytes"),
        (
            {"type": "hello", "version": 1, "resume": {"session": "s", "secret": "x", "received": -1}},
            "resume.received",
        ),
    ],
)
def test_a_wrong_field_is_named_by_its_path(fields: dict[str, Any], field: str) -> None:
    with pytest.raises(BadMessage) as caught:
        decode_client(packed(**fields))
    assert (caught.value.field, caught.value.request_id) == (field, None)
    assert f"`{fields['type']}.{field}`" in caught.value.message


@pytest.mark.parametrize(
    ("params", "field"),
    [
        (msgpack.packb([1]), "params"),
        (b"\x81\x05\x06", "params"),  # an integer as key
        (b"\x81\xa1a\x81\x05\x06", "params.a"),
        (b"\x81\xa1a\xd4\x05\x00", "params.a"),  # an extension type
        (b"\x81\xa1a\xd6\xff\x00\x00\x00\x01", "params.a"),  # a timestamp
        (msgpack.packb({"a": {"b": [0, float("inf")]}}), "params.a.b[1]"),
        (msgpack.packb({"a": -(2**53)}), "params.a"),
    ],
)
def test_a_bad_request_says_which_request_it_ends(params: bytes, field: str) -> None:
    with pytest.raises(BadMessage) as caught:
        decode_client(request_with(params))
    assert (caught.value.field, caught.value.request_id) == (field, 7)


def test_an_anchor_is_checked_like_params() -> None:
    with pytest.raises(BadMessage) as caught:
        decode_client(
            packed(type="request", id=7, kind="k", params={}, anchor={"head": [0, float("nan"), 0]})
        )
    assert (caught.value.field, caught.value.request_id) == ("anchor.head[1]", 7)


@pytest.mark.parametrize(("levels", "is_taken"), [(31, True), (32, False), (400, False)])
def test_maps_and_arrays_nest_32_deep(levels: int, is_taken: bool) -> None:
    data = request_with(b"\x81\xa1a" + b"\x91" * levels + b"\x01")
    if is_taken:
        assert isinstance(decode_client(data), Request)
    else:
        with pytest.raises(BadMessage, match="32 deep"):
            decode_client(data)


@pytest.mark.parametrize("type", ["", "welcome", "done", "Request", "\0", "request "])
def test_an_unknown_type_has_its_own_error(type: str) -> None:
    with pytest.raises(UnknownType) as caught:
        decode_client(packed(type=type, id=3))
    assert (caught.value.field, caught.value.code) == ("type", "unknown_type")


def test_a_long_type_is_not_sent_back_whole() -> None:
    with pytest.raises(UnknownType) as caught:
        decode_client(packed(type="x" * 5000))
    assert len(caught.value.message) < 120


@pytest.mark.parametrize(
    "data",
    [
        b"",
        b"\xc0",
        b"\x90",
        b"\x80",
        b"\xa4ping",
        packed(type="ping", t=1.0) + b"\0",
        packed(type="ping", t=1.0)[:-1],
        packed(type=5),
        packed(type=b"ping", t=1.0),
        b"\x82\xa4type\xa4ping\x01\x02",
        b"\x81\xa4type\xa2\xff\xfe",
        b'{"type":"ping","t":1}',
        b"\x83\xa4type\xa4ping\xa1t\x01\xa1x" + b"\x91" * 100_000,
    ],
)
def test_what_is_no_map_with_a_type_closes_with_1007(data: bytes) -> None:
    with pytest.raises(ProtocolError) as caught:
        decode_client(data)
    assert caught.value.close_code == 1007


def test_a_client_message_is_none_of_a_server() -> None:
    with pytest.raises(ProtocolError, match="No server sends"):
        decode_server(encode(Ack(received=1)))


def test_a_wrong_field_of_a_server_is_named_too() -> None:
    with pytest.raises(ProtocolError) as caught:
        decode_server(packed(type="pong", t=1.0))
    assert caught.value.field == "server_s"


@pytest.mark.parametrize(
    "fields",
    [
        {"type": "t" * 100_000},
        {"type": "forget", "scope": "s" * 100_000},
        {"type": "request", "id": 1, "kind": "k", "params": {}, "priority": "p" * 100_000},
        {"type": "request", "id": 1, "kind": "k", "params": {"k" * 100_000: float("nan")}},
        {"type": "context", "head": {"position": [0, 0, 0]}, "state": {"a": {"k" * 100_000: 2**60}}},
    ],
)
def test_an_answer_repeats_little_of_what_was_said(fields: dict[str, Any]) -> None:
    with pytest.raises((BadMessage, UnknownType)) as caught:
        decode_client(packed(**fields))
    assert len(caught.value.message) < 250
    assert len(caught.value.field or "") < 100


def test_the_path_to_a_deep_place_is_cut_short() -> None:
    no_timestamp = b"\xd7\xff" + b"\xff" * 8
    with pytest.raises(BadMessage) as caught:
        decode_client(request_with(b"\x81\xa1a" * 500 + no_timestamp))
    assert (len(caught.value.field or ""), caught.value.request_id) == (401, 7)


@pytest.mark.parametrize(("n_characters", "is_taken"), [(4085, True), (4086, False)])
def test_an_anchor_has_an_end(n_characters: int, is_taken: bool) -> None:
    data = packed(type="request", id=7, kind="k", params={}, anchor={"object": "x" * n_characters})
    if is_taken:
        assert isinstance(decode_client(data), Request)
        return
    with pytest.raises(BadMessage, match="4096 bytes") as caught:
        decode_client(data)
    assert (caught.value.field, caught.value.request_id) == ("anchor", 7)


@pytest.mark.parametrize(
    "extra",
    [
        {"a": [[]] * 20_000},
        {"id": [[]] * 20_000},
        {"type": "request", "params": {"a": [[]] * 20_000}},
        {"head": {"position": [0, 0, 0]}, "nearby": [{}] * 20_000},
    ],
)
def test_a_message_of_too_many_values_is_not_read(extra: dict[str, Any]) -> None:
    fields = {"type": "context", "id": 7, "kind": "k"} | extra
    with pytest.raises(BadMessage, match="hold 16384 values") as caught:
        decode_client(packed(**fields))
    is_request = fields["type"] == "request"
    assert (caught.value.field, caught.value.request_id) == (None, 7 if is_request else None)
