"""A chat endpoint on loopback that answers by script."""

import asyncio
import contextlib
import json
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from typing import Any

from vrbridge.generators.language.chat_client import Endpoint


def event(content: str | None = None, **choice: Any) -> bytes:
    """Return one event of a stream."""
    delta = {} if content is None else {"content": content}
    return b"data: " + json.dumps({"choices": [{"index": 0, "delta": delta} | choice]}).encode() + b"\n\n"


def words(*contents: str, finish: str = "stop", tokens: int | None = None) -> bytes:
    """Return a whole stream."""
    end = event(finish_reason=finish)
    if tokens is not None:
        usage = {"choices": [], "usage": {"completion_tokens": tokens, "prompt_tokens": 9}}
        end += b"data: " + json.dumps(usage).encode() + b"\n\n"
    return b"".join(event(content) for content in contents) + end + b"data: [DONE]\n\n"


@dataclass(frozen=True)
class Scripted:
    """One answer.

    Args:
        parts: Bytes of the body, sent one by one.
        status: HTTP status; 0: the connection closes without an answer.
        headers: Further header lines.
        then: `end`: the body ends properly; `cut`: the connection breaks; `hang`: nothing more comes.
    """

    parts: Sequence[bytes] = ()
    status: int = 200
    headers: Sequence[str] = ()
    then: str = "end"


@dataclass
class FakeEndpoint:
    """Answers each request with the next script, or the last again."""

    scripts: list[Scripted]
    url: str = ""
    bodies: list[dict[str, Any]] = field(default_factory=list)
    headers: list[dict[str, str]] = field(default_factory=list)
    n_connections: int = 0
    hung_up: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def endpoint(self) -> Endpoint:
        """What to point a client at."""
        return Endpoint(self.url, "small", key="secret", is_embedded=True)

    async def serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        """Answer one connection."""
        self.n_connections += 1
        try:
            with contextlib.suppress(ConnectionError, asyncio.IncompleteReadError):
                while await self._answer(reader, writer):
                    pass
        finally:
            writer.transport.abort()

    async def _answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> bool:
        head = (await reader.readuntil(b"\r\n\r\n")).decode().split("\r\n")
        headers = {name.lower(): value for name, _, value in (line.partition(": ") for line in head[1:])}
        self.headers.append(headers)
        self.bodies.append(json.loads(await reader.readexactly(int(headers["content-length"]))))
        script = self.scripts.pop(0) if len(self.scripts) > 1 else self.scripts[0]
        if script.status == 0:
            return False
        lines = [f"HTTP/1.1 {script.status} Scripted", "Transfer-Encoding: chunked", *script.headers]
        writer.write("\r\n".join([*lines, "", ""]).encode())
        for part in script.parts:
            writer.write(f"{len(part):x}\r\n".encode() + part + b"\r\n")
            await writer.drain()
        if script.then == "end":
            writer.write(b"0\r\n\r\n")
            await writer.drain()
            return True
        if script.then == "hang":
            await reader.read()
            self.hung_up.set()
        return False


@asynccontextmanager
async def fake_endpoint(*scripts: Scripted) -> AsyncIterator[FakeEndpoint]:
    """Serve scripts on a free port of loopback."""
    fake = FakeEndpoint(list(scripts))
    tasks: set[asyncio.Task[None]] = set()

    def connected(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        tasks.add(asyncio.create_task(fake.serve(reader, writer)))

    server = await asyncio.start_server(connected, "127.0.0.1", 0)
    fake.url = f"http://127.0.0.1:{server.sockets[0].getsockname()[1]}/v1"
    try:
        yield fake
    finally:
        server.close()
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await server.wait_closed()
