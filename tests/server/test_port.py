"""WebSockets as this server opens them."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest
from websockets.asyncio.client import connect
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed, InvalidStatus

from vrbridge.server.port import SUBPROTOCOL, open_port


@asynccontextmanager
async def echoing(seen: list[ServerConnection], *, max_message_bytes: int = 4096) -> AsyncIterator[str]:
    async def echo(peer: ServerConnection) -> None:
        seen.append(peer)
        async for data in peer:
            await peer.send(data)

    server = await open_port(echo, "127.0.0.1", 0, max_message_bytes=max_message_bytes)
    async with server:
        yield f"ws://127.0.0.1:{next(iter(server.sockets)).getsockname()[1]}/ws"


async def test_nothing_is_compressed_even_for_clients_that_offer_it() -> None:
    async with echoing([]) as url, connect(url, subprotocols=[SUBPROTOCOL]) as connection:
        assert connection.subprotocol == SUBPROTOCOL
        assert connection.protocol.extensions == []
        await connection.send(b"\x00" * 4096)
        assert await connection.recv() == b"\x00" * 4096


async def test_a_tool_without_a_subprotocol_may_connect_and_one_with_another_may_not() -> None:
    async with echoing([]) as url:
        async with connect(url) as connection:
            assert connection.subprotocol is None
        with pytest.raises(InvalidStatus, match="400"):
            await connect(url, subprotocols=["mqtt"])  # type: ignore[list-item]  # plain str is what NewType Subprotocol is


async def test_one_byte_too_many_closes_with_1009() -> None:
    async with echoing([], max_message_bytes=100) as url, connect(url) as connection:
        await connection.send(b"x" * 101)
        with pytest.raises(ConnectionClosed):
            await asyncio.wait_for(connection.recv(), 30)
        assert connection.close_code == 1009


@pytest.mark.skipif(not hasattr(socket, "TCP_NOTSENT_LOWAT"), reason="this system has no TCP_NOTSENT_LOWAT")
async def test_the_kernel_holds_little_that_is_unsent() -> None:
    seen: list[ServerConnection] = []
    async with echoing(seen) as url, connect(url) as connection:
        await connection.send(b"here")
        await connection.recv()
        endpoint = seen[0].transport.get_extra_info("socket")
        assert 0 < endpoint.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT) <= 65536
        assert seen[0].transport.get_write_buffer_limits() == (0, 1)
