"""Connections that end, and what becomes of the session."""

import pytest

from tests.client.fakes import FakeConnection, fake_server
from vrbridge.client import (
    CannotConnect,
    Client,
    Done,
    Restarted,
    SessionLost,
    TextPiece,
)

BODY = bytes(range(256)) * 40


def no_wait() -> float:
    return 0.0


async def test_a_cut_in_the_middle_of_an_asset_resumes_at_its_offset() -> None:
    async def first(server: FakeConnection) -> None:
        await server.welcome()
        request = await server.take("request")
        await server.send("accepted", id=request["id"], position=0)
        await server.asset(7, request["id"], "base_color", BODY)
        await server.chunks(7, BODY, end=3 * 1024)
        await server.drop()

    async def second(server: FakeConnection) -> None:
        hello = await server.welcome(is_resumed=True, seq=2)
        assert hello["resume"] == {
            "session": "s",
            "secret": "secret-0",
            "received": 2,
            "assets": [{"asset": 7, "offset": 3072}],
        }
        assert (await server.take("ack"))["received"] == 2
        await server.chunks(7, BODY, start=3 * 1024)
        await server.done(1)

    async with fake_server(first, second) as fake, Client.connect(fake.url, random=no_wait) as client:
        material = await client.texture("moss")
        assert client.n_connections == 2
    assert material.maps["base_color"].data == BODY
    # It was accepted, so asking again was not needed.
    assert len(fake.of("request")) == 1


async def test_a_gap_closes_with_4010_and_resumes_before_it() -> None:
    codes: list[int] = []

    async def first(server: FakeConnection) -> None:
        await server.welcome()
        request = await server.take("request")
        await server.send("accepted", id=request["id"], position=0)
        await server.send("text", id=request["id"], text="lost", offset=4, seq=3)
        codes.append(await server.until_closed())

    async def second(server: FakeConnection) -> None:
        hello = await server.welcome(is_resumed=True, seq=1)
        assert hello["resume"]["received"] == 1
        await server.send("text", id=1, text="not ", offset=0)
        await server.send("text", id=1, text="lost", offset=4)
        await server.done(1, text="not lost")

    async with fake_server(first, second) as fake, Client.connect(fake.url, random=no_wait) as client:
        pieces = [e.text async for e in client.dialogue("a", "b") if isinstance(e, TextPiece)]
    assert codes == [4010]
    assert pieces == ["not ", "lost"]


async def test_a_lost_session_has_its_requests_sent_again() -> None:
    async def first(server: FakeConnection) -> None:
        await server.welcome()
        request = await server.take("request")
        await server.send("accepted", id=request["id"], position=0)
        await server.send("text", id=request["id"], text="Old", offset=0)
        await server.drop()

    async def second(server: FakeConnection) -> None:
        await server.welcome(is_resumed=False)
        request = await server.take("request")
        await server.send("accepted", id=request["id"], position=0)
        await server.send("text", id=request["id"], text="New", offset=0)
        await server.done(request["id"], text="New")

    async with fake_server(first, second) as fake, Client.connect(fake.url, random=no_wait) as client:
        events = [event async for event in client.dialogue("a", "b")]
    assert events[:3] == [TextPiece("Old", 0), Restarted(), TextPiece("New", 0)]
    assert len(fake.of("request")) == 2
    assert fake.of("request")[0] == fake.of("request")[1]


async def test_a_request_that_must_not_be_sent_again_ends_with_its_session() -> None:
    async def first(server: FakeConnection) -> None:
        await server.welcome()
        await server.take("request")
        await server.drop()

    async def second(server: FakeConnection) -> None:
        await server.welcome(is_resumed=False)

    async with fake_server(first, second) as fake, Client.connect(fake.url, random=no_wait) as client:
        ticket = client.request("texture", {"prompt": "moss"}, resend=False)
        with pytest.raises(SessionLost):
            await ticket.done()
    assert len(fake.of("request")) == 1


async def test_nothing_listening_is_said_in_one_sentence() -> None:
    async with fake_server() as fake:
        url = fake.url
    with pytest.raises(CannotConnect, match="vrbridge serve"):
        async with Client.connect(url):
            pass


async def test_a_refused_token_is_not_tried_again() -> None:
    async def script(server: FakeConnection) -> None:
        await server.take("hello")
        await server.close(4501, "unauthorized")

    async with fake_server(script) as fake:
        with pytest.raises(CannotConnect, match="vrbridge token create") as caught:
            async with Client.connect(fake.url, token="wrong"):
                pass
    assert caught.value.close_code == 4501
    assert len(fake.of("hello")) == 1


async def test_a_takeover_ends_what_was_open() -> None:
    async def script(server: FakeConnection) -> None:
        await server.welcome()
        await server.take("request")
        await server.close(4509, "taken over")

    async with fake_server(script) as fake, Client.connect(fake.url) as client:
        with pytest.raises(CannotConnect, match="taken over"):
            await client.texture("moss")
        with pytest.raises(CannotConnect):
            client.request("texture", {})


async def test_a_draining_server_is_returned_to() -> None:
    async def first(server: FakeConnection) -> None:
        await server.welcome()
        await server.send("goaway", reconnect_after_s=0.01, reason="update")
        await server.close(4490, "draining")

    async def second(server: FakeConnection) -> None:
        await server.welcome(is_resumed=False)
        request = await server.take("request")
        await server.done(request["id"])

    async with fake_server(first, second) as fake, Client.connect(fake.url, random=no_wait) as client:
        assert isinstance(await client.request("texture", {}).done(), Done)


async def test_a_connection_says_which_session_it_goes_on_with() -> None:
    async def first(server: FakeConnection) -> None:
        await server.welcome(session="a-1")
        await server.drop()

    async def second(server: FakeConnection) -> None:
        await server.welcome(is_resumed=True, session="a-1")
        await server.drop()

    async def third(server: FakeConnection) -> None:
        await server.welcome(is_resumed=False, session="b-2")
        await server.drop()

    async def fourth(server: FakeConnection) -> None:
        await server.welcome(is_resumed=True, session="b-2")

    scripts = (first, second, third, fourth)
    async with fake_server(*scripts) as fake:
        async with Client.connect(f"{fake.url}?scene=7", random=no_wait):
            await fake.over.wait()
        assert fake.asked == [
            "/ws?scene=7",
            "/ws?scene=7&session=a-1",
            "/ws?scene=7&session=a-1",
            "/ws?scene=7&session=b-2",
        ]
