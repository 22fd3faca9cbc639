"""Some thousand messages that no server may stumble over, by name, with the answer to each."""

import math
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import msgpack

from tests.wire.catalogue import CLIENT
from tests.wire.fields import ALIEN, BASES, FIELDS, MAX_INT, wrong_messages
from tests.wire.param_fields import PARAM_BASES, PARAM_FIELDS
from tests.wire.refusals import MALFORMED


@dataclass(frozen=True)
class Close:
    """The connection is closed."""

    code: int


@dataclass(frozen=True)
class Complaint:
    """An `error` comes back; the connection goes on."""

    code: str
    field: str | None = None
    id: int | None = None


@dataclass(frozen=True)
class Silence:
    """Nothing comes back; the connection goes on."""


@dataclass(frozen=True)
class Welcome:
    """`hello` was good enough: a new session begins."""


Answer = Close | Complaint | Silence | Welcome


@dataclass(frozen=True)
class BadMessage:
    """A message and the answer to it.

    Args:
        name: What is wrong.
        data: Its bytes, or text.
        answer: What a server does.
        is_first: Whether it is sent instead of `hello`, not after `welcome`.
    """

    name: str
    data: bytes | str
    answer: Answer
    is_first: bool = False


def packed(**fields: Any) -> bytes:
    """Return a message's bytes."""
    return bytes(msgpack.packb(fields))


_SHORT_BYTES: Final = 60
INVALID: Final = Close(1007)
POLICY: Final = Close(1008)
TOO_BIG: Final = Close(1009)
_REQUEST: Final = b"\x84\xa4type\xa7request\xa2id\x07\xa4kind\xa1k\xa6params"
_PING: Final = b"\x83\xa4type\xa4ping\xa1t\x01"
_CONTEXT: Final = b"\x83\xa4type\xa7context\xa4head\x81\xa8position\x93\x00\x00\x00"


def wrong_fields() -> Iterator[BadMessage]:
    """Yield every field of every message, wrong in every way."""
    for type, fields in FIELDS.items():
        for wrong in wrong_messages(type, BASES[type], fields):
            data = bytes(msgpack.packb(wrong.message))
            if type == "hello":
                yield BadMessage(wrong.name, data, POLICY, is_first=True)
                continue
            id = 7 if type == "request" and wrong.field != "id" else None
            yield BadMessage(wrong.name, data, Complaint("bad_message", wrong.field, id))


def wrong_params() -> Iterator[BadMessage]:
    """Yield every parameter of every kind, wrong in every way."""
    for kind, fields in PARAM_FIELDS.items():
        request = {"type": "request", "id": 7, "kind": kind, "params": PARAM_BASES[kind]}
        for wrong in wrong_messages(kind, request, fields, under="params"):
            code = "invalid_params" if _is_plain(wrong.value) else "bad_message"
            yield BadMessage(wrong.name, bytes(msgpack.packb(wrong.message)), Complaint(code, wrong.field, 7))


def versions() -> Iterator[BadMessage]:
    """Yield every wrong version: other numbers are versions of their own."""
    hello = BASES["hello"]
    numbers = {"0": 0, "2": 2, "-1": -1, "2^53": 2**53, "2^63": 2**63, "2^64-1": 2**64 - 1, "-2^63": -(2**63)}
    for what, version in numbers.items():
        yield BadMessage(f"hello.version.{what}", packed(**hello | {"version": version}), Close(4526), True)
    others = {"nil": None, "bool": True, "float": 1.0, "nan": math.nan, "str": "1", "bin": b"1", "array": [1]}
    for what, value in (others | {"map": {}} | ALIEN).items():
        yield BadMessage(f"hello.version.{what}", packed(**hello | {"version": value}), POLICY, True)
    without = {name: value for name, value in hello.items() if name != "version"}
    yield BadMessage("hello.version.missing", packed(**without), POLICY, True)


def truncations() -> Iterator[BadMessage]:
    """Yield the beginnings of every golden message, of every length."""
    for golden in CLIENT:
        whole = golden.data if golden.data is not None else bytes(msgpack.packb(golden.message))
        for end in range(len(whole)):
            name = f"truncated.{golden.name}.{end}"
            # Long ones are tried as a first message, which is read in the same way and takes half the time.
            yield BadMessage(name, whole[:end], INVALID, is_first=len(whole) > _SHORT_BYTES)


def goldens() -> Iterator[BadMessage]:
    """Yield the malformed golden messages."""
    for bad in MALFORMED:
        answer = bad.answer
        if "close" in answer:
            yield BadMessage(f"golden.{bad.name}", bad.data, Close(answer["close"]))
        else:
            complaint = Complaint(answer["code"], answer.get("field"), answer.get("id"))
            yield BadMessage(f"golden.{bad.name}", bad.data, complaint)


def lengths() -> Iterator[BadMessage]:
    """Yield lengths that are claimed and not there, up to 4 GiB, wherever a value may be."""
    heads = {
        "str8": b"\xd9\xff",
        "str16": b"\xda\xff\xff",
        "str32": b"\xdb\xff\xff\xff\xff",
        "bin8": b"\xc4\xff",
        "bin16": b"\xc5\xff\xff",
        "bin32": b"\xc6\xff\xff\xff\xff",
        "array16": b"\xdc\xff\xff",
        "array32": b"\xdd\xff\xff\xff\xff",
        "map16": b"\xde\xff\xff",
        "map32": b"\xdf\xff\xff\xff\xff",
        "ext8": b"\xc7\xff\x05",
        "ext16": b"\xc8\xff\xff\x05",
        "ext32": b"\xc9\xff\xff\xff\xff\x05",
        "fixext16": b"\xd8\x05",
        "uint64": b"\xcf",
        "float64": b"\xcb",
    }
    places = {
        "message": b"",
        "type": b"\x81\xa4type",
        "key": b"\x82\xa4type\xa4ping",
        "field": b"\x82\xa4type\xa4ping\xa1t",
        "unknown": _PING + b"\xa1x",
        "params": _REQUEST,
        "inside_params": _REQUEST + b"\x81\xa1a",
        "array": _REQUEST + b"\x81\xa1a\xdd\xff\xff\xff\xff",
        "map": _REQUEST + b"\x81\xa1a\xdf\xff\xff\xff\xff\xa1k",
        "nearby": _CONTEXT + b"\xa6nearby",
        "id": b"\x84\xa4type\xa7request\xa4kind\xa1k\xa6params\x80\xa2id",
    }
    for where, before in places.items():
        for what, head in heads.items():
            yield BadMessage(f"length.{where}.{what}", before + head, INVALID)


def depths() -> Iterator[BadMessage]:
    """Yield arrays in arrays and maps in maps."""
    for what, level, step in (("arrays", b"\x91", "[0]"), ("maps", b"\x81\xa1a", ".a")):
        for n_levels in (32, 33, 100, 300):
            deep = level * n_levels + b"\xc0"
            field = ".a" + step * 31
            name = f"{what}_{n_levels}"
            params = Complaint("bad_message", f"params{field}", 7)
            yield BadMessage(f"depth.params.{name}", _REQUEST + b"\x81\xa1a" + deep, params)
            state = _CONTEXT + b"\xa5state\x81\xa1a" + deep
            yield BadMessage(f"depth.state.{name}", state, Complaint("bad_message", f"state{field}"))
            anchor = b"\x85" + _REQUEST[1:] + b"\x80\xa6anchor\x81\xa1a" + deep
            yield BadMessage(f"depth.anchor.{name}", anchor, Complaint("bad_message", f"anchor{field}", 7))
            yield BadMessage(f"depth.unknown.{name}", _PING + b"\xa1x" + deep, Silence())
            yield BadMessage(
                f"depth.field.{name}", b"\x82\xa4type\xa6cancel\xa2id" + deep, Complaint("bad_message", "id")
            )
        for n_levels in (5000, 300_000):
            deep = level * n_levels + b"\xc0"
            for where, before in {
                "message": b"",
                "type": b"\x81\xa4type",
                "params": _REQUEST + b"\x81\xa1a",
                "state": _CONTEXT + b"\xa5state\x81\xa1a",
                "unknown": _PING + b"\xa1x",
                "field": b"\x82\xa4type\xa6cancel\xa2id",
            }.items():
                yield BadMessage(f"depth.{where}.{what}_{n_levels}", before + deep, INVALID)


def extensions() -> Iterator[BadMessage]:
    """Yield extension types of every width, wherever a value may be."""
    for what, value in {
        "fixext1": b"\xd4\x05\x00",
        "fixext2": b"\xd5\x05" + bytes(2),
        "fixext4": b"\xd6\x05" + bytes(4),
        "fixext8": b"\xd7\x05" + bytes(8),
        "fixext16": b"\xd8\x05" + bytes(16),
        "ext8": b"\xc7\x03\x05" + bytes(3),
        "ext16": b"\xc8\x00\x03\x05" + bytes(3),
        "ext32": b"\xc9\x00\x00\x00\x03\x05" + bytes(3),
        "ext8_empty": b"\xc7\x00\x05",
        "timestamp32": b"\xd6\xff" + bytes(4),
        "timestamp64": b"\xd7\xff" + bytes(8),
        "timestamp96": b"\xc7\x0c\xff" + bytes(12),
    }.items():
        yield BadMessage(f"{what}.message", value, INVALID)
        yield BadMessage(f"{what}.type", b"\x81\xa4type" + value, INVALID)
        yield BadMessage(f"{what}.key", _PING + value + b"\x01", INVALID)
        yield BadMessage(f"{what}.params", _REQUEST + value, Complaint("bad_message", "params", 7))
        inside = Complaint("bad_message", "params.a", 7)
        yield BadMessage(f"{what}.inside_params", _REQUEST + b"\x81\xa1a" + value, inside)
        key = _REQUEST + b"\x81\xa1a\x81" + value + b"\x01"
        in_key = inside if what.startswith("timestamp") else INVALID
        yield BadMessage(f"{what}.key_in_params", key, in_key)
        yield BadMessage(f"{what}.unknown", _PING + b"\xa1x" + value, Silence())


def texts() -> Iterator[BadMessage]:
    """Yield strings that are no UTF-8, wherever a string is read."""
    for what, bad in {
        "ff": b"\xff\xfe",
        "cut_short": b"\xe4\xb8",
        "overlong": b"\xc0\x80",
        "surrogate": b"\xed\xa0\x80",
        "beyond": b"\xf5\x80\x80\x80",
        "continuation": b"\x80",
    }.items():
        value = bytes([0xA0 + len(bad)]) + bad
        yield BadMessage(f"utf8.{what}.type", b"\x81\xa4type" + value, INVALID)
        yield BadMessage(
            f"utf8.{what}.kind", b"\x84\xa4type\xa7request\xa2id\x07\xa6params\x80\xa4kind" + value, INVALID
        )
        yield BadMessage(f"utf8.{what}.params", _REQUEST + b"\x81\xa1a" + value, INVALID)
        yield BadMessage(f"utf8.{what}.key_in_params", _REQUEST + b"\x81" + value + b"\x01", INVALID)
        yield BadMessage(f"utf8.{what}.slot", b"\x85" + _REQUEST[1:] + b"\x80\xa4slot" + value, INVALID)
        yield BadMessage(f"utf8.{what}.place", _CONTEXT + b"\xa5place" + value, INVALID)
        yield BadMessage(f"utf8.{what}.state", _CONTEXT + b"\xa5state\x81\xa1a" + value, INVALID)
        yield BadMessage(f"utf8.{what}.scope", b"\x82\xa4type\xa6forget\xa5scope" + value, INVALID)
        yield BadMessage(f"utf8.{what}.unknown", _PING + b"\xa1x" + value, Silence())
        yield BadMessage(f"utf8.{what}.unknown_key", _PING + value + b"\x01", Silence())
        hello = b"\x83\xa4type\xa5hello\xa7version\x01\xa6client\x81\xa6device" + value
        yield BadMessage(f"utf8.{what}.device", hello, INVALID, is_first=True)


def keys() -> Iterator[BadMessage]:
    """Yield keys that are no strings, and keys that come twice."""
    for what, key in {
        "int": b"\x05",
        "negative": b"\xff",
        "nil": b"\xc0",
        "bool": b"\xc3",
        "float": b"\xcb" + bytes(8),
        "bin": b"\xc4\x01k",
        "array": b"\x90",
        "map": b"\x80",
    }.items():
        yield BadMessage(f"key.{what}.message", _PING + key + b"\x06", INVALID)
        params = _REQUEST + b"\x81\xa1a\x81" + key + b"\x06"
        # A map has no hash, so that it stands for no key at all.
        answer = INVALID if what == "map" else Complaint("bad_message", "params.a", 7)
        yield BadMessage(f"key.{what}.params", params, answer)
    twice: dict[str, tuple[bytes, Answer]] = {
        "type": (b"\x83\xa4type\xa4ping\xa4type\xa6cancel\xa2id\x01", Complaint("bad_message", "type")),
        "type_and_unknown": (
            b"\x83\xa4type\xa4ping\xa1t\x01\xa4type\xa1x",
            Complaint("unknown_type", "type"),
        ),
        "id": (b"\x83\xa4type\xa6cancel\xa2id\x01\xa2id\x02", Silence()),
        "wrong_then_right": (
            b"\x83\xa4type\xa6cancel\xa2id\xa1x\xa2id\x02",
            Complaint("bad_message", "id"),
        ),
        "right_then_wrong": (
            b"\x83\xa4type\xa6cancel\xa2id\x02\xa2id\xc0",
            Complaint("bad_message", "id"),
        ),
        "unknown": (b"\x84" + _PING[1:] + b"\xa1x\x01\xa1x\x02", Silence()),
    }
    for what, (data, expected) in twice.items():
        yield BadMessage(f"twice.{what}", data, expected)


def sizes() -> Iterator[BadMessage]:
    """Yield messages that are too long, or hold too much."""
    hello = packed(type="hello", version=1, client={"name": "n"}, filler=b"")
    for what, n_bytes, answer in (
        ("largest", 8192, Welcome()),
        ("too_long", 8193, TOO_BIG),
        ("huge", 1 << 20, TOO_BIG),
    ):
        data = packed(type="hello", version=1, client={"name": "n"}, filler=bytes(n_bytes - len(hello) - 1))
        yield BadMessage(f"size.hello.{what}", data, answer, is_first=True)
    for what, n_bytes, expected in (("largest", 1 << 20, Silence()), ("too_long", (1 << 20) + 1, TOO_BIG)):
        n_others = len(packed(type="ping", t=1, filler=bytes(1 << 20))) - (1 << 20)
        data = packed(type="ping", t=1, filler=bytes(n_bytes - n_others))
        yield BadMessage(f"size.message.{what}", data, expected)
    million = 1_000_000
    for what, item in (("arrays", b"\x90"), ("maps", b"\x80"), ("nils", b"\xc0"), ("strings", b"\xa0")):
        many = b"\xdd" + million.to_bytes(4, "big") + item * million
        yield BadMessage(
            f"many.{what}.params", _REQUEST + b"\x81\xa1a" + many, Complaint("bad_message", None, 7)
        )
        yield BadMessage(f"many.{what}.unknown", _PING + b"\xa1x" + many, Complaint("bad_message"))
        id_last = b"\x84\xa4type\xa7request\xa4kind\xa1k\xa6params\x80\xa2id"
        yield BadMessage(f"many.{what}.id", id_last + many, Complaint("bad_message"))
        yield BadMessage(f"many.{what}.nearby", _CONTEXT + b"\xa6nearby" + many, Complaint("bad_message"))
    long_key = packed(type="request", id=7, kind="k", params={"k" * 1_000_000: math.nan})
    yield BadMessage("many.characters.key", long_key, Complaint("bad_message", "params." + "k" * 40 + "…", 7))
    anchor = packed(type="request", id=7, kind="k", params={}, anchor={"object": "x" * 1_000_000})
    yield BadMessage("many.characters.anchor", anchor, Complaint("bad_message", "anchor", 7))


def places() -> Iterator[BadMessage]:
    """Yield what comes at the wrong time, or is about what is not this session's."""
    hello = BASES["hello"]
    for what, fields in (("same", {}), ("bare", {"resume": None}), ("other_version", {"version": 2})):
        yield BadMessage(f"second_hello.{what}", packed(**hello | fields), Complaint("bad_message", "type"))
    for type, message in BASES.items():
        if type != "hello":
            yield BadMessage(f"first.{type}", packed(**message), POLICY, is_first=True)
    yield BadMessage("first.unknown_type", packed(type="teleport"), POLICY, is_first=True)
    yield BadMessage("first.type_of_a_server", packed(type="welcome"), POLICY, is_first=True)
    for what, text in (("empty", ""), ("json", '{"type":"ping","t":1}'), ("long", "x" * 8000)):
        yield BadMessage(f"text.{what}", text, Close(1003))
        yield BadMessage(f"text.{what}.first", text, Close(1003), is_first=True)
    for number in (*range(1, 41), MAX_INT):
        yield BadMessage(f"others.cancel.{number}", packed(type="cancel", id=number), Silence())
        yield BadMessage(f"others.skip.{number}", packed(type="skip", asset=number), Silence())
        yield BadMessage(f"others.heard.{number}", packed(type="heard", id=number, characters=0), Silence())
        yield BadMessage(
            f"others.ack.{number}", packed(type="ack", received=number), Complaint("bad_message", "received")
        )
        yield BadMessage(f"others.credit.{number}", packed(type="credit", limit=number), Silence())
    for type in (
        "accepted",
        "text",
        "asset",
        "chunk",
        "done",
        "error",
        "goaway",
        "pong",
        "welcome",
        "Ping",
        "ping ",
        "",
    ):
        yield BadMessage(f"unknown.{type}", packed(type=type, id=7, t=1), Complaint("unknown_type", "type"))
    for kind in ("", "Texture", "sky", "../mesh", "dialogue\0", "x" * 256):
        data = packed(type="request", id=7, kind=kind, params={})
        yield BadMessage(f"kind.{kind[:20]!r}", data, Complaint("unknown_kind", "kind", 7))


def _is_plain(value: Any) -> bool:
    """Whether only the kind knows that it is wrong."""
    if isinstance(value, msgpack.ExtType | msgpack.Timestamp):
        return False
    if isinstance(value, float):
        return math.isfinite(value)
    return not isinstance(value, int) or abs(value) <= MAX_INT


GROUPS: Final = {
    group.__name__: list(group())
    for group in (
        wrong_fields,
        wrong_params,
        versions,
        goldens,
        lengths,
        depths,
        extensions,
        texts,
        keys,
        sizes,
        places,
        truncations,
    )
}
"""All of them, by the function that makes them."""
