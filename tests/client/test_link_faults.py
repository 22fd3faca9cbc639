"""Servers that are dead without saying so, that refuse for a while, or that go away."""

import asyncio
import logging
from collections.abc import Mapping
from typing import Any, Literal

import pytest

from tests.client.fakes import FakeConnection, fake_server
from vrbridge.client import CannotConnect, Client, Done, SessionLost, TextPiece

HEARTBEAT_S = 0.05
LARGE = {"prompt": "x" * 500_000}
N_LARGE = 40


def no_wait() -> float:
    return 0.0


async def answer(server: FakeConnection) -> None:
    """Go on with a session, and do what is asked."""
    await server.welcome(is_resumed=True)
    await server.take("request")
    await server.done(1)


async def fall_silent(server: FakeConnection) -> None:
    await server.welcome()
    await server.until_closed()


async def test_a_server_that_falls_silent_is_asked_and_then_left() -> None:
    async with (
        fake_server(fall_silent, answer) as fake,
        Client.connect(fake.url, heartbeat_s=HEARTBEAT_S, random=no_wait) as client,
    ):
        assert isinstance(await client.request("texture", {}).done(), Done)
        assert client.n_connections == 2
    assert fake.of("ping")


async def test_a_server_that_answers_is_not_left_however_little_it_says() -> None:
    async def script(server: FakeConnection) -> None:
        await server.welcome()
        for _ in range(8):
            asked = await server.take("ping")
            await server.send("pong", t=asked["t"], server_s=1.0)
        await server.done(1)

    async with (
        fake_server(script) as fake,
        Client.connect(fake.url, heartbeat_s=HEARTBEAT_S, random=no_wait) as client,
    ):
        assert isinstance(await client.request("texture", {}).done(), Done)
        assert client.n_connections == 1


async def test_a_server_that_reads_nothing_is_left_even_if_it_talks() -> None:
    async def talk_only(server: FakeConnection) -> None:
        await server.welcome(max_message_bytes=1 << 20)
        server.stop_reading()
        while True:
            await server.send("pong", t=0.0, server_s=0.0)
            await asyncio.sleep(HEARTBEAT_S / 2)

    async def second(server: FakeConnection) -> None:
        await server.welcome(is_resumed=True, max_message_bytes=1 << 20)
        for id in range(1, N_LARGE + 1):
            assert (await server.take("request"))["id"] == id
            await server.done(id)

    async with (
        fake_server(talk_only, second) as fake,
        Client.connect(fake.url, heartbeat_s=HEARTBEAT_S, random=no_wait) as client,
    ):
        tickets = [client.request("texture", LARGE) for _ in range(N_LARGE)]
        for ticket in tickets:
            assert isinstance(await ticket.done(), Done)


async def test_leaving_does_not_wait_for_a_server_that_reads_nothing() -> None:
    async def script(server: FakeConnection) -> None:
        await server.welcome(max_message_bytes=1 << 20)
        server.stop_reading()
        await left.wait()
        server.abort()

    left = asyncio.Event()
    async with fake_server(script) as fake, asyncio.timeout(60):
        async with Client.connect(fake.url) as client:
            for _ in range(N_LARGE):
                client.request("texture", LARGE)
        left.set()


async def test_a_server_that_does_not_welcome_is_tried_again() -> None:
    async def first(server: FakeConnection) -> None:
        await server.welcome()
        await server.drop()

    async def mute(server: FakeConnection) -> None:
        await server.until_closed()

    async with (
        fake_server(first, mute, answer) as fake,
        Client.connect(fake.url, connect_timeout_s=1.0, random=no_wait) as client,
    ):
        assert isinstance(await client.request("texture", {}).done(), Done)
        assert client.n_connections == 3


async def test_a_server_that_lets_nobody_in_is_given_up_in_the_end() -> None:
    async def first(server: FakeConnection) -> None:
        await server.welcome()
        await server.take("request")
        await server.drop()

    async def busy(server: FakeConnection) -> None:
        await server.close(4413, "too many connections")

    async with (
        fake_server(first, busy, busy) as fake,
        Client.connect(fake.url, give_up_s=0.0, random=no_wait) as client,
    ):
        with pytest.raises(CannotConnect, match="4413") as caught:
            await client.texture("moss")
    assert caught.value.close_code == 4413


async def test_waits_grow_until_a_welcome_and_not_only_until_a_connection(
    caplog: pytest.LogCaptureFixture,
) -> None:
    async def dropped(server: FakeConnection) -> None:
        await server.welcome()
        await server.drop()

    async def busy(server: FakeConnection) -> None:
        await server.close(4413)

    caplog.set_level(logging.INFO, "vrbridge.client.link")
    async with (
        fake_server(dropped, busy, busy, dropped, busy, answer) as fake,
        Client.connect(fake.url, random=no_wait) as client,
    ):
        await client.request("texture", {}).done()
    assert [record.__dict__["attempt"] for record in caplog.records if "attempt" in record.__dict__] == [
        1,
        2,
        1,
    ]


async def test_a_server_that_goes_away_is_left_at_the_told_time_though_it_does_not_close() -> None:
    left = asyncio.Event()

    async def first(server: FakeConnection) -> None:
        await server.welcome()
        await server.send("goaway", reconnect_after_s=0.01, reason="update")
        assert await server.until_closed() == 1001
        left.set()

    async with fake_server(first, answer) as fake, Client.connect(fake.url, random=no_wait) as client:
        await left.wait()
        await client.request("texture", {}).done()


async def test_what_is_open_is_finished_before_a_server_that_goes_away_is_left() -> None:
    async def first(server: FakeConnection) -> None:
        await server.welcome()
        await server.take("request")
        await server.send("goaway", reconnect_after_s=0.0, reason="update")
        await server.send("text", id=1, text="Wait, ", offset=0)
        await server.take("ack")
        await server.send("text", id=1, text="there.", offset=6)
        await server.done(1)
        assert await server.until_closed() == 1001

    async def second(server: FakeConnection) -> None:
        hello = await server.welcome(is_resumed=True)
        assert hello["resume"]["received"] == 3

    async with fake_server(first, second) as fake, Client.connect(fake.url, random=no_wait) as client:
        pieces = [e.text async for e in client.dialogue("a", "b") if isinstance(e, TextPiece)]
        await fake.over.wait()
    assert pieces == ["Wait, ", "there."]


async def test_who_is_sent_away_after_the_told_time_comes_back_no_sooner_than_told() -> None:
    told_s = 0.3
    times: list[float] = []

    async def first(server: FakeConnection) -> None:
        await server.welcome()
        await server.take("request")
        await server.send("goaway", reconnect_after_s=told_s, reason="update")
        await asyncio.sleep(1.5 * told_s)
        times.append(asyncio.get_running_loop().time())
        await server.close(4490, "draining")

    async def second(server: FakeConnection) -> None:
        times.append(asyncio.get_running_loop().time())
        await answer(server)

    async with fake_server(first, second) as fake, Client.connect(fake.url, random=no_wait) as client:
        ticket = client.request("texture", {})
        await fake.over.wait()
        assert isinstance(await ticket.done(), Done)
    # All that a draining server closes at once would otherwise be back at once.
    assert times[1] - times[0] >= told_s


async def test_a_takeover_by_a_late_greeting_of_its_own_is_not_the_end() -> None:
    async def first(server: FakeConnection) -> None:
        await server.welcome()
        await server.drop()

    async def unanswered(server: FakeConnection) -> None:
        await server.take("hello")
        await server.drop()

    async def taken_over(server: FakeConnection) -> None:
        await server.welcome(is_resumed=True)
        await server.close(4509, "taken over")

    scripts = (first, unanswered, taken_over, answer)
    async with fake_server(*scripts) as fake, Client.connect(fake.url, random=no_wait) as client:
        assert isinstance(await client.request("texture", {}).done(), Done)


async def test_a_second_takeover_is_one_by_somebody_else() -> None:
    async def unanswered(server: FakeConnection) -> None:
        await server.take("hello")
        await server.drop()

    async def taken_over(server: FakeConnection) -> None:
        await server.welcome()
        await server.close(4509, "taken over")

    scripts = (unanswered, taken_over, taken_over)
    async with fake_server(*scripts) as fake, Client.connect(fake.url, random=no_wait) as client:
        with pytest.raises(CannotConnect, match="taken over"):
            await client.request("texture", {}).done()


async def test_a_listener_that_fails_ends_what_is_open_instead_of_hanging() -> None:
    def tap(direction: str, message: Mapping[str, Any]) -> None:
        if message["type"] == "accepted":
            raise RuntimeError("a mistake of the application")

    async def script(server: FakeConnection) -> None:
        await server.welcome()
        await server.take("request")
        await server.send("accepted", id=1, position=0)
        await server.until_closed()

    async with fake_server(script) as fake, Client.connect(fake.url, on_message=tap) as client:
        with pytest.raises(CannotConnect) as caught:
            await client.texture("moss")
    assert isinstance(caught.value.__cause__, RuntimeError)


@pytest.mark.parametrize(("scope", "is_resumed"), [("session", True), ("player", True), ("player", False)])
async def test_forgetting_is_asked_again_after_a_cut(
    scope: Literal["session", "player"], is_resumed: bool
) -> None:
    async def first(server: FakeConnection) -> None:
        await server.welcome()
        await server.take("forget")
        await server.drop()

    async def second(server: FakeConnection) -> None:
        await server.welcome(is_resumed=is_resumed, session="s" if is_resumed else "b-1")
        await server.take("forget")
        await server.send("forgotten", scope=scope, items=4)

    async with fake_server(first, second) as fake, Client.connect(fake.url, random=no_wait) as client:
        assert await client.forget(scope) == 4


async def test_forgetting_a_session_that_is_lost_meanwhile_does_not_forget_the_next_one() -> None:
    async def first(server: FakeConnection) -> None:
        await server.welcome(session="a-1")
        await server.take("forget")
        await server.drop()

    async def second(server: FakeConnection) -> None:
        await server.welcome(session="b-1")
        forget = await server.take("forget")
        await server.send("forgotten", scope=forget["scope"], items=0)

    async with fake_server(first, second) as fake, Client.connect(fake.url, random=no_wait) as client:
        with pytest.raises(SessionLost, match="scope `player`"):
            await client.forget("session")
        assert client.session == "b-1"
        assert await client.forget("session") == 0, "this one is the own one"
        assert len(fake.of("forget")) == 2
