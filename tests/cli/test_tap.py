"""What a tap shows, and what it keeps to itself."""

import json
from typing import Any

import msgpack
from websockets.asyncio.server import ServerConnection, serve
from websockets.typing import Subprotocol

from tests.client.fakes import FakeConnection, fake_server
from vrbridge.cli.tap import line, relay
from vrbridge.client import Client, TextPiece


def shown(message: dict[str, Any], *, with_text: bool = False) -> dict[str, Any]:
    text = line("client", msgpack.packb(message), at_s=1.23456, with_text=with_text)
    assert "\n" not in text
    read: dict[str, Any] = json.loads(text)
    return read


def test_a_line_says_when_who_and_how_large() -> None:
    message = {"type": "credit", "limit": 5}
    assert shown(message) == {
        "at_s": 1.2346,
        "from": "client",
        "wire_bytes": len(msgpack.packb(message)),
        "type": "credit",
        "limit": 5,
    }


def test_secrets_are_never_shown() -> None:
    hello = {"type": "hello", "token": "T0KEN", "resume": {"session": "s", "secret": "S3CRET", "assets": []}}
    for with_text in (False, True):
        text = json.dumps(shown(hello, with_text=with_text))
        assert "T0KEN" not in text
        assert "S3CRET" not in text
        assert '"session": "s"' in text


def test_words_are_shown_only_if_asked_for() -> None:
    params = {
        "npc": "smith",
        "text": "My secret",
        "seed": 3,
        "actions": [{"name": "give", "description": "Hand over", "parameters": {}}],
        "persona": {"name": "Old Tom", "knowledge": "the well"},
    }
    request = {"type": "request", "id": 1, "kind": "dialogue", "params": params}
    hidden = shown(request)["params"]
    assert hidden["text"] == "(9 characters)"
    assert hidden["persona"] == "(hidden)"
    assert (hidden["npc"], hidden["seed"]) == ("smith", 3)
    assert "Hand over" not in json.dumps(hidden)
    assert shown(request, with_text=True)["params"] == params


def test_what_the_player_sees_is_hidden_too() -> None:
    context = {
        "type": "context",
        "place": "home",
        "nearby": [{"id": "a", "name": "diary"}],
        "state": {"hp": 3},
    }
    text = json.dumps(shown(context))
    for word in ("home", "diary", "hp"):
        assert word not in text


def test_bodies_are_shown_as_their_size_and_broken_messages_as_such() -> None:
    assert shown({"type": "chunk", "asset": 1, "offset": 0, "data": bytes(500)})["data"] == "(500 bytes)"
    broken = json.loads(line("server", b"\xc1", at_s=0, with_text=False))
    assert broken["unreadable"] == "not MessagePack"


async def test_a_tap_passes_everything_on_and_shows_both_sides() -> None:
    async def script(server: FakeConnection) -> None:
        await server.welcome()
        request = await server.take("request")
        await server.send("text", id=request["id"], text="Hello", offset=0)
        await server.done(request["id"], text="Hello")

    lines: list[str] = []
    async with fake_server(script) as fake:

        async def handle(engine: ServerConnection) -> None:
            await relay(engine, fake.url, lines.append, with_text=False)

        async with serve(handle, "127.0.0.1", 0, subprotocols=[Subprotocol("vrbridge.v1")]) as listener:
            port = next(iter(listener.sockets)).getsockname()[1]
            async with Client.connect(f"ws://127.0.0.1:{port}/ws?session=a-1") as client:
                events = [event async for event in client.dialogue("smith", "Hi")]
        assert fake.asked == ["/ws?session=a-1"], "the session is for a proxy behind the tap"
    assert events[0] == TextPiece("Hello", 0)
    read = [json.loads(text) for text in lines]
    told = [(entry["from"], entry["type"]) for entry in read if "type" in entry]
    assert told[:4] == [("client", "hello"), ("server", "welcome"), ("client", "request"), ("server", "text")]
    assert {entry["close"] for entry in read if "close" in entry} == {1000}


async def test_a_server_that_does_not_answer_closes_the_engine() -> None:
    async with fake_server() as fake:
        gone = fake.url
    lines: list[str] = []

    async def handle(engine: ServerConnection) -> None:
        await relay(engine, gone, lines.append, with_text=False)
        assert engine.close_code == 1011
        lines.append("closed")

    async with serve(handle, "127.0.0.1", 0, subprotocols=[Subprotocol("vrbridge.v1")]) as listener:
        port = next(iter(listener.sockets)).getsockname()[1]
        from websockets.asyncio.client import connect

        url = f"ws://127.0.0.1:{port}/ws"
        async with connect(url, subprotocols=[Subprotocol("vrbridge.v1")]) as engine:
            await engine.wait_closed()
            assert engine.close_code == 1011
    assert lines == ["closed"]
