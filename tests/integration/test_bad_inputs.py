"""Nothing that one client sends disturbs another one: some thousand bad inputs beside a healthy scene."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from pathlib import Path
from typing import Any, Protocol, TypeVar
from urllib.parse import urlsplit

import msgpack
import pytest

from tests.integration.bad_frames import FRAMES, HELLO, BadFrames
from tests.integration.bare import Bare, Closed, connected, request, upgraded
from tests.integration.handshakes import HANDSHAKES, Handshake
from tests.integration.healthy import healthy
from tests.integration.serving import Serving, serving
from tests.wire.bad_messages import GROUPS, Answer, BadMessage, Close, Complaint, Silence, Welcome

pytestmark = [pytest.mark.models, pytest.mark.xdist_group("bad inputs"), pytest.mark.timeout(600)]

LAST_WORDS = "is anybody there"
LAST = msgpack.packb({"type": LAST_WORDS})
"""The error about this comes after all others, and so shows that there are no more."""
_PATIENCE_S = 60
_AT_ONCE = 8


class Named(Protocol):
    """Anything that is tried."""

    @property
    def name(self) -> str: ...


T = TypeVar("T", bound=Named)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Where the server of this module keeps its things."""
    return tmp_path_factory.mktemp("bad_inputs")


@pytest.fixture(scope="module")
def server(folder: Path) -> Iterator[Serving]:
    """A server of its own, whose log is looked into at the end."""
    with serving(folder) as running:
        yield running


async def _surprises(
    cases: Iterable[T], answered: Callable[[T], Awaitable[object]], expected: Callable[[T], object]
) -> dict[str, str]:
    """Try everything, and return what came where it should not, by name."""
    slots = asyncio.Semaphore(_AT_ONCE)

    async def tried(case: T) -> tuple[T, object]:
        async with slots, asyncio.timeout(_PATIENCE_S):
            return case, await answered(case)

    answers = await asyncio.gather(*map(tried, cases))
    return {case.name: f"{got}, not {expected(case)}" for case, got in answers if got != expected(case)}


async def _greet(bare: Bare) -> None:
    await bare.send(HELLO)
    assert msgpack.unpackb(await bare.receive())["type"] == "welcome"


async def _answer(server: Serving, bad: BadMessage) -> Answer:
    """Send a bad message over a connection of its own and return what came of it."""
    async with upgraded(server.url) as bare:
        try:
            if not bad.is_first:
                await _greet(bare)
            await bare.send(bad.data)
            await bare.send(LAST)
            return await _only_answer(bare)
        except Closed as closed:
            return Close(closed.code)


async def _only_answer(bare: Bare) -> Answer:
    answer: Answer = Silence()
    while True:
        message = msgpack.unpackb(await bare.receive())
        if message["type"] == "error" and LAST_WORDS in message["message"]:
            return answer
        if message["type"] == "pong":
            continue
        assert answer == Silence(), f"{answer} was not all: {message}"
        answer = _as_answer(message)


def _as_answer(message: dict[str, Any]) -> Answer:
    if message["type"] == "welcome":
        return Welcome()
    assert (message["type"], message["retryable"]) == ("error", False)
    assert len(message["message"]) < 300
    return Complaint(message["code"], message.get("field"), message.get("id"))


@pytest.mark.parametrize("group", GROUPS)
async def test_every_bad_message_is_answered_and_the_healthy_scene_goes_on(
    server: Serving, group: str
) -> None:
    async with healthy(server.url) as scene:
        surprises = await _surprises(GROUPS[group], lambda bad: _answer(server, bad), lambda bad: bad.answer)
        assert surprises == {}
        await scene.goes_on()


async def _status(server: Serving, tried: Handshake) -> int:
    parts = urlsplit(server.url)

    def filled(value: str) -> str:
        return value.replace("{host}", parts.netloc).replace("{port}", str(parts.port))

    headers = [(name, filled(value)) for name, value in tried.all_headers]
    async with connected(server.url) as bare:
        await bare.write(
            request(
                server.url,
                headers,
                method=tried.method,
                path=tried.path,
                version=tried.version,
                host=tried.host,
            )
        )
        try:
            return await bare.status()
        except Closed:
            return 0


@pytest.mark.parametrize("group", HANDSHAKES)
async def test_every_handshake_gets_its_status_and_the_healthy_scene_goes_on(
    server: Serving, group: str
) -> None:
    async with healthy(server.url) as scene:
        surprises = await _surprises(
            HANDSHAKES[group], lambda case: _status(server, case), lambda case: case.status
        )
        assert surprises == {}
        await scene.goes_on()


async def _outcome(server: Serving, bad: BadFrames) -> int | str:
    async with upgraded(server.url) as bare:
        try:
            if not bad.is_first:
                await _greet(bare)
            await bare.write(bad.data)
            type: str = msgpack.unpackb(await bare.receive())["type"]
        except Closed as closed:
            return closed.code
        return type


async def test_every_frame_gets_its_close_code_and_the_healthy_scene_goes_on(server: Serving) -> None:
    async with healthy(server.url) as scene:
        assert await _surprises(FRAMES, lambda bad: _outcome(server, bad), lambda bad: bad.answer) == {}
        await scene.goes_on()


async def test_the_beginning_of_a_handshake_is_no_handshake(server: Serving) -> None:
    """Truncated at every byte: whoever leaves early is forgotten."""
    whole = request(server.url, Handshake("whole", 101).all_headers)
    async with healthy(server.url) as scene:
        for end in range(len(whole)):
            async with asyncio.timeout(_PATIENCE_S), connected(server.url) as bare:
                await bare.write(whole[:end])
        await scene.goes_on()


def test_the_server_has_taken_none_of_it_for_a_fault_of_its_own(server: Serving, folder: Path) -> None:
    log = (folder / "server.log").read_text()
    assert server.process.poll() is None
    assert "Traceback" not in log, log[log.index("Traceback") - 500 :][:4000]
    assert " ERROR " not in log
