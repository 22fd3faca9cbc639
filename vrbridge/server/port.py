"""WebSockets as this server opens them: all that the library is told about them."""

import asyncio
import contextlib
import socket
import ssl
from collections.abc import Awaitable, Callable, Sequence
from http import HTTPStatus
from typing import Any, Final, Self

from websockets.asyncio.server import Server, ServerConnection, serve
from websockets.exceptions import InvalidMessage, NegotiationError
from websockets.http11 import Request, Response
from websockets.typing import Subprotocol

from vrbridge.server.arrivals import Arrivals
from vrbridge.server.guarded_socket import GuardedSocket

SUBPROTOCOL: Final = Subprotocol("vrbridge.v1")

_NOTSENT_LOWAT_BYTES = 32768
"""Unsent bytes that the kernel may hold: what is more waits where a word of dialogue can pass it."""
_WRITE_LIMITS_BYTES = (1, 0)
"""A send returns once the kernel has taken everything. Not (0, 0): a TLS transport is paused at its upper
limit already, and would be so for good."""
_OPEN_S = 30.0
"""For a handshake, and for a whole asset over plain HTTP, which takes a while on poor Wi-Fi."""
_PING_S = 20.0
_UNREADABLE = "This is no HTTP request that is answered here: a GET without a body, its path in ASCII.\n"
_BACKLOG = 1024
"""Connections that the kernel holds until they are accepted: after an outage all clients come at once."""

Handle = Callable[[ServerConnection], Awaitable[None]]
Answer = Callable[[ServerConnection, Request], Awaitable[Response | None]]


async def open_port(
    handle: Handle,
    host: str,
    port: int,
    *,
    max_message_bytes: int,
    answer: Answer | None = None,
    arrivals: Arrivals | None = None,
    tls: ssl.SSLContext | None = None,
) -> Server:
    """Listen for WebSockets.

    Args:
        handle: Stays as long as its connection.
        host: Address to listen on.
        port: 0 takes any free one.
        max_message_bytes: Of a message from a client, until the connection's own limit is changed.
        answer: Answers plain HTTP; None from it goes on with the handshake.
        arrivals: Told of every connection that comes, and of those that go. None: nobody counts them.
        tls: For `wss://` and `https://`. None: neither is spoken.

    Raises:
        OSError: If the address can't be used.
    """

    def create_connection(*arguments: Any, **options: Any) -> ServerConnection:
        return _Arriving(*arguments, **options).told_to(arrivals)

    async def handle_bounded(peer: ServerConnection) -> None:
        _bound_kernel_buffer(peer)
        await handle(peer)

    return await serve(
        handle_bounded,
        host,
        port,
        ssl=tls,
        subprotocols=[SUBPROTOCOL],
        select_subprotocol=_choose_subprotocol,
        # Payloads are compressed already; it would only cost time and hide sizes.
        compression=None,
        process_request=answer,
        open_timeout=_OPEN_S,
        ping_interval=_PING_S,
        ping_timeout=_PING_S,
        max_size=max_message_bytes,
        write_limit=_WRITE_LIMITS_BYTES,
        server_header=None,
        create_connection=create_connection,  # type: ignore[arg-type]  # documented as a factory
        backlog=_BACKLOG,
    )


class _Arriving(GuardedSocket):
    """A connection that says when it has come, long before a handshake that may never be complete.

    What can't be read as a request is answered, too: a proxy takes a server that closes without a word for
    broken.
    """

    _arrivals: Arrivals | None = None
    _is_refused = False

    def told_to(self, arrivals: Arrivals | None) -> Self:
        self._arrivals = arrivals
        return self

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        super().connection_made(transport)
        if self._arrivals is not None:
            self._arrivals.come(self.transport)

    def send_data(self) -> None:
        """Send what waits to be sent, which begins with an answer."""
        if not self._is_refused and self._is_unreadable():
            self._is_refused = True
            self.transport.write(self.protocol.reject(HTTPStatus.BAD_REQUEST, _UNREADABLE).serialize())
        super().send_data()

    def _is_unreadable(self) -> bool:
        """Whether the library has given up what came, and not for being incomplete when the peer left."""
        fault = self.protocol.handshake_exc
        return isinstance(fault, InvalidMessage) and not isinstance(fault.__cause__, EOFError)

    def connection_lost(self, exc: Exception | None) -> None:
        if self._arrivals is not None:
            self._arrivals.leave(self.transport)
        super().connection_lost(exc)


def _choose_subprotocol(peer: ServerConnection, offered: Sequence[Subprotocol]) -> Subprotocol | None:
    """Return ours if it is offered; a tool that offers none may connect too."""
    if offered and SUBPROTOCOL not in offered:
        raise NegotiationError(f"this server speaks {SUBPROTOCOL}")
    return SUBPROTOCOL if offered else None


def _bound_kernel_buffer(peer: ServerConnection) -> None:
    """Keep the kernel from taking more than it can send soon, where it can be told so."""
    option = getattr(socket, "TCP_NOTSENT_LOWAT", None)
    endpoint = peer.transport.get_extra_info("socket")
    if option is None or endpoint is None:
        return
    with contextlib.suppress(OSError):
        endpoint.setsockopt(socket.IPPROTO_TCP, option, _NOTSENT_LOWAT_BYTES)
