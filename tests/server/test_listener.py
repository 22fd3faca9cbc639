"""From the first connection to a graceful end."""

import asyncio
from contextlib import AsyncExitStack

from tests.integration.scene import scene
from tests.server.conftest import OpenSite, Site


async def test_a_drain_delivers_what_runs_and_turns_the_rest_away(site: Site) -> None:
    async with scene(site.url) as raw:
        await raw.request(1, "mesh", {"steps": [["wait", "go"], ["asset", 50_000]]})
        await raw.until(lambda m: m["type"] == "accepted")
        drain = asyncio.create_task(site.listener.drain())
        assert (await raw.until(lambda m: m["type"] == "goaway"))["reconnect_after_s"] > 0
        assert not drain.done()
        site.make.gate("go").set()
        await asyncio.wait_for(drain, 10)
        assert raw.of(1, "done")
        assert len(raw.body("lod0", 1)) == 50_000


async def test_nobody_is_sent_away_without_a_word(open_site: OpenSite) -> None:
    async with open_site() as site:
        raw_context = scene(site.url)
        raw = await raw_context.__aenter__()
        await site.listener.drain()
        assert not site.sessions.all[0].outbox.has_pending, "a drain ends once the goodbye has left"
    assert await raw.closed() == 4490
    assert [m["type"] for m in raw.messages] == ["welcome", "goaway"]
    await raw_context.__aexit__(None, None, None)


async def test_a_drain_does_not_wait_for_ever(open_site: OpenSite) -> None:
    async with open_site(server={"drain_s": 0.1}) as site, scene(site.url) as raw:
        await raw.request(1, "mesh", {"steps": [["wait", "never"]]})
        await raw.until(lambda m: m["type"] == "accepted")
        await asyncio.wait_for(site.listener.drain(), 10)


async def test_the_end_of_the_server_closes_with_4490(open_site: OpenSite) -> None:
    async with open_site() as site:
        raw_context = scene(site.url)
        raw = await raw_context.__aenter__()
    assert await raw.closed() == 4490
    await raw_context.__aexit__(None, None, None)


async def test_clients_are_told_to_come_back_spread_out(open_site: OpenSite) -> None:
    async with open_site() as site, AsyncExitStack() as stack:
        raws = [await stack.enter_async_context(scene(site.url)) for _ in range(8)]
        drain = asyncio.create_task(site.listener.drain())
        told = [(await raw.until(lambda m: m["type"] == "goaway"))["reconnect_after_s"] for raw in raws]
        await drain
        assert all(1 <= after_s <= 5 for after_s in told)
        assert max(told) - min(told) > 0.5, "one draw in 260,000 is closer together"
