"""What a client sees of one connection, close codes included."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any

import msgpack
import pytest
from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidStatus
from websockets.typing import Subprotocol

from tests.integration.scene import scene
from tests.server.conftest import OpenSite, Site
from vrbridge.server.port import SUBPROTOCOL

HELLO = {"type": "hello", "version": 1, "client": {"name": "test"}}


@asynccontextmanager
async def _greeted(site: Site, **receive: int) -> AsyncIterator[ClientConnection]:
    """Hand out a socket that has been welcomed, and reads and grants nothing by itself."""
    async with connect(site.url, subprotocols=[SUBPROTOCOL], compression=None) as socket:
        await socket.send(msgpack.packb(HELLO | {"receive": receive}))
        assert msgpack.unpackb(await socket.recv())["type"] == "welcome"
        yield socket


async def test_welcome_says_what_can_be_asked_and_how_much(site: Site) -> None:
    site.make.is_available = False
    async with scene(site.url) as raw:
        assert raw.welcome["resumed"] is False
        assert set(raw.welcome["capabilities"]) == {"dialogue"}
        assert raw.welcome["limits"]["max_message_bytes"] == 1 << 20
        assert raw.welcome["server"]["name"] == "vrbridge"
        assert "seq" not in raw.welcome


@pytest.mark.parametrize(
    ("first", "code"),
    [
        (b"\xc1", 1007),
        (b"\x93\x01\x02\x03", 1007),
        ("text", 1003),
        ({"type": "ping", "t": 1.0}, 1008),
        ({"type": "hello", "version": 1, "receive": {"chunk_bytes": "many"}}, 1008),
        ({"type": "hello", "version": 2}, 4526),
        ({"type": "hello", "version": 2, "receive": "something new"}, 4526),
        ({"type": "hello", "version": 1, "client": {"name": "x" * 9000}}, 1009),
        (msgpack.packb({"type": "hello", "receive": 1})[:-1] + b"\x01", 1008),
    ],
)
async def test_a_wrong_first_message_closes_with_its_code(site: Site, first: Any, code: int) -> None:
    async with connect(site.url, subprotocols=[SUBPROTOCOL], compression=None) as socket:
        await socket.send(msgpack.packb(first) if isinstance(first, dict) else first)
        await asyncio.wait_for(socket.wait_closed(), 10)
        assert socket.close_code == code


async def test_the_reason_of_a_refused_version_names_the_range(site: Site) -> None:
    async with scene(site.url, greet=False) as raw:
        await raw.send(HELLO | {"version": 9})
        await raw.closed()
        assert "1 to 1" in (raw.close_reason or "")


async def test_no_hello_in_time_closes_with_4408(open_site: OpenSite) -> None:
    async with open_site(hello_timeout_s=0.05) as site, scene(site.url, greet=False) as raw:
        assert await raw.closed() == 4408


async def test_after_welcome_longer_messages_are_taken_up_to_the_limit(open_site: OpenSite) -> None:
    async with open_site(max_message_bytes=20_000) as site, scene(site.url) as raw:
        await raw.request(1, "mesh", {"steps": [], "note": "x" * 10_000})
        assert (await raw.end(1))["type"] == "done"
        await raw.request(2, "mesh", {"steps": [], "note": "x" * 20_000})
        assert await raw.closed() == 1009


async def test_a_flood_closes_with_4429_but_answers_to_chunks_are_no_flood(open_site: OpenSite) -> None:
    async with open_site(max_messages_hz=5.0) as site:
        async with scene(site.url, receive={"chunk_bytes": 1024}) as raw:
            await raw.request(1, "mesh", {"steps": [["asset", 200_000]]})
            assert (await raw.end(1))["type"] == "done"
        async with scene(site.url) as raw:
            for number in range(20):
                await raw.send({"type": "ping", "t": number})
            assert await raw.closed() == 4429


async def test_long_messages_are_a_flood_sooner(open_site: OpenSite) -> None:
    async with open_site(max_messages_hz=50.0) as site, scene(site.url) as raw:
        for number in range(5):
            await raw.send({"type": "ping", "t": number, "filler": bytes(10_000)})
        await raw.until(lambda m: m["type"] == "pong" and m["t"] == 4)
        for number in range(60):
            await raw.send({"type": "ping", "t": number, "filler": bytes(10_000)})
        assert await raw.closed() == 4429


@pytest.mark.parametrize("message", [{"type": "ping", "t": 1}, {"type": "teleport"}, {"type": "ack"}])
async def test_what_is_answered_counts_like_everything_else(
    open_site: OpenSite, message: dict[str, Any]
) -> None:
    async with open_site(max_messages_hz=50.0) as site, scene(site.url) as raw:
        for _ in range(30):
            await raw.send(message)
        await raw.until(lambda m: len(raw.messages) > 30)
        for _ in range(90):
            await raw.send(message)
        assert await raw.closed() == 4429


async def test_one_connection_too_many_is_told_that_the_server_is_busy(open_site: OpenSite) -> None:
    async with open_site(max_connections=1) as site, scene(site.url), scene(site.url, greet=False) as second:
        assert await second.closed() == 4413


async def test_a_text_message_in_mid_session_closes_with_1003(site: Site) -> None:
    async with _greeted(site) as socket:
        await socket.send("hello?")
        await asyncio.wait_for(socket.wait_closed(), 10)
        assert socket.close_code == 1003


async def test_a_second_hello_is_a_bad_message_and_the_connection_goes_on(site: Site) -> None:
    async with scene(site.url) as raw:
        await raw.send(HELLO)
        error = await raw.until(lambda m: m["type"] == "error")
        assert error["code"] == "bad_message"
        await raw.request(1, "mesh", {"steps": []})
        assert (await raw.end(1))["type"] == "done"


async def test_a_client_that_takes_nothing_is_aborted_and_its_session_stays(open_site: OpenSite) -> None:
    async with open_site(stall_s=0.3) as site, _greeted(site, window_bytes=1 << 30) as socket:
        socket.transport.pause_reading()
        steps = [["asset", 12 << 20]]
        request = {"type": "request", "id": 1, "kind": "mesh", "params": {"steps": steps}}
        await socket.send(msgpack.packb(request))
        async with asyncio.timeout(20):
            # Nothing reaches a peer that does not read, so that only the server can tell.
            while site.sessions.all[0].connection is not None:  # noqa: ASYNC110
                await asyncio.sleep(0.02)
        assert len(site.sessions) == 1
        socket.transport.abort()


async def test_chunks_stop_where_credit_ends(site: Site) -> None:
    async with _greeted(site, window_bytes=5000, chunk_bytes=2000) as socket:
        request = {"type": "request", "id": 1, "kind": "mesh", "params": {"steps": [["asset", 9000]]}}
        await socket.send(msgpack.packb(request))
        await socket.send(msgpack.packb({"type": "ping", "t": 1}))
        sizes: list[int] = []
        while sum(sizes) < 5000:
            message = msgpack.unpackb(await asyncio.wait_for(socket.recv(), 10))
            if message["type"] == "chunk":
                sizes.append(len(message["data"]))
        assert sizes == [2000, 2000, 1000]
        with pytest.raises(TimeoutError):
            await asyncio.wait_for(socket.recv(), 0.2)
        await socket.send(msgpack.packb({"type": "credit", "limit": 9000}))
        while sum(sizes) < 9000:
            sizes.append(len(msgpack.unpackb(await asyncio.wait_for(socket.recv(), 10))["data"]))
        assert msgpack.unpackb(await asyncio.wait_for(socket.recv(), 10))["type"] == "done"


async def test_a_tool_without_a_subprotocol_may_connect_but_not_with_another_one(site: Site) -> None:
    async with connect(site.url) as socket:
        assert socket.subprotocol is None
    with pytest.raises(InvalidStatus):
        await connect(site.url, subprotocols=[Subprotocol("mqtt")])
