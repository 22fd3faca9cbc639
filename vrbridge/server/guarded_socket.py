"""A WebSocket whose peer can't keep the event loop busy with pings and pongs."""

import time
from typing import Any, Final

from websockets.asyncio.server import ServerConnection
from websockets.frames import Frame, Opcode

from vrbridge.server.budget import MessageBudget

_MAX_HZ: Final = 50.0
"""Pings, and pongs that answer nothing, a second; engines send one in some seconds, if any."""
_PIECE_BYTES: Final = 4096
"""Read at once. The smallest messages and pings have six bytes and take some microseconds each."""


class GuardedSocket(ServerConnection):
    """Ends a connection that sends many more pings and pongs than anybody needs.

    They are answered below what counts messages, and a flood of them would be read without a pause.
    """

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self._control = MessageBudget(rate_hz=_MAX_HZ, now=time.monotonic())
        self._is_flooded = False

    def data_received(self, data: bytes) -> None:
        """Take bytes of the peer, as many at a time as are read in a few milliseconds."""
        for start in range(0, len(data), _PIECE_BYTES):
            if self._is_flooded:
                return
            super().data_received(data[start : start + _PIECE_BYTES])

    def process_event(self, event: Any) -> None:
        """Take a frame, or the request of the handshake."""
        if isinstance(event, Frame) and self._is_surplus(event):
            self._is_flooded = True
            # Not closed: a close frame would wait behind the answers to all pings.
            self.transport.abort()
            return
        super().process_event(event)

    def _is_surplus(self, frame: Frame) -> bool:
        if frame.opcode is Opcode.PING:
            is_asked_for = False
        elif frame.opcode is Opcode.PONG:
            is_asked_for = bytes(frame.data) in self.pending_pings
        else:
            return False
        return not is_asked_for and not self._control.spend(now=time.monotonic())
