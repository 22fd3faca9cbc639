"""The vocabulary, field by field, as the protocol's tables have it."""

from typing import get_args

import msgspec
import pytest

from vrbridge.protocol.messages import ClientMessage, Hello, SequencedMessage, ServerMessage

CLIENT = {
    "hello": {"version", "token", "client", "receive", "resume"},
    "request": {"id", "kind", "params", "priority", "deadline_s", "slot", "anchor"},
    "cancel": {"id"},
    "context": {"head", "hands", "gaze", "focus", "place", "nearby", "state"},
    "credit": {"limit"},
    "ack": {"received"},
    "skip": {"asset"},
    "heard": {"id", "characters"},
    "forget": {"scope"},
    "ping": {"t"},
}
SEQUENCED = {
    "accepted": {"seq", "id", "position", "eta_s", "anchor"},
    "progress": {"seq", "id", "stage", "fraction"},
    "text": {"seq", "id", "text", "offset"},
    "action": {"seq", "id", "name", "arguments"},
    "asset": {"seq", "id", "asset", "role", "media_type", "bytes", "digest", "meta"},
    "done": {"seq", "id", "result", "timing"},
    "error": {"seq", "id", "code", "message", "retryable", "retry_after_s", "field"},
    "forgotten": {"seq", "scope", "items"},
}
SERVER = SEQUENCED | {
    "welcome": {"version", "session", "secret", "resumed", "capabilities", "limits", "server"},
    "chunk": {"asset", "offset", "data"},
    "goaway": {"reconnect_after_s", "reason"},
    "pong": {"t", "server_s"},
}


@pytest.mark.parametrize(
    ("union", "expected"), [(ClientMessage, CLIENT), (ServerMessage, SERVER), (SequencedMessage, SEQUENCED)]
)
def test_messages_have_the_fields_of_the_protocol(union: object, expected: dict[str, set[str]]) -> None:
    ours = {
        struct.__struct_config__.tag: {field.encode_name for field in msgspec.structs.fields(struct)}
        for struct in get_args(union)
    }
    assert ours == expected


def test_every_message_is_frozen_and_tagged_by_type() -> None:
    for struct in (*get_args(ClientMessage), *get_args(ServerMessage)):
        assert struct.__struct_config__.frozen
        assert struct.__struct_config__.tag_field == "type"


def test_a_hello_may_leave_everything_but_its_version_out() -> None:
    hello = msgspec.convert({"type": "hello", "version": 1}, Hello)
    assert (hello.receive.chunk_bytes, hello.receive.window_bytes) == (16384, 262144)
    assert (hello.receive.texture_formats, hello.receive.mesh_formats) == (("rgba8",), ("glb",))
    assert hello.resume is None
