"""Opening and closing a WebSocket, and what it means when that fails or when one closes."""

import asyncio
from typing import Any, Final

from websockets.asyncio.client import ClientConnection, connect
from websockets.exceptions import InvalidHandshake, InvalidMessage, InvalidStatus, InvalidURI
from websockets.typing import Subprotocol

from vrbridge.client.address import address_of
from vrbridge.client.errors import CannotConnect

SUBPROTOCOL: Final = Subprotocol("vrbridge.v1")
# Chunks are small; what can be large is a `done` or a `text` that a later version may send.
_MAX_MESSAGE_BYTES: Final = 16 << 20
_CLOSE_S: Final = 2.0
_MAX_REASON_BYTES: Final = 123

_NEVER_AGAIN: Final = {
    1002: "The server found a message that breaks the protocol; client and server versions don't fit.",
    1003: "The server takes binary messages only; something between client and server rewrites them.",
    1007: "The server could not read a message; something between client and server rewrites them.",
    1008: "The server found a message that breaks the protocol; client and server versions don't fit.",
    1009: "A message was larger than the server takes; send a smaller request.",
    4501: "The server refused the token. Make one with `vrbridge token create --player NAME` and pass it.",
    4503: "The token does not allow this; make one with the scopes that the scene needs.",
    4509: "Another connection has taken over this session.",
    4526: "The server speaks another version of the protocol; update the older side.",
}


def refusal(close_code: int, reason: str = "") -> CannotConnect | None:
    """Return why a closed connection must not be tried again unchanged, or None if it may."""
    if close_code not in _NEVER_AGAIN:
        return None
    detail = f" ({reason})" if reason else ""
    return CannotConnect(_NEVER_AGAIN[close_code] + detail, close_code=close_code)


class Connection(ClientConnection):
    """A WebSocket that counts what arrives, be it part of a message only."""

    def __init__(self, *args: Any, **options: Any) -> None:
        super().__init__(*args, **options)
        self.n_received_bytes = 0

    def data_received(self, data: bytes) -> None:
        """Take bytes off the socket; called by the event loop."""
        self.n_received_bytes += len(data)
        super().data_received(data)


async def open_connection(url: str, *, timeout_s: float, session: str = "") -> Connection:
    """Return an open connection that speaks vrbridge; it has no keepalive of its own.

    Args:
        url: Where the server is.
        timeout_s: Within which it has to be open.
        session: The one that will be gone on with; empty for a new one.

    Raises:
        CannotConnect: If the address is wrong or the server refuses for good.
        OSError: If nothing answers, or not in time; another attempt can succeed.
    """
    try:
        connection = await connect(
            address_of(url, session),
            subprotocols=[SUBPROTOCOL],
            compression=None,
            max_size=_MAX_MESSAGE_BYTES,
            open_timeout=timeout_s,
            close_timeout=_CLOSE_S,
            # The library's pings wait behind what a stalled server does not take, and so does their timeout.
            ping_interval=None,
            create_connection=Connection,
        )
    except InvalidURI as error:
        raise CannotConnect(f"{url!r} is no address of a server; it looks like ws://host:8765/ws.") from error
    except InvalidStatus as error:
        status = error.response.status_code
        if status >= 500 or status == 429:
            raise ConnectionError(f"the server answers HTTP {status}") from error
        raise CannotConnect(_status_text(url, status)) from error
    except InvalidMessage as error:
        if isinstance(error.__cause__, EOFError):
            raise ConnectionError("the connection was lost during the handshake") from error
        raise CannotConnect(f"What answers at {url} is no vrbridge server.") from error
    except InvalidHandshake as error:
        raise CannotConnect(f"What answers at {url} is no vrbridge server.") from error
    assert isinstance(connection, Connection), "the library makes what it is told to"
    if connection.subprotocol != SUBPROTOCOL:
        await close_connection(connection, 1002)
        raise CannotConnect(f"What answers at {url} does not speak {SUBPROTOCOL}.")
    return connection


async def close_connection(connection: ClientConnection, code: int = 1000, reason: str = "") -> None:
    """Close politely for a moment, then abort: a close frame waits behind what is not taken."""
    cut = reason.encode()[:_MAX_REASON_BYTES].decode(errors="ignore")
    try:
        async with asyncio.timeout(_CLOSE_S):
            await connection.close(code, cut)
    except TimeoutError:
        pass
    finally:
        connection.transport.abort()


def _status_text(url: str, status: int) -> str:
    if status == 403:
        return "The server refused this origin (HTTP 403); add it to `server.origins` of its settings."
    if status == 401:
        return "The server refused the token (HTTP 401)."
    return f"{url} answers HTTP {status}; the path of a vrbridge server is /ws."
