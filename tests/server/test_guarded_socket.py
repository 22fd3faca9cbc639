"""What a peer may send below the level of messages."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import msgpack
import pytest

from tests.integration.bare import BINARY, CONTINUED, PING, PONG, Bare, Closed, frame, upgraded
from tests.integration.scene import scene
from tests.server.conftest import Site

HELLO = msgpack.packb({"type": "hello", "version": 1, "receive": {"window_bytes": 1 << 30}})


@asynccontextmanager
async def greeted(site: Site) -> AsyncIterator[Bare]:
    async with asyncio.timeout(60), upgraded(site.url) as bare:
        await bare.send(HELLO)
        assert msgpack.unpackb(await bare.receive())["type"] == "welcome"
        yield bare


@pytest.mark.parametrize("opcode", [PING, PONG])
async def test_a_flood_of_pings_or_pongs_ends_the_connection_and_nothing_else(
    site: Site, opcode: int
) -> None:
    async with scene(site.url) as other, greeted(site) as bare:
        await bare.write(frame(opcode, b"") * 100_000)
        with pytest.raises(Closed) as caught:
            await bare.receive()
        assert caught.value.code == 1006
        await other.request(1, "mesh", {"steps": [["asset", 100_000]]})
        assert (await other.end(1))["type"] == "done"
        assert len(other.body("lod0", 1)) == 100_000


async def test_a_flood_before_hello_ends_the_connection_too(site: Site) -> None:
    async with asyncio.timeout(60), upgraded(site.url) as bare:
        await bare.write(frame(PING, b"") * 100_000)
        with pytest.raises(Closed) as caught:
            await bare.receive()
        assert caught.value.code == 1006


async def test_some_pings_are_answered(site: Site) -> None:
    async with greeted(site) as bare:
        await bare.write(b"".join(frame(PING, bytes([number])) for number in range(90)))
        assert [await bare.receive_pong() for _ in range(90)] == [bytes([number]) for number in range(90)]


async def test_answers_to_our_pings_are_no_flood(site: Site) -> None:
    """A fast download is measured by more pings than anybody may send unasked."""
    async with greeted(site) as bare:
        request = {"type": "request", "id": 1, "kind": "mesh", "params": {"steps": [["asset", 16 << 20]]}}
        await bare.send(msgpack.packb(request))
        n_bytes = 0
        while msgpack.unpackb(message := await bare.receive())["type"] != "done":
            n_bytes += len(message)
        assert n_bytes > 16 << 20
        assert bare.n_pongs > 200


async def test_a_message_may_arrive_in_pieces_of_any_size(site: Site) -> None:
    async with greeted(site) as bare:
        ping = msgpack.packb({"type": "ping", "t": 1.0, "filler": bytes(200_000)})
        data = (
            frame(BINARY, ping[:50_000], first=0) + frame(PING, b"between") + frame(CONTINUED, ping[50_000:])
        )
        for start in range(0, len(data), 7_001):
            await bare.write(data[start : start + 7_001])
        assert msgpack.unpackb(await bare.receive())["t"] == 1.0
