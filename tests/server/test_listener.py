"""From the first connection to a graceful end."""

import asyncio
from contextlib import AsyncExitStack

import pytest
from websockets.exceptions import InvalidStatus

from tests.integration.scene import RawScene, scene
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


async def test_a_drain_waits_for_who_was_cut_off_but_not_for_long(site: Site) -> None:
    async with scene(site.url) as raw, scene(site.url) as gone:
        for one in (raw, gone):
            await one.request(1, "mesh", {"steps": [["wait", "go"], ["asset", 50_000]]})
            await one.until(lambda m: m["type"] == "accepted")
        drain = asyncio.create_task(site.listener.drain())
        for one in (raw, gone):
            await one.until(lambda m: m["type"] == "goaway")
            await one.cut()
        async with scene(site.url, greet=False) as again:
            again.received = raw.received
            await again.hello(resume=_resume(raw))
            assert again.welcome["resumed"]
            assert not drain.done()
            site.make.gate("go").set()
            assert (await again.end(1))["type"] == "done"
            assert len(again.body("lod0", 1)) == 50_000
            # Long before `drain_s` is over.
            await asyncio.wait_for(drain, 15)
            assert site.sessions.is_owed(gone.welcome["session"])


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


@pytest.mark.parametrize(
    "query", ["?session=a-1", "?session=", "?scene=7&session=a-1&session=b-2", "?%ff=%00"]
)
@pytest.mark.parametrize("name", ["", "a"])
async def test_what_an_address_says_of_sessions_is_for_proxies(
    open_site: OpenSite, name: str, query: str
) -> None:
    async with open_site(server={"name": name}) as site, scene(site.url + query) as raw:
        assert not raw.welcome["resumed"]
        assert raw.welcome["session"].rpartition("-")[0] == name
        async with scene(site.url + query, resume=_resume(raw)) as again:
            assert again.welcome["resumed"], "what counts is the greeting"


async def test_one_of_several_servers_that_drains_leaves_new_connections_to_the_others(
    open_site: OpenSite,
) -> None:
    async with open_site(server={"name": "a"}) as site, scene(site.url) as idle, scene(site.url) as busy:
        await busy.request(1, "mesh", {"steps": [["wait", "go"], ["asset", 50_000]]})
        await busy.until(lambda m: m["type"] == "accepted")
        drain = asyncio.create_task(site.listener.drain())
        await busy.until(lambda m: m["type"] == "goaway")
        for query in ("", f"?session={idle.welcome['session']}", "?session=a-1"):
            with pytest.raises(InvalidStatus) as caught:
                async with scene(site.url + query):
                    pass
            assert caught.value.response.status_code == 503
            assert caught.value.response.headers["Retry-After"] == "1"
        await busy.cut()
        async with scene(f"{site.url}?session={busy.welcome['session']}", greet=False) as again:
            again.received = busy.received
            await again.hello(resume=_resume(busy))
            assert again.welcome["resumed"], "who still has to get something comes back"
            site.make.gate("go").set()
            await again.end(1)
            assert len(again.body("lod0", 1)) == 50_000
            await asyncio.wait_for(drain, 10)


def _resume(raw: RawScene) -> dict[str, object]:
    welcome = raw.welcome
    return {"session": welcome["session"], "secret": welcome["secret"], "received": raw.received}
