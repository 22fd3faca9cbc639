"""What is known to break bridges like this one in the field, each shown not to break this one."""

import asyncio
from collections.abc import Sequence
from typing import Any

import msgpack
from websockets.asyncio.client import connect

from tests.chaos.player import Step, player
from tests.chaos.readings import reading
from tests.chaos.relay import relay
from tests.chaos.waiting import until
from tests.integration.scene import Message, RawScene, scene
from tests.server.conftest import OpenSite, Site
from vrbridge.server.port import SUBPROTOCOL

_ASSET_BYTES = 16 << 20
_CREDIT_BYTES = 1 << 20
"""What `RawScene` grants beyond what it has taken."""


def _resume(raw: RawScene) -> Message:
    welcome = raw.welcome
    return {"session": welcome["session"], "secret": welcome["secret"], "received": raw.received}


def _words(n_words: int) -> list[list[Any]]:
    return [["say", f"word {number} "] for number in range(n_words)]


async def test_a_hundred_messages_at_once_are_read_while_jobs_wait(site: Site) -> None:
    async with scene(site.url) as raw:
        for id in range(20):
            await raw.request(id, "mesh", {"steps": [["wait", "never"]]})
        for number in range(100):
            await raw.send({"type": "ping", "t": float(number)})
        await raw.until(lambda m: m["type"] == "pong" and m["t"] == 99.0)
        await raw.until(lambda m: m["type"] == "accepted" and m["id"] == 19)
        assert [m["t"] for m in raw.messages if m["type"] == "pong"] == [float(n) for n in range(100)]


async def test_a_scene_that_takes_nothing_from_its_client_stays_connected(site: Site) -> None:
    async with player(site.url, "absent-minded") as one:
        ticket = one.client.request("dialogue", {"steps": _words(500)})
        await one.client.ping()
        await until(lambda: site.talk.n_runs == 1)
        await one.client.ping()
        assert (await ticket.done()).result["text"] == "".join(word for _, word in _words(500))
        assert one.client.n_connections == 1


async def test_a_control_message_waits_for_no_more_than_the_credit(site: Site) -> None:
    async with relay(site.listener.port) as link, scene(link.url) as raw:
        link.down.bytes_per_s = 6_000_000.0
        await raw.request(1, "mesh", {"steps": [["asset", _ASSET_BYTES]]})
        for number in range(5):
            await raw.until(lambda m, least=number: raw.bytes_taken > least << 20)  # type: ignore[misc]  # bound here
            taken_before = raw.bytes_taken
            await raw.send({"type": "ping", "t": float(number)})
            await raw.until(lambda m, t=float(number): m["type"] == "pong" and m["t"] == t)  # type: ignore[misc]
            assert raw.bytes_taken - taken_before <= _CREDIT_BYTES
        link.heal()
        assert (await raw.end(1))["type"] == "done"


async def test_a_connection_nobody_can_close_is_aborted_by_who_takes_over(open_site: OpenSite) -> None:
    async with open_site() as site, connect(site.url, subprotocols=[SUBPROTOCOL]) as deaf:
        hello = {"type": "hello", "version": 1, "client": {"name": "deaf"}}
        await deaf.send(msgpack.packb(hello | {"receive": {"window_bytes": 1 << 30}}))
        welcome = msgpack.unpackb(await deaf.recv())
        deaf.transport.pause_reading()
        request = {"type": "request", "id": 1, "kind": "mesh", "params": {"steps": [["asset", _ASSET_BYTES]]}}
        await deaf.send(msgpack.packb(request))
        await until(lambda: site.make.n_runs == 1)
        known = {"session": welcome["session"], "secret": welcome["secret"], "received": 0}
        async with scene(site.url, greet=False) as again:
            await again.hello(resume=known)
            assert again.welcome["resumed"] is True
            assert (await again.end(1))["type"] == "done"
            assert len(again.body("lod0", 1)) == _ASSET_BYTES
            await until(lambda: reading(site.metrics, "vrbridge_connections") == 1, what="the abort")
        deaf.transport.abort()


async def test_an_acknowledged_message_that_is_no_longer_kept_is_no_reason_to_lose_a_session(
    open_site: OpenSite,
) -> None:
    async with open_site(replay_messages=8) as site, scene(site.url) as raw:
        await raw.request(1, "dialogue", {"steps": _words(100)})
        await raw.end(1)
        await raw.send({"type": "ping", "t": 1})
        await raw.until(lambda m: m["type"] == "pong")
        await raw.cut()
        async with scene(site.url, greet=False) as again:
            again.received = raw.received
            await again.hello(resume=_resume(raw))
            assert again.welcome["resumed"] is True
            await again.request(2, "dialogue", {"steps": _words(1)})
            assert (await again.end(2))["type"] == "done"


async def test_nothing_comes_before_welcome_however_much_is_said_meanwhile(site: Site) -> None:
    steps = [step for number in range(10) for step in [["wait", f"gate {number}"], *_words(30)]]
    async with scene(site.url) as raw:
        await raw.request(1, "dialogue", {"steps": steps})
        await raw.until(lambda m: m["type"] == "accepted")
        await raw.cut()
    last = raw
    for number in range(10):
        async with scene(site.url, greet=False) as again:
            again.received = last.received
            site.talk.gate(f"gate {number}").set()
            await again.hello(resume=_resume(last))
            assert again.welcome["resumed"] is True
            assert again.messages[0]["type"] == "welcome"
            await again.until(lambda m: m["type"] == "text")
            await again.cut()
        last = again
    async with scene(site.url, greet=False) as end:
        end.received = last.received
        await end.hello(resume=_resume(last))
        assert (await end.end(1))["result"]["text"] == "".join(word for _, word in _words(30)) * 10


async def test_a_long_replay_to_a_slow_client_neither_stops_nor_counts_as_a_stall(
    open_site: OpenSite,
) -> None:
    async with open_site(stall_s=1.0) as site, relay(site.listener.port) as link:
        async with scene(site.url, acknowledges=False) as raw:
            await raw.request(1, "dialogue", {"steps": _words(2000)})
            await raw.end(1)
            await raw.cut()
        link.down.bytes_per_s = 60_000.0
        async with scene(link.url, greet=False) as again:
            await again.hello(resume=_resume(raw) | {"received": 0})
            assert again.welcome["resumed"] is True
            assert (await again.end(1))["type"] == "done"
            assert "".join(m["text"] for m in again.of(1, "text")) == "".join(
                word for _, word in _words(2000)
            )
        assert reading(site.metrics, "vrbridge_stalls_total") == 0


async def test_a_lost_welcome_strands_nobody(site: Site) -> None:
    steps: Sequence[Step] = [("say", "One "), ("wait", "back"), ("say", "two.")]
    async with relay(site.listener.port) as link, player(link.url, "unlucky") as one:
        asked = asyncio.create_task(one.ask("dialogue", steps))
        await until(lambda: site.talk.n_arrived_at("back"))
        (session,) = site.sessions.all
        secret = session.secret
        # The next handshake passes, and the server welcomes a connection that hears nothing of it.
        link.down.swallow(after=b"\r\n\r\n")
        link.cut()
        await until(lambda: session.secret != secret)
        link.heal()
        site.talk.gate("back").set()
        assert await asked
        tally = one.tally
        tally.check()
        assert tally.n_restarted == 0
        assert site.talk.n_runs == 1


async def test_compression_is_never_agreed_on(site: Site) -> None:
    async with connect(site.url, subprotocols=[SUBPROTOCOL], compression="deflate") as socket:
        assert socket.response is not None
        assert "Sec-WebSocket-Extensions" not in socket.response.headers


async def test_a_headset_may_be_off_for_two_minutes(site: Site) -> None:
    async with scene(site.url) as raw:
        assert raw.welcome["limits"]["resume_window_s"] >= 120
