"""WebSockets as this server opens them."""

import asyncio
import socket
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from urllib.parse import urlsplit

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


@pytest.mark.parametrize(
    "request_bytes",
    [
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 5\r\n\r\nhello",
        b"GET /ws HTTP/1.1\r\nHost: localhost\r\nContent-Length: 100000\r\n\r\n" + b"x" * 100_000,
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n",
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\n\r\n",
        b"hello\r\n\r\n",
    ],
    ids=["a body", "a long body", "chunks", "not ASCII", "not HTTP"],
)
async def test_what_can_not_be_read_is_answered_once_and_the_connection_ends(request_bytes: bytes) -> None:
    async with echoing([]) as url:
        reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)
        writer.write(request_bytes)
        head, _, content = (await asyncio.wait_for(reader.read(), 60)).partition(b"\r\n\r\n")
        writer.close()
        assert head.startswith(b"HTTP/1.1 400 Bad Request\r\n")
        assert f"Content-Length: {len(content)}".encode() in head
        assert b"Connection: close" in head


async def test_who_leaves_without_having_asked_is_not_answered() -> None:
    async with echoing([]) as url:
        for sent in (b"", b"GET / HT", b"GET / HTTP/1.1\r\nHost: loc"):
            reader, writer = await asyncio.open_connection("127.0.0.1", urlsplit(url).port)
            writer.write(sent)
            writer.write_eof()
            assert await asyncio.wait_for(reader.read(), 60) == b""
            writer.close()


@pytest.mark.skipif(not hasattr(socket, "TCP_NOTSENT_LOWAT"), reason="this system has no TCP_NOTSENT_LOWAT")
async def test_the_kernel_holds_little_that_is_unsent() -> None:
    seen: list[ServerConnection] = []
    async with echoing(seen) as url, connect(url) as connection:
        await connection.send(b"here")
        await connection.recv()
        endpoint = seen[0].transport.get_extra_info("socket")
        assert 0 < endpoint.getsockopt(socket.IPPROTO_TCP, socket.TCP_NOTSENT_LOWAT) <= 65536
        assert seen[0].transport.get_write_buffer_limits() == (0, 1)
