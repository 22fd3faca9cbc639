"""The embedded language model by itself, and a stand-in that only notes what it is asked."""

import asyncio
import json
import os
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass

from vrbridge.generators.language.embedded import (
    embedded_command,
    embedded_config,
    embedded_environment,
    random_key,
)
from vrbridge.memory.catalogue import Catalogue
from vrbridge.settings import Settings, assets_dir

KEY_VARIABLE = "BENCH_LANGUAGE_KEY"
_ANSWER = (
    b'data: {"choices":[{"index":0,"delta":{"content":"Noted."},"finish_reason":null}]}\n\n'
    b'data: {"choices":[{"index":0,"delta":{},"finish_reason":"stop"}]}\n\n'
    b"data: [DONE]\n\n"
)


@dataclass(frozen=True)
class BenchEndpoint:
    """Where a chat endpoint answers."""

    url: str
    model: str
    key: str

    @property
    def environment(self) -> dict[str, str]:
        """Variables that make `vrbridge serve` use it."""
        return {
            "VRBRIDGE_DIALOGUE__URL": self.url,
            "VRBRIDGE_DIALOGUE__MODEL": self.model,
            "VRBRIDGE_DIALOGUE__API_KEY_ENV": KEY_VARIABLE,
            KEY_VARIABLE: self.key,
        }


@contextmanager
def language_model(settings: Settings) -> Iterator[BenchEndpoint]:
    """Start the embedded language model as the bridge does, and hand out where it answers."""
    dialogue = settings.dialogue
    file = Catalogue.load(assets_dir(), settings.cache_dir).pull(dialogue.model)
    config = embedded_config(
        file,
        model=dialogue.model,
        slots=dialogue.slots,
        context_tokens=dialogue.context_tokens,
        threads=dialogue.threads,
    )
    key = random_key()
    with subprocess.Popen(
        embedded_command(config),
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.DEVNULL,
        text=True,
        env=os.environ | embedded_environment(key),
    ) as child:
        assert child.stdout is not None
        assert child.stdin is not None
        ready = json.loads(child.stdout.readline())
        try:
            yield BenchEndpoint(ready["url"], ready["model"], key)
        finally:
            child.stdin.close()
            child.wait(30)


@asynccontextmanager
async def noting_endpoint(bodies: list[bytes]) -> AsyncIterator[BenchEndpoint]:
    """Answer every question with one word, and put the bodies of the questions into the list."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        try:
            while head := await reader.readuntil(b"\r\n\r\n"):
                lengths = [line for line in head.split(b"\r\n") if line.lower().startswith(b"content-length")]
                bodies.append(await reader.readexactly(int(lengths[0].split(b":")[1])))
                writer.write(
                    b"HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\nContent-Length: "
                    + str(len(_ANSWER)).encode()
                    + b"\r\n\r\n"
                    + _ANSWER
                )
                await writer.drain()
        except (asyncio.IncompleteReadError, ConnectionError):
            pass
        finally:
            writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    async with server:
        port = server.sockets[0].getsockname()[1]
        yield BenchEndpoint(f"http://127.0.0.1:{port}/v1", "noting", "none")
