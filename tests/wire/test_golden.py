"""The golden files are what they say, and our codec agrees with them."""

import json
from collections.abc import Callable
from typing import Any, get_args

import msgpack
import msgspec
import pytest

from tests.wire.generate import FOLDER, from_json, golden_files
from vrbridge.errors import ProtocolError, RequestError, VrbridgeError
from vrbridge.protocol.codec import decode_client, decode_server, encode
from vrbridge.protocol.messages import ClientMessage, ServerMessage

Struct = type[msgspec.Struct]
STRUCTS: dict[str, dict[str, Struct]] = {
    side: {str(struct.__struct_config__.tag): struct for struct in get_args(union)}
    for side, union in (("client", ClientMessage), ("server", ServerMessage))
}
DECODERS: dict[str, Callable[[bytes], ClientMessage | ServerMessage]] = {
    "client": decode_client,
    "server": decode_server,
}


def files(*folders: str) -> list[Any]:
    return [
        pytest.param(json.loads(path.read_text(encoding="utf-8")), id=f"{folder}-{path.stem}")
        for folder in folders
        for path in sorted((FOLDER / folder).glob("*.json"))
    ]


def test_the_files_are_those_of_the_catalogue() -> None:
    on_disk = {
        path.relative_to(FOLDER).as_posix(): path.read_text(encoding="utf-8")
        for path in FOLDER.glob("*/*.json")
    }
    assert on_disk == golden_files()


@pytest.mark.parametrize("side", ["client", "server"])
def test_every_message_is_there_with_every_field(side: str) -> None:
    seen: dict[str, set[str]] = {}
    for file in files(side):
        message = file.values[0]["message"]
        seen.setdefault(message["type"], set()).update(message)
    for type, struct in STRUCTS[side].items():
        assert {field.encode_name for field in msgspec.structs.fields(struct)} <= seen[type]


@pytest.mark.parametrize("file", files("client", "server"))
def test_another_codec_reads_the_meaning(file: dict[str, Any]) -> None:
    assert msgpack.unpackb(bytes.fromhex(file["hex"]), strict_map_key=True) == from_json(file["message"])


@pytest.mark.parametrize("file", files("client", "server"))
def test_our_decoder_reads_the_meaning(file: dict[str, Any]) -> None:
    data, meaning = bytes.fromhex(file["hex"]), from_json(file["message"])
    if file.get("ignored"):
        assert meaning["type"] not in STRUCTS["server"]
        return
    expected = msgspec.convert(meaning, STRUCTS[file["from"]][meaning["type"]])
    assert DECODERS[file["from"]](data) == expected


@pytest.mark.parametrize("file", files("client", "server"))
def test_what_our_encoder_writes_means_the_same_to_another_codec(file: dict[str, Any]) -> None:
    if file.get("ignored"):
        return
    meaning = from_json(file["message"])
    struct = STRUCTS[file["from"]][meaning["type"]]
    written = msgpack.unpackb(encode(DECODERS[file["from"]](bytes.fromhex(file["hex"]))))
    if file["from"] == "server":
        known = {field.encode_name for field in msgspec.structs.fields(struct)} | {"type"}
        # An absent field and a nil are the same.
        assert written == {key: item for key, item in meaning.items() if key in known and item is not None}
    else:
        # Our encoder of client messages leaves defaults out.
        assert msgspec.convert(written, struct) == msgspec.convert(meaning, struct)


@pytest.mark.parametrize("file", files("malformed"))
def test_malformed_messages_get_the_answer_of_the_file(file: dict[str, Any]) -> None:
    with pytest.raises(VrbridgeError) as caught:
        decode_client(bytes.fromhex(file["hex"]))
    match caught.value:
        case ProtocolError(close_code=code):
            assert file["answer"] == {"close": code}
        case RequestError(code=code, field=field, request_id=request_id):
            answer = {"code": code, "field": field, "id": request_id}
            assert {key: item for key, item in answer.items() if item is not None} == file["answer"]
        case other:
            raise other
