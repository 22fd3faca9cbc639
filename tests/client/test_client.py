"""The client against scripted servers on real sockets."""

import asyncio
import io
from typing import Any

import numpy as np
import pytest
from PIL import Image

from tests.client.fakes import FakeConnection, fake_server
from vrbridge.client import (
    ActionEvent,
    AnswerDone,
    Asset,
    AssetDamaged,
    Client,
    Done,
    RequestFailed,
    TextPiece,
)
from vrbridge.client.texture_reader import read_texture

BODY = bytes(range(256)) * 40


async def test_an_answer_comes_as_typed_events() -> None:
    async def script(server: FakeConnection) -> None:
        hello = await server.welcome()
        assert hello["version"] == 1
        assert hello["token"] == "t"
        assert hello["client"]["device"] == "quest"
        request = await server.take("request")
        assert request["params"] == {"npc": "smith", "text": "Hi"}
        await server.send("accepted", id=request["id"], position=0)
        await server.send("text", id=request["id"], text="Hel", offset=0)
        await server.send("text", id=request["id"], text="lo", offset=3)
        await server.send("action", id=request["id"], name="wave", arguments={"hand": "left"})
        await server.done(request["id"], text="Hello", emotion={"name": "joy", "score": 0.5}, finish="stop")

    async with fake_server(script) as fake, Client.connect(fake.url, token="t", device="quest") as client:
        events = [event async for event in client.dialogue("smith", "Hi")]
    assert events[:3] == [TextPiece("Hel", 0), TextPiece("lo", 3), ActionEvent("wave", {"hand": "left"})]
    end = events[3]
    assert isinstance(end, AnswerDone)
    assert (end.text, end.finish, end.emotion["name"]) == ("Hello", "stop", "joy")
    assert end.request_id == fake.of("request")[0]["id"]


async def test_a_material_has_its_maps_and_its_preview_was_shown_first() -> None:
    picture = io.BytesIO()
    Image.fromarray(np.full((4, 4, 3), 9, np.uint8)).save(picture, "PNG")
    body = picture.getvalue()

    async def script(server: FakeConnection) -> None:
        await server.welcome()
        request = await server.take("request")
        assert request["params"] == {"prompt": "moss", "size_px": 64}
        await server.asset(1, request["id"], "preview", BODY)
        await server.chunks(1, BODY)
        await server.send("progress", id=request["id"], stage="encode", fraction=0.5)
        await server.asset(2, request["id"], "base_color", body)
        await server.chunks(2, body)
        await server.done(request["id"], seed=4)

    seen: list[str] = []
    async with fake_server(script) as fake, Client.connect(fake.url) as client:
        material = await client.texture(
            "moss",
            size_px=64,
            on_preview=lambda asset: seen.append(asset.role),
            on_progress=lambda event: seen.append(event.stage),
        )
    assert seen == ["preview", "encode"]
    assert material.preview is not None
    assert material.preview.data == BODY
    assert list(material.maps) == ["base_color"]
    assert read_texture(material.maps["base_color"]).tolist() == [[[9, 9, 9]] * 4] * 4
    assert material.result["seed"] == 4


async def test_a_picture_is_sent_as_it_is_and_comes_back_as_a_material() -> None:
    async def script(server: FakeConnection) -> None:
        await server.welcome()
        request = await server.take("request")
        assert request["kind"] == "material"
        assert request["params"] == {"image": b"\x89PNG", "size_px": 512, "metres_per_tile": 2.0}
        assert request["slot"] == "wall"
        await server.asset(1, request["id"], "preview", BODY)
        await server.chunks(1, BODY)
        await server.asset(2, request["id"], "normal", BODY)
        await server.chunks(2, BODY)
        await server.done(request["id"], was_seamless=False)

    seen: list[Asset] = []
    async with fake_server(script) as fake, Client.connect(fake.url) as client:
        material = await client.material(b"\x89PNG", metres_per_tile=2.0, on_preview=seen.append, slot="wall")
    assert [asset.role for asset in seen] == ["preview"]
    assert list(material.maps) == ["normal"]
    assert material.result["was_seamless"] is False


async def test_a_mesh_has_its_finest_level_first_and_textures_by_material() -> None:
    async def script(server: FakeConnection) -> None:
        await server.welcome()
        request = await server.take("request")
        for number, role in enumerate(("lod1", "lod0", "collider"), start=1):
            await server.asset(number, request["id"], role, role.encode())
            await server.chunks(number, role.encode())
        await server.asset(9, request["id"], "base_color", b"x", meta={"material": "oak"})
        await server.chunks(9, b"x")
        await server.done(request["id"])

    async with fake_server(script) as fake, Client.connect(fake.url) as client:
        mesh = await client.mesh("chair", lods=2, texture_px=64)
    assert [asset.role for asset in mesh.lods] == ["lod0", "lod1"]
    assert mesh.collider is not None
    assert mesh.textures["oak"]["base_color"].data == b"x"


async def test_a_wrong_digest_fails_the_request_and_only_it() -> None:
    async def script(server: FakeConnection) -> None:
        await server.welcome()
        request = await server.take("request")
        await server.asset(1, request["id"], "base_color", BODY, digest="sha256:" + "0" * 64)
        await server.chunks(1, BODY)
        assert (await server.take("cancel"))["id"] == request["id"]
        await server.send("error", id=request["id"], code="cancelled", message="Cancelled.", retryable=False)
        again = await server.take("request")
        await server.done(again["id"])

    async with fake_server(script) as fake, Client.connect(fake.url) as client:
        with pytest.raises(AssetDamaged) as caught:
            await client.texture("moss")
        assert caught.value.retryable
        assert (await client.texture("moss")).maps == {}


async def test_an_error_message_becomes_an_exception_with_all_its_facts() -> None:
    async def script(server: FakeConnection) -> None:
        await server.welcome()
        request = await server.take("request")
        await server.send(
            "error",
            id=request["id"],
            code="overloaded",
            message="Too much work waits.",
            retryable=True,
            retry_after_s=1.5,
            field="params.size_px",
        )

    async with fake_server(script) as fake, Client.connect(fake.url) as client:
        with pytest.raises(RequestFailed) as caught:
            await client.texture("moss")
    error = caught.value
    assert (error.code, error.retryable, error.retry_after_s) == ("overloaded", True, 1.5)
    assert (error.field, error.message) == ("params.size_px", "Too much work waits.")


async def test_cancelling_the_call_cancels_the_request() -> None:
    started = asyncio.Event()

    async def script(server: FakeConnection) -> None:
        await server.welcome()
        request = await server.take("request")
        started.set()
        assert (await server.take("cancel"))["id"] == request["id"]

    async with fake_server(script) as fake, Client.connect(fake.url) as client:
        asking = asyncio.create_task(client.texture("moss"))
        await started.wait()
        asking.cancel()
        with pytest.raises(asyncio.CancelledError):
            await asking
        await fake.over.wait()


async def test_a_ticket_streams_everything_and_can_be_cancelled() -> None:
    async def script(server: FakeConnection) -> None:
        await server.welcome()
        request = await server.take("request")
        assert request["slot"] == "wall"
        assert request["priority"] == "background"
        await server.send("accepted", id=request["id"], position=2, eta_s=0.5, anchor=request["anchor"])
        await server.take("cancel")
        await server.send("error", id=request["id"], code="cancelled", message="Cancelled.", retryable=False)

    async with fake_server(script) as fake, Client.connect(fake.url) as client:
        anchor = {"object": "wall"}
        ticket = client.request(
            "texture", {"prompt": "moss"}, slot="wall", priority="background", anchor=anchor
        )
        accepted = await anext(ticket)
        assert getattr(accepted, "anchor", None) == anchor
        ticket.cancel()
        with pytest.raises(RequestFailed) as caught:
            await ticket.done()
    assert caught.value.code == "cancelled"


async def test_context_is_sent_at_the_rate_the_server_wants_and_the_latest_wins() -> None:
    async def script(server: FakeConnection) -> None:
        await server.welcome(context_hz=20)
        first = await server.take("context")
        arrived.set()
        second = await server.take("context")
        places.extend([first["place"], second["place"]])

    places: list[str] = []
    arrived = asyncio.Event()
    async with fake_server(script) as fake, Client.connect(fake.url) as client:
        head: dict[str, list[float]] = {"position": [0, 1.6, 0], "orientation": [0, 0, 0, 1]}
        client.update_context(head=head, place="gate")
        await arrived.wait()
        for place in ("well", "forge", "market"):
            client.update_context(head=head, place=place)
        await fake.over.wait()
    assert places == ["gate", "market"]


async def test_a_request_is_about_the_latest_context_however_new_that_is() -> None:
    async def script(server: FakeConnection) -> None:
        await server.welcome(context_hz=0.01)
        await server.take("context")
        arrived.set()
        request = await server.take("request")
        await server.done(request["id"])

    arrived = asyncio.Event()
    head: dict[str, list[float]] = {"position": [0, 1.6, 0], "orientation": [0, 0, 0, 1]}
    async with fake_server(script) as fake, Client.connect(fake.url) as client:
        client.update_context(head=head, focus="wall")
        await arrived.wait()
        client.update_context(head=head, focus="anvil")
        await client.request("dialogue", {"npc": "smith", "text": "What is this?"}).done()
    before = fake.received[: fake.received.index(fake.of("request")[0])]
    assert [message["focus"] for message in before if message["type"] == "context"][-1] == "anvil"


async def test_forgetting_that_fails_is_told_to_who_asked_and_to_nobody_else() -> None:
    async def script(server: FakeConnection) -> None:
        await server.welcome()
        await server.take("forget")
        await server.send("error", code="bad_message", message="Something else.", retryable=False)
        text = "Not everything could be erased; try again."
        await server.send("error", code="internal", message=text, retryable=True, field="scope")

    complaints: list[RequestFailed] = []
    async with fake_server(script) as fake, Client.connect(fake.url) as client:
        client.on_complaint(complaints.append)
        with pytest.raises(RequestFailed, match="try again"):
            await client.forget("player")
    assert [complaint.code for complaint in complaints] == ["bad_message"]


async def test_ping_and_forget_are_answered() -> None:
    async def script(server: FakeConnection) -> None:
        await server.welcome()
        ping = await server.take("ping")
        await server.send("pong", t=ping["t"], server_s=1.0)
        forget = await server.take("forget")
        await server.send("forgotten", scope=forget["scope"], items=3)

    async with fake_server(script) as fake, Client.connect(fake.url) as client:
        assert 0 <= await client.ping() < 5
        assert await client.forget("player") == 3


async def test_an_error_about_the_connection_is_told_to_its_listener_only() -> None:
    async def script(server: FakeConnection) -> None:
        await server.welcome()
        request = await server.take("request")
        await server.send("error", code="rate_limited", message="Slower, please.", retryable=True)
        await server.done(request["id"])

    complaints: list[RequestFailed] = []
    async with fake_server(script) as fake, Client.connect(fake.url) as client:
        client.on_complaint(complaints.append)
        assert isinstance(await client.request("texture", {}).done(), Done)
    assert [(error.code, error.retryable) for error in complaints] == [("rate_limited", True)]


async def test_heard_tells_the_server_how_much() -> None:
    async def script(server: FakeConnection) -> None:
        await server.welcome()
        assert await server.take("heard") == {"type": "heard", "id": 4, "characters": 11}

    async with fake_server(script) as fake, Client.connect(fake.url) as client:
        client.heard(4, 11)
        await fake.over.wait()


async def test_a_request_larger_than_the_limit_fails_before_it_is_sent() -> None:
    async def script(server: FakeConnection) -> None:
        await server.welcome()

    async with fake_server(script) as fake, Client.connect(fake.url) as client:
        with pytest.raises(RequestFailed) as caught:
            client.request("texture", {"prompt": "x" * 5000})
    assert caught.value.code == "too_large"
    assert fake.of("request") == []


async def test_a_listener_sees_every_message_of_both_sides() -> None:
    async def script(server: FakeConnection) -> None:
        await server.welcome()
        request = await server.take("request")
        await server.done(request["id"])

    seen: list[tuple[str, Any]] = []
    async with (
        fake_server(script) as fake,
        Client.connect(
            fake.url, on_message=lambda way, message: seen.append((way, message["type"]))
        ) as client,
    ):
        await client.request("texture", {}).done()
    assert seen[:4] == [("sent", "hello"), ("received", "welcome"), ("sent", "request"), ("received", "done")]


async def test_assets_reach_a_ticket_as_they_complete() -> None:
    shown = asyncio.Event()

    async def script(server: FakeConnection) -> None:
        await server.welcome()
        request = await server.take("request")
        await server.asset(1, request["id"], "lod1", BODY)
        await server.chunks(1, BODY)
        await shown.wait()
        await server.done(request["id"])

    async with fake_server(script) as fake, Client.connect(fake.url) as client:
        async for event in client.request("mesh", {"prompt": "chair"}):
            if isinstance(event, Asset):
                assert event.data == BODY
                shown.set()
    assert shown.is_set()
