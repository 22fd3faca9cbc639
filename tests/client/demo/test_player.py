"""The player against a scripted server on a real socket."""

from typing import Any

import pytest

from tests.client.demo.walks import DOOR, MOSS, glb, scene
from tests.client.fakes import CHUNK_BYTES, FakeConnection, fake_server
from tests.client.pictures.shapes import square
from vrbridge.client.demo.player import walk
from vrbridge.client.demo.scene import Ask, Scene, Stop
from vrbridge.client.errors import RequestFailed

BODY = bytes(range(256)) * 512


def only(stop: Stop, **changes: Any) -> Scene:
    """Return a walk of one stop that is reached at once."""
    whole = scene()
    names = {name: getattr(whole, name) for name in Scene.__dataclass_fields__}
    near = Stop(
        place=stop.place,
        position=whole.start,
        focus=stop.focus,
        state={"weather": "rain"},
        asks=changes.get("asks", stop.asks),
        talk=changes.get("talk", stop.talk),
    )
    return Scene(**names | {"stops": (near,)})


async def pongs(server: FakeConnection, seen: list[dict[str, Any]]) -> None:
    """Answer pings until the client goes."""
    while True:
        message = await server.take_any()
        seen.append(message)
        if message["type"] == "ping":
            await server.send("pong", t=message["t"], server_s=0.0)


async def test_a_conversation_is_held_in_sight_of_what_it_is_about() -> None:
    seen: list[dict[str, Any]] = []

    async def script(server: FakeConnection) -> None:
        await server.welcome()
        context = await server.take("context")
        assert context["state"] == {"weather": "rain"}
        request = await server.take("request")
        assert request["params"]["npc"] == "old_smith"
        assert [action["name"] for action in request["params"]["actions"]] == ["nod"]
        looks = [m["focus"] for m in server.all_received if m["type"] == "context"]
        assert looks[-1] == "wall"
        await server.send("accepted", id=request["id"], position=0)
        await server.send("text", id=request["id"], text="Aye.", offset=0)
        await server.send("action", id=request["id"], name="nod", arguments={})
        await server.done(request["id"], text="Aye.", emotion={"name": "joy", "score": 1.0}, finish="stop")
        await pongs(server, seen)

    steps: list[tuple[str, int]] = []
    async with fake_server(script) as fake:
        talking = only(scene().stops[1], asks=())
        visit = await walk(fake.url, talking, on_step=lambda place, done: steps.append((place, done)))
    (exchange,) = visit.exchanges
    assert (exchange.answer, exchange.emotion, exchange.seen) == ("Aye.", "joy", "a <mossy> wall")
    assert exchange.actions == [("nod", {})]
    assert exchange.waits.first_ms is not None
    assert exchange.waits.done_ms is not None
    assert exchange.waits.first_ms <= exchange.waits.done_ms
    assert [(m["id"], m["characters"]) for m in fake.of("heard")] == [(1, 2)]
    assert steps == [("the forge", 0), ("the forge", 1)]
    assert len(visit.pings_ms) == 9


async def test_materials_and_props_arrive_with_their_times() -> None:
    async def script(server: FakeConnection) -> None:
        await server.welcome()
        for _ in range(2):
            request = await server.take("request")
            number = request["id"]
            is_mesh = request["kind"] == "mesh"
            await server.send("accepted", id=number, position=0, anchor=request["anchor"])
            body = glb(square()) if is_mesh else BODY
            role = "lod0" if is_mesh else "base_color"
            await server.asset(number, number, role, body, meta={"faces": 2})
            await server.chunks(number, body)
            await server.done(number, family="x")
        await pongs(server, [])

    async with fake_server(script) as fake:
        walked = await walk(fake.url, only(scene().stops[1], asks=(MOSS, DOOR), talk=None), on_step=ignore)
    assert [arrival.ask for arrival, _ in walked.materials] == [MOSS]
    assert [arrival.ask for arrival, _ in walked.props] == [DOOR]
    for arrival in walked.arrivals:
        assert arrival.waits.accepted_ms is not None
        assert arrival.waits.first_ms is not None
    assert [request["anchor"] for request in fake.of("request")] == [{"object": "wall"}, {"object": "door"}]


async def test_one_is_cancelled_and_one_superseded_as_the_script_says() -> None:
    async def script(server: FakeConnection) -> None:
        await server.welcome()
        cancelled = await server.take("request")
        older = await server.take("request")
        await server.send("accepted", id=cancelled["id"], position=0)
        assert (await server.take("cancel"))["id"] == cancelled["id"]
        await error(server, cancelled["id"], "cancelled")
        await server.send("accepted", id=older["id"], position=0)
        newer = await server.take("request")
        assert older["slot"] == newer["slot"] == "wall"
        await error(server, older["id"], "superseded")
        await server.done(newer["id"])
        await pongs(server, [])

    asks = (
        Ask(kind="texture", object="wall", prompt="gold", cancel=True),
        Ask(kind="texture", object="wall", prompt="red", slot="wall", instead_of="blue"),
    )
    async with fake_server(script) as fake:
        walked = await walk(fake.url, only(scene().stops[0], asks=asks, talk=None), on_step=ignore)
    assert {ending.prompt: ending.code for ending in walked.endings} == {
        "gold": "cancelled",
        "blue": "superseded",
    }
    assert [arrival.ask.prompt for arrival in walked.arrivals] == ["red"]


async def test_the_connection_is_cut_in_the_middle_of_an_asset_and_nothing_is_lost() -> None:
    cut_at: list[int] = []

    async def first(server: FakeConnection) -> None:
        await server.welcome()
        request = await server.take("request")
        await server.send("accepted", id=request["id"], position=0)
        await server.asset(1, request["id"], "base_color", BODY)
        await server.chunks(1, BODY, end=len(BODY) // 2 // CHUNK_BYTES * CHUNK_BYTES)
        await server.until_closed()

    async def second(server: FakeConnection) -> None:
        hello = await server.welcome(is_resumed=True, seq=2)
        (resumed,) = hello["resume"]["assets"]
        cut_at.append(resumed["offset"])
        await server.chunks(1, BODY, start=resumed["offset"])
        await server.done(1)
        await pongs(server, [])

    asks = (Ask(kind="texture", object="wall", prompt="brick", drop=True),)
    async with fake_server(first, second) as fake:
        walked = await walk(fake.url, only(scene().stops[0], asks=asks, talk=None), on_step=ignore)
    (drop,) = walked.drops
    assert drop.resumed
    assert drop.in_all_bytes == len(BODY)
    assert drop.at_bytes <= cut_at[0] < len(BODY)
    assert (drop.n_repeated_bytes, drop.n_asked_again) == (0, 0)
    assert len(walked.materials) == 1


async def test_a_request_that_fails_ends_the_walk_with_the_servers_reason() -> None:
    async def script(server: FakeConnection) -> None:
        await server.welcome()
        request = await server.take("request")
        await error(server, request["id"], "unavailable")
        await pongs(server, [])

    async with fake_server(script) as fake:
        with pytest.raises(RequestFailed, match="unavailable"):
            await walk(fake.url, only(scene().stops[0], asks=(MOSS,), talk=None), on_step=ignore)


async def error(server: FakeConnection, request_id: int, code: str) -> None:
    await server.send("error", id=request_id, code=code, message="So it is.", retryable=False)


def ignore(place: str, done: int) -> None:
    """Show no progress."""
