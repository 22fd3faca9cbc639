"""Every malformed golden message gets the answer that its file promises, over a real socket."""

import asyncio
import json
from pathlib import Path
from typing import Any

import msgpack
import pytest
from websockets.asyncio.client import connect

from tests.server.conftest import Site
from vrbridge.server.port import SUBPROTOCOL

FOLDER = Path(__file__).parent.parent / "wire" / "malformed"
GOLDEN = [json.loads(file.read_text("utf-8")) for file in sorted(FOLDER.glob("*.json"))]
HELLO = {"type": "hello", "version": 1, "client": {"name": "test"}}


@pytest.mark.parametrize("golden", GOLDEN, ids=lambda golden: golden["name"])
async def test_the_answer_is_the_promised_one(site: Site, golden: dict[str, Any]) -> None:
    answer = golden["answer"]
    async with (
        asyncio.timeout(10),
        connect(site.url, subprotocols=[SUBPROTOCOL], compression=None) as socket,
    ):
        await socket.send(msgpack.packb(HELLO))
        assert msgpack.unpackb(await socket.recv())["type"] == "welcome"
        await socket.send(bytes.fromhex(golden["hex"]))
        if "close" in answer:
            await socket.wait_closed()
            assert socket.close_code == answer["close"]
            return
        error = msgpack.unpackb(await socket.recv())
        assert error["type"] == "error"
        assert {name: error.get(name) for name in ("code", "field", "id")} == {
            name: answer.get(name) for name in ("code", "field", "id")
        }
        await socket.send(msgpack.packb({"type": "ping", "t": 1}))
        assert msgpack.unpackb(await socket.recv())["type"] == "pong"
