"""A process that passes a connection's bytes on as slowly as a link would, for users who may make no link.

Where `link` carries packets, this ends TCP and begins it anew: what it can't queue it does not read, so
nothing is ever dropped, and the rate counts payload alone.
"""

import json
import select
import socket
import sys
import time
from dataclasses import dataclass, field

from tests.bench.head_of_line.wire import Path, Wire

_PACKET_BYTES = 1448
_KERNEL_BYTES = 32768
"""What the kernel may queue in front of this queue; it doubles the figure."""


@dataclass
class Direction:
    """What goes one way.

    Args:
        source: Is read as long as the queue has room.
        sink: Is written to when bytes have arrived.
        wire: In between.
    """

    source: socket.socket
    sink: socket.socket
    wire: Wire
    arrived: bytearray = field(default_factory=bytearray)

    def take(self) -> bool:
        """Read one packet; return False if the source has ended."""
        packet = self.source.recv(_PACKET_BYTES)
        if packet:
            self.wire.put(packet, now=time.monotonic())
        return bool(packet)

    def give(self) -> None:
        """Write what has arrived, as far as the sink takes it."""
        self.arrived += b"".join(self.wire.take(now=time.monotonic()))
        if self.arrived:
            try:
                del self.arrived[: self.sink.send(self.arrived)]
            except BlockingIOError:
                return


def pass_on(directions: tuple[Direction, Direction]) -> None:
    """Pass bytes on until one side ends."""
    while True:
        sources = [d.source for d in directions if d.wire.has_room(_PACKET_BYTES)]
        sinks = [d.sink for d in directions if d.arrived]
        times = [d.wire.next_at for d in directions if d.wire.next_at is not None]
        wait_s = max(0.0, min(times) - time.monotonic()) if times else None
        readable, _, _ = select.select(sources, sinks, [], wait_s)
        for direction in directions:
            if direction.source in readable and not direction.take():
                return
            direction.give()


def main() -> None:
    """Pass one connection on to the port in the first argument, JSON; print the port it is expected on."""
    given = json.loads(sys.argv[1])
    path = Path(**given["path"])
    with socket.create_server(("127.0.0.1", 0)) as listener, socket.socket() as server:
        print(listener.getsockname()[1], flush=True)
        client, _ = listener.accept()
        # Before connecting, since it bounds the window that is offered.
        server.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, _KERNEL_BYTES)
        server.connect(("127.0.0.1", given["port"]))
        with client:
            for end in (client, server):
                end.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
                end.setblocking(False)
            down = Direction(server, client, Wire(path, seed=given["seed"]))
            up = Direction(client, server, Wire(path, seed=given["seed"] + 1))
            try:
                pass_on((down, up))
            except ConnectionError:
                return


if __name__ == "__main__":
    main()
