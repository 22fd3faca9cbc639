"""Sessions that outlive connections."""

import asyncio
import contextlib

from tests.integration.scene import Message, RawScene, scene
from tests.server.conftest import OpenSite, Site


def _resume(raw: RawScene, **changes: object) -> Message:
    welcome = raw.welcome
    known = {"session": welcome["session"], "secret": welcome["secret"], "received": raw.received}
    return known | changes


async def test_a_dropped_connection_goes_on_where_it_was(site: Site) -> None:
    async with scene(site.url) as raw:
        await raw.request(1, "dialogue", {"steps": [["say", "One "], ["wait", "go"], ["say", "two."]]})
        await raw.until(lambda m: m["type"] == "text")
        await raw.cut()
        site.talk.gate("go").set()
        async with scene(site.url, greet=False) as again:
            again.received = raw.received
            await again.hello(resume=_resume(raw))
            assert again.welcome["resumed"] is True
            assert again.welcome["session"] == raw.welcome["session"]
            assert again.welcome["secret"] != raw.welcome["secret"]
            end = await again.end(1)
            assert end["result"]["text"] == "One two."
            assert [m["text"] for m in again.of(1, "text")] == ["two."]
            assert site.talk.n_runs == 1


async def test_an_asset_goes_on_from_where_it_broke(site: Site) -> None:
    async with scene(site.url, receive={"window_bytes": 3000, "chunk_bytes": 1000}) as raw:
        await raw.request(1, "mesh", {"steps": [["asset", 100_000]]})
        header = await raw.until(lambda m: m["type"] == "asset")
        await raw.until(lambda m: m["type"] == "chunk" and m["offset"] >= 2000)
        await raw.cut()
        offset = len(raw.bodies[header["asset"]])
        async with scene(site.url, greet=False) as again:
            again.received, again.bodies = raw.received, raw.bodies
            again.messages = [header]
            await again.hello(resume=_resume(raw, assets=[{"asset": header["asset"], "offset": offset}]))
            assert (await again.end(1))["type"] == "done"
            assert len(again.body("lod0", 1)) == 100_000


async def test_the_previous_secret_works_until_the_first_acknowledgement(site: Site) -> None:
    async with scene(site.url) as raw:
        await raw.request(1, "mesh", {"steps": []})
        await raw.end(1)
        await raw.cut()
        # The welcome to this one is lost.
        async with scene(site.url, greet=False) as lost:
            await lost.hello(resume=_resume(raw))
        async with scene(site.url, greet=False) as again:
            again.received = raw.received
            await again.hello(resume=_resume(raw))
            assert again.welcome["resumed"] is True
            await again.send({"type": "ack", "received": again.received})
            await again.send({"type": "ping", "t": 1})
            await again.until(lambda m: m["type"] == "pong")
        async with scene(site.url, greet=False) as late:
            await late.hello(resume=_resume(raw))
            assert late.welcome["resumed"] is False


async def test_a_greeting_that_comes_late_does_not_lock_the_player_out(site: Site) -> None:
    async with scene(site.url) as raw:
        await raw.request(1, "mesh", {"steps": []})
        await raw.end(1)
        await raw.cut()
        async with scene(site.url, greet=False) as current, scene(site.url, greet=False) as late:
            await current.hello(resume=_resume(raw))
            # The greeting of a connection that was given up before arrives only now.
            await late.hello(resume=_resume(raw))
            assert await current.closed() == 4509
            resume = _resume(raw, secret=current.welcome["secret"])
            async with scene(site.url, greet=False) as again:
                again.received = raw.received
                assert (await again.hello(resume=resume))["resumed"] is True


async def test_a_wrong_secret_or_another_player_gets_a_new_session(site: Site) -> None:
    async with scene(site.url, client={"device": "ann"}) as raw:
        for hello in (
            {"client": {"device": "ann"}, "resume": _resume(raw, secret="guess")},
            {"client": {"device": "bob"}, "resume": _resume(raw)},
            {"client": {"device": "ann"}, "resume": _resume(raw, session="unknown")},
        ):
            async with scene(site.url, greet=False) as other:
                await other.hello(**hello)
                assert other.welcome["resumed"] is False
                assert other.welcome["session"] != raw.welcome["session"]
        await raw.request(1, "mesh", {"steps": []})
        assert (await raw.end(1))["type"] == "done"


async def test_another_connection_takes_over_and_the_old_one_is_told(site: Site) -> None:
    async with scene(site.url) as raw, scene(site.url, greet=False) as again:
        await again.hello(resume=_resume(raw))
        assert again.welcome["resumed"] is True
        assert await raw.closed() == 4509
        await again.request(1, "mesh", {"steps": []})
        assert (await again.end(1))["type"] == "done"


async def test_what_can_not_be_resumed_whole_is_reported_lost_and_its_work_ends(open_site: OpenSite) -> None:
    async with open_site(replay_messages=4) as site, scene(site.url) as raw:
        await raw.request(1, "dialogue", {"steps": [["wait", "never"]]})
        await raw.until(lambda m: m["type"] == "accepted")
        received = raw.received
        await raw.cut()
        async with scene(site.url, greet=False) as ahead:
            await ahead.hello(resume=_resume(raw, received=received + 50))
            assert ahead.welcome["resumed"] is False
            await ahead.request(1, "mesh", {"steps": []})
            assert (await ahead.end(1))["type"] == "done"
            assert ahead.messages[1]["seq"] == 1
        assert site.talk.stopped == [1]


async def test_a_session_ends_after_its_window_and_its_work_with_it(open_site: OpenSite) -> None:
    async with open_site(resume_window_s=0.1) as site, scene(site.url) as raw:
        await raw.request(1, "mesh", {"steps": [["wait", "never"]]})
        await raw.until(lambda m: m["type"] == "accepted")
        await raw.cut()
        await asyncio.wait_for(site.make.has_stopped.wait(), 10)
        assert len(site.sessions) == 0
        async with scene(site.url, greet=False) as late:
            await late.hello(resume=_resume(raw))
            assert late.welcome["resumed"] is False


async def test_sessions_of_players_that_left_are_bounded_the_oldest_goes(open_site: OpenSite) -> None:
    async with open_site(max_connections=2) as site:
        welcomes = []
        for _ in range(5):
            async with scene(site.url) as raw:
                welcomes.append(raw.welcome)
        assert len(site.sessions) == 4
        async with scene(site.url, greet=False) as first:
            resume = {"session": welcomes[0]["session"], "secret": welcomes[0]["secret"], "received": 0}
            await first.hello(resume=resume)
            assert first.welcome["resumed"] is False


async def test_who_leaves_many_sessions_behind_loses_their_own_first(open_site: OpenSite) -> None:
    async with open_site(max_connections=2) as site:
        async with scene(site.url, client={"device": "ann"}) as raw:
            resume = _resume(raw)
        for _ in range(6):
            async with scene(site.url, client={"device": "bob"}):
                pass
        async with scene(site.url, client={"device": "ann"}, resume=resume) as again:
            assert again.welcome["resumed"] is True
        assert b"vrbridge_sessions_evicted_total 3.0" in site.metrics.exposition()


async def test_what_a_player_who_stays_away_asked_for_is_stopped_but_not_what_is_said(
    open_site: OpenSite,
) -> None:
    async with open_site(away_grace_s=0.05) as site, scene(site.url) as raw:
        await raw.request(1, "mesh", {"steps": [["wait", "never"]]})
        await raw.request(2, "dialogue", {"steps": [["wait", "go"], ["say", "Welcome back."]]})
        await raw.until(lambda m: m.get("id") == 2)
        await raw.cut()
        await site.make.has_stopped.wait()
        site.talk.gate("go").set()
        async with scene(site.url, greet=False) as again:
            again.received = raw.received
            await again.hello(resume=_resume(raw))
            end = await again.end(1)
            assert (end["code"], end["retryable"]) == ("cancelled", True)
            assert (await again.end(2))["result"]["text"] == "Welcome back."
            await again.request(1, "mesh", {"steps": []})
            assert site.make.n_runs == 1
        assert b"vrbridge_requests_abandoned_total 1.0" in site.metrics.exposition()


async def test_a_player_who_comes_back_in_time_loses_nothing(open_site: OpenSite) -> None:
    async with open_site(away_grace_s=0.3, resume_window_s=0.6) as site, scene(site.url) as raw:
        await raw.request(1, "mesh", {"steps": [["wait", "go"], ["asset", 10]]})
        await raw.until(lambda m: m.get("id") == 1)
        await raw.cut()
        async with scene(site.url, greet=False) as again:
            again.received = raw.received
            await again.hello(resume=_resume(raw))
            # Both timers of the first connection have passed by now.
            with contextlib.suppress(TimeoutError):
                async with asyncio.timeout(0.9):
                    await site.make.has_stopped.wait()
            site.make.gate("go").set()
            assert (await again.end(1))["type"] == "done"


async def test_an_asset_that_is_gone_loses_the_session_and_says_so(site: Site) -> None:
    async with scene(site.url, receive={"window_bytes": 3000, "chunk_bytes": 1000}) as raw:
        await raw.request(1, "mesh", {"steps": [["asset", 100_000]]})
        header = await raw.until(lambda m: m["type"] == "asset")
        await raw.cut()
        site.assets.kept.clear()
        offset = len(raw.bodies[header["asset"]])
        resume = _resume(raw, assets=[{"asset": header["asset"], "offset": offset}])
        async with scene(site.url, greet=False) as again:
            again.received = raw.received
            welcome = await again.hello(resume=resume)
            assert welcome["resumed"] is True
            assert await again.closed() == 1011
        async with scene(site.url, greet=False) as last:
            assert (await last.hello(resume=resume | {"secret": welcome["secret"]}))["resumed"] is False
        assert not site.assets.pinned


async def test_assets_are_held_until_their_end_is_acknowledged(site: Site) -> None:
    async with scene(site.url, acknowledges=False) as raw:
        await raw.request(1, "mesh", {"steps": [["asset", 100], ["asset", 100]]})
        await raw.end(1)
        assert site.assets.pinned.total() == 2
        await raw.send({"type": "ack", "received": raw.received})
        await raw.send({"type": "ping", "t": 1.0})
        await raw.until(lambda m: m["type"] == "pong")
        assert site.assets.pinned.total() == 0
