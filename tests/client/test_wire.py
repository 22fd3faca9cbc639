"""MessagePack maps, checked with the golden messages that all clients read."""

import json
from pathlib import Path
from typing import Any

import pytest

from vrbridge.client.errors import RequestFailed
from vrbridge.client.events import Accepted, ActionEvent, Done, Progressed, TextPiece
from vrbridge.client.wire import MustClose, decode, encode, event_of, present

GOLDEN = Path(__file__).parent.parent / "wire"
EVENTS = {
    "accepted": Accepted,
    "progress": Progressed,
    "text": TextPiece,
    "action": ActionEvent,
    "done": Done,
    "error": RequestFailed,
}


def _files(folder: str) -> list[Path]:
    found = sorted((GOLDEN / folder).glob("*.json"))
    assert found, f"there are golden messages in {folder}"
    return found


def _plain(value: Any) -> Any:
    """Return a meaning as it is written in the files."""
    match value:
        case bytes():
            return {"$bin": value.hex()}
        case dict():
            return {key: _plain(item) for key, item in value.items()}
        case list():
            return [_plain(item) for item in value]
        case _:
            return value


def _meant(value: Any) -> Any:
    """Return what a meaning in a file stands for."""
    match value:
        case {"$bin": str() as digits} if len(value) == 1:
            return bytes.fromhex(digits)
        case dict():
            return {key: _meant(item) for key, item in value.items()}
        case list():
            return [_meant(item) for item in value]
        case _:
            return value


@pytest.mark.parametrize("file", _files("server"), ids=lambda file: file.stem)
def test_every_message_of_a_server_is_read(file: Path) -> None:
    golden = json.loads(file.read_text("utf-8"))
    message = decode(bytes.fromhex(golden["hex"]))
    assert _plain(message) == golden["message"]
    expected = EVENTS.get(message["type"])
    if expected is not None:
        assert isinstance(event_of(message), expected)


@pytest.mark.parametrize("file", _files("client"), ids=lambda file: file.stem)
def test_every_message_of_a_client_keeps_its_meaning(file: Path) -> None:
    golden = json.loads(file.read_text("utf-8"))
    message = _meant(golden["message"])
    assert _plain(decode(encode(message))) == golden["message"]


@pytest.mark.parametrize("data", [b"", b"\xc1", b"\x93\x01\x02\x03", b"\x81\xa1a\x01", b"\x81\xa4type\x01"])
def test_what_is_no_message_closes_the_connection(data: bytes) -> None:
    with pytest.raises(MustClose) as closing:
        decode(data)
    assert closing.value.code == 1007


def test_fields_without_a_value_are_left_out() -> None:
    assert present(a=None, b=0, c="") == {"b": 0, "c": ""}
