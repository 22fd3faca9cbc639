"""Opening a connection, and what it means when that fails."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from http import HTTPStatus

import pytest
from websockets.asyncio.server import ServerConnection, serve
from websockets.http11 import Request, Response

from vrbridge.client.connector import open_connection, refusal
from vrbridge.client.errors import CannotConnect


@asynccontextmanager
async def answering(status: HTTPStatus | None) -> AsyncIterator[str]:
    """Answer the upgrade with a status; None upgrades without a subprotocol."""

    async def handle(connection: ServerConnection) -> None:
        await connection.wait_closed()

    def answer(connection: ServerConnection, request: Request) -> Response | None:
        return None if status is None else connection.respond(status, "")

    async with serve(handle, "127.0.0.1", 0, process_request=answer) as listener:
        port = next(iter(listener.sockets)).getsockname()[1]
        yield f"ws://127.0.0.1:{port}/ws"


@pytest.mark.parametrize(
    ("status", "says"),
    [
        (HTTPStatus.FORBIDDEN, "server.origins"),
        (HTTPStatus.UNAUTHORIZED, "token"),
        (HTTPStatus.NOT_FOUND, "/ws"),
        (None, "does not speak vrbridge.v1"),
    ],
)
async def test_a_refusal_for_good_says_what_to_do(status: HTTPStatus | None, says: str) -> None:
    async with answering(status) as url:
        with pytest.raises(CannotConnect, match=says):
            await open_connection(url, timeout_s=5)


@pytest.mark.parametrize("status", [HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.TOO_MANY_REQUESTS])
async def test_a_busy_server_may_be_tried_again(status: HTTPStatus) -> None:
    async with answering(status) as url:
        with pytest.raises(OSError, match=str(status.value)):
            await open_connection(url, timeout_s=5)


@pytest.mark.parametrize(
    "answer", [b"", b"HT", b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\n"]
)
async def test_a_connection_lost_in_the_handshake_may_be_tried_again(answer: bytes) -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b"\r\n\r\n")
        writer.write(answer)
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        with pytest.raises(OSError, match="handshake"):
            await open_connection(f"ws://127.0.0.1:{port}/ws", timeout_s=5)


async def test_what_is_no_web_server_is_not_tried_again() -> None:
    async def handle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        writer.write(b"220 mail.example.org ESMTP\r\n")
        await reader.read()
        writer.close()

    async with await asyncio.start_server(handle, "127.0.0.1", 0) as listener:
        port = listener.sockets[0].getsockname()[1]
        with pytest.raises(CannotConnect, match="no vrbridge server"):
            await open_connection(f"ws://127.0.0.1:{port}/ws", timeout_s=5)


@pytest.mark.parametrize("url", ["nowhere", "http://127.0.0.1/ws", "ws://"])
async def test_what_is_no_address_is_said(url: str) -> None:
    with pytest.raises(CannotConnect, match="looks like ws://host:8765/ws"):
        await open_connection(url, timeout_s=5)


def test_close_codes_are_tried_again_exactly_where_the_protocol_says_so() -> None:
    for code in (4010, 4408, 4429, 4490, 4413, 1000, 1001, 1006, 1011):
        assert refusal(code) is None
    for code in (4501, 4503, 4509, 4526, 1002, 1003, 1007, 1008, 1009):
        refused = refusal(code, "because")
        assert refused is not None
        assert refused.close_code == code
        assert "because" in refused.message
