"""The client for programs without an event loop."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from tests.client.fakes import FakeConnection, FakeServer, Script, fake_server
from vrbridge.client.blocking import BlockingClient
from vrbridge.client.errors import CannotConnect, RequestFailed
from vrbridge.client.events import AnswerDone, TextPiece


@contextmanager
def in_a_thread(*scripts: Script) -> Iterator[FakeServer]:
    """Play scripts beside a test that has no event loop."""
    ready = threading.Event()
    found: list[FakeServer] = []
    loop = asyncio.new_event_loop()
    over = asyncio.Event()

    async def play() -> None:
        async with fake_server(*scripts) as fake:
            found.append(fake)
            ready.set()
            await over.wait()

    thread = threading.Thread(target=lambda: loop.run_until_complete(play()))
    thread.start()
    try:
        assert ready.wait(10)
        yield found[0]
    finally:
        loop.call_soon_threadsafe(over.set)
        thread.join()
        loop.close()


def test_answers_materials_and_meshes_come_without_an_event_loop() -> None:
    async def script(server: FakeConnection) -> None:
        await server.welcome()
        await server.take("context")
        ping = await server.take("ping")
        await server.send("pong", t=ping["t"], server_s=1.0)
        talk = await server.take("request")
        await server.send("text", id=talk["id"], text="Hello", offset=0)
        await server.done(talk["id"], text="Hello")
        for role in ("base_color", "lod0"):
            request = await server.take("request")
            await server.asset(request["id"], request["id"], role, b"body")
            await server.chunks(request["id"], b"body")
            await server.done(request["id"])

    with in_a_thread(script) as fake, BlockingClient(fake.url) as client:
        client.update_context(head={"position": [0, 1.6, 0], "orientation": [0, 0, 0, 1]}, place="gate")
        assert client.ping() >= 0
        piece, end = client.dialogue("smith", "Hi")
        assert piece == TextPiece("Hello", 0)
        assert isinstance(end, AnswerDone)
        assert client.texture("moss").maps["base_color"].data == b"body"
        assert client.mesh("chair").lods[0].data == b"body"


def test_leaving_an_answer_early_cancels_it() -> None:
    async def script(server: FakeConnection) -> None:
        await server.welcome()
        talk = await server.take("request")
        await server.send("text", id=talk["id"], text="Once upon", offset=0)
        assert (await server.take("cancel"))["id"] == talk["id"]
        await server.send("error", id=talk["id"], code="cancelled", message="Cancelled.", retryable=False)
        texture = await server.take("request")
        await server.send("error", id=texture["id"], code="refused", message="No.", retryable=False)

    with in_a_thread(script) as fake, BlockingClient(fake.url) as client:
        for event in client.dialogue("smith", "A tale, please"):
            assert event == TextPiece("Once upon", 0)
            break
        with pytest.raises(RequestFailed, match=r"No\."):
            client.texture("moss")


def test_nothing_listening_and_use_outside_the_block_are_errors() -> None:
    with in_a_thread() as fake:
        client = BlockingClient(fake.url)
    with pytest.raises(CannotConnect), client:
        pass
    with pytest.raises(RuntimeError, match="with"):
        client.ping()
