"""A server that sends back what it gets, behind WebSockets opened exactly as the product opens them."""

import asyncio

import uvloop
from websockets.asyncio.server import ServerConnection
from websockets.exceptions import ConnectionClosed

from vrbridge.server.port import open_port

# The suite sends messages of up to 16 MiB.
_MAX_MESSAGE_BYTES = 32 << 20


async def echo(peer: ServerConnection) -> None:
    """Answer each message with itself."""
    try:
        async for data in peer:
            await peer.send(data)
    except ConnectionClosed:
        return


async def main() -> None:
    """Print the port, and serve until the process is ended."""
    async with await open_port(echo, "127.0.0.1", 0, max_message_bytes=_MAX_MESSAGE_BYTES) as server:
        print(next(iter(server.sockets)).getsockname()[1], flush=True)
        await server.serve_forever()


if __name__ == "__main__":
    with asyncio.Runner(loop_factory=uvloop.new_event_loop) as runner:
        runner.run(main())
