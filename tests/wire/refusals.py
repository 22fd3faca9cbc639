"""What a server refuses, and how."""

from dataclasses import dataclass, field
from typing import Any, Literal

import msgpack


@dataclass(frozen=True)
class Malformed:
    """A message that a server refuses.

    Args:
        name: What is wrong.
        data: Its bytes.
        answer: `close`, or the fields of the `error` that comes back.
    """

    name: str
    data: bytes
    answer: dict[Literal["close", "code", "field", "id"], Any] = field(default_factory=dict)


def _bytes(**fields: Any) -> bytes:
    return bytes(msgpack.packb(fields))


_REQUEST = b"\x84\xa4type\xa7request\xa2id\x07\xa4kind\xa1k\xa6params"

MALFORMED = [
    Malformed("empty", b"", {"close": 1007}),
    Malformed("reserved_byte", b"\xc1", {"close": 1007}),
    Malformed("an_array", bytes(msgpack.packb(["ping", 1])), {"close": 1007}),
    Malformed("no_type", _bytes(id=1), {"close": 1007}),
    Malformed("type_is_int", _bytes(type=1), {"close": 1007}),
    Malformed("type_is_bin", _bytes(type=b"ping", t=1.0), {"close": 1007}),
    Malformed("cut_off", _bytes(type="ping", t=1.0)[:-1], {"close": 1007}),
    Malformed("bytes_after_the_end", _bytes(type="ping", t=1.0) + b"\xc0", {"close": 1007}),
    Malformed("invalid_utf8", b"\x81\xa4type\xa2\xff\xfe", {"close": 1007}),
    Malformed("json", b'{"type":"ping","t":1}', {"close": 1007}),
    Malformed("key_is_int", b"\x83\xa4type\xa4ping\xa1t\x01\x05\x06", {"close": 1007}),
    Malformed("unknown_type", _bytes(type="teleport", id=3), {"code": "unknown_type", "field": "type"}),
    Malformed("type_of_a_server", _bytes(type="done", id=3), {"code": "unknown_type", "field": "type"}),
    Malformed("missing_field", _bytes(type="cancel"), {"code": "bad_message", "field": "id"}),
    Malformed("bool_for_int", _bytes(type="cancel", id=True), {"code": "bad_message", "field": "id"}),
    Malformed("float_for_int", _bytes(type="cancel", id=1.0), {"code": "bad_message", "field": "id"}),
    Malformed("negative_id", _bytes(type="cancel", id=-1), {"code": "bad_message", "field": "id"}),
    Malformed("int_beyond_53_bits", _bytes(type="cancel", id=2**53), {"code": "bad_message", "field": "id"}),
    Malformed("nan", _bytes(type="ping", t=float("nan")), {"code": "bad_message", "field": "t"}),
    Malformed("infinity", _bytes(type="ping", t=float("inf")), {"code": "bad_message", "field": "t"}),
    Malformed("unknown_scope", _bytes(type="forget", scope="all"), {"code": "bad_message", "field": "scope"}),
    Malformed(
        "short_vector",
        _bytes(type="context", head={"position": [0, 1]}),
        {"code": "bad_message", "field": "head.position"},
    ),
    Malformed(
        "wrong_item",
        _bytes(type="context", head={"position": [0, 1, 2]}, nearby=[{"id": 1}, {"name": "gate"}]),
        {"code": "bad_message", "field": "nearby[1].id"},
    ),
    Malformed(
        "request_without_kind",
        _bytes(type="request", id=7, params={}),
        {"code": "bad_message", "field": "kind", "id": 7},
    ),
    Malformed(
        "unknown_priority",
        _bytes(type="request", id=7, kind="k", params={}, priority="now"),
        {"code": "bad_message", "field": "priority", "id": 7},
    ),
    Malformed(
        "params_not_finite",
        _bytes(type="request", id=7, kind="k", params={"a": [0.5, float("nan")]}),
        {"code": "bad_message", "field": "params.a[1]", "id": 7},
    ),
    Malformed(
        "params_beyond_53_bits",
        _bytes(type="request", id=7, kind="k", params={"seed": 2**53}),
        {"code": "bad_message", "field": "params.seed", "id": 7},
    ),
    Malformed(
        "params_with_int_key",
        _REQUEST + b"\x81\xa1a\x81\x05\x06",
        {"code": "bad_message", "field": "params.a", "id": 7},
    ),
    Malformed(
        "extension_type",
        _REQUEST + b"\x81\xa1a\xd4\x05\x00",
        {"code": "bad_message", "field": "params.a", "id": 7},
    ),
    Malformed(
        "timestamp",
        _REQUEST + b"\x81\xa1a\xd6\xff\x00\x00\x00\x01",
        {"code": "bad_message", "field": "params.a", "id": 7},
    ),
    Malformed(
        "too_deep",
        _REQUEST + b"\x81\xa1a" + b"\x91" * 32 + b"\x01",
        {"code": "bad_message", "field": "params.a" + "[0]" * 31, "id": 7},
    ),
]
