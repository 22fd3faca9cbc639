"""What each message does, as a client sees it."""

import asyncio
from typing import Any

import pytest

from tests.integration.scene import scene
from tests.server.conftest import OpenSite, Site
from vrbridge.protocol.messages import Context, Pose


async def test_a_request_is_accepted_spoken_and_done_in_order(site: Site) -> None:
    async with scene(site.url) as raw:
        steps = [["say", "Good "], ["say", "däy"], ["act", "wave"], ["progress", 0.5]]
        await raw.request(7, "dialogue", {"steps": steps}, anchor={"object": "smith"})
        end = await raw.end(7)
        assert [m["type"] for m in raw.of(7)] == ["accepted", "text", "text", "action", "progress", "done"]
        accepted, first, second = raw.of(7)[:3]
        assert accepted["anchor"] == {"object": "smith"}
        assert accepted["eta_s"] == 0.5
        assert (first["offset"], second["offset"]) == (0, 5)
        assert end["result"] == {"text": "Good däy"}
        timing = end["timing"]
        assert set(timing) == {"queued_ms", "first_ms", "generate_ms", "encode_ms", "total_ms"}
        assert 0 <= timing["first_ms"] <= timing["total_ms"]


async def test_the_same_id_never_runs_twice_and_its_state_is_told_again(site: Site) -> None:
    async with scene(site.url) as raw:
        await raw.request(1, "mesh", {"steps": [["wait", "go"]]})
        await raw.request(1, "mesh", {"steps": []})
        await raw.until(lambda m: len(raw.of(1, "accepted")) == 2)
        site.make.gate("go").set()
        await raw.end(1)
        await raw.request(1, "mesh", {"steps": []})
        await raw.until(lambda m: len(raw.of(1, "done")) == 2)
        assert site.make.n_runs == 1


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({"kind": "hologram"}, "unknown_kind", "kind"),
        ({"params": {"steps": "all"}}, "invalid_params", "params.steps"),
        ({"priority": "urgent"}, "bad_message", "priority"),
        ({"params": {"steps": [["fail", "It broke."]]}}, "generator_failed", None),
        ({"params": {"steps": [["break", "oops"]]}}, "internal", None),
        ({"params": {"steps": [["vanish", None]]}}, "internal", None),
    ],
)
async def test_what_goes_wrong_ends_one_request(
    site: Site, fields: dict[str, Any], code: str, field: str | None
) -> None:
    async with scene(site.url) as raw:
        await raw.send({"type": "request", "id": 1, "kind": "mesh", "params": {"steps": []}} | fields)
        error = await raw.end(1)
        assert (error["code"], error.get("field")) == (code, field)
        assert "oops" not in error["message"]
        await raw.request(2, "mesh", {"steps": []})
        assert (await raw.end(2))["type"] == "done"


async def test_a_broken_message_with_the_id_of_a_running_request_does_not_end_it(site: Site) -> None:
    async with scene(site.url) as raw:
        await raw.request(1, "mesh", {"steps": [["wait", "go"]]})
        await raw.send({"type": "request", "id": 1, "kind": "mesh", "params": "none"})
        error = await raw.until(lambda m: m["type"] == "error")
        assert error.get("id") is None
        site.make.gate("go").set()
        assert (await raw.end(1))["type"] == "done"


async def test_cancel_stops_the_work_and_ends_in_cancelled(site: Site) -> None:
    async with scene(site.url) as raw:
        await raw.request(1, "mesh", {"steps": [["wait", "never"]]})
        await raw.until(lambda m: m["type"] == "accepted")
        await raw.send({"type": "cancel", "id": 1})
        assert (await raw.end(1))["code"] == "cancelled"
        await raw.send({"type": "cancel", "id": 1})
        await raw.send({"type": "cancel", "id": 99})
        await raw.request(2, "mesh", {"steps": []})
        await raw.end(2)
        assert site.make.stopped == [1]
        assert len(raw.of(1, "error")) == 1


async def test_cancel_drops_what_waits_for_credit(site: Site) -> None:
    async with scene(site.url, receive={"window_bytes": 0}) as raw:
        await raw.request(1, "mesh", {"steps": [["asset", 5000]]})
        await raw.until(lambda m: m["type"] == "asset")
        await raw.send({"type": "cancel", "id": 1})
        assert (await raw.end(1))["code"] == "cancelled"
        await raw.send({"type": "credit", "limit": 10_000})
        await raw.request(2, "mesh", {"steps": []})
        await raw.end(2)
        assert not [m for m in raw.messages if m["type"] == "chunk"]


async def test_a_slot_is_taken_over_even_while_results_are_on_their_way(site: Site) -> None:
    async with scene(site.url, receive={"window_bytes": 0}) as raw:
        await raw.request(1, "mesh", {"steps": [["asset", 5000]]}, slot="wall")
        await raw.until(lambda m: m["type"] == "asset")
        await raw.request(2, "mesh", {"steps": "wrong"}, slot="wall")
        assert (await raw.end(2))["code"] == "invalid_params"
        assert not raw.of(1, "error"), "a request that can't be answered takes no slot"
        await raw.request(3, "mesh", {"steps": []}, slot="wall")
        assert (await raw.end(1))["code"] == "superseded"
        assert (await raw.end(3))["type"] == "done"


async def test_a_deadline_ends_the_request_and_its_work(site: Site) -> None:
    async with scene(site.url) as raw:
        await raw.request(1, "mesh", {"steps": [["wait", "never"]]}, deadline_s=0.05)
        error = await raw.end(1)
        assert (error["code"], error["retryable"]) == ("deadline_exceeded", True)
        assert site.make.stopped == [1]


async def test_open_requests_are_bounded_until_their_last_byte_has_left(open_site: OpenSite) -> None:
    async with open_site(max_open_requests=2) as site, scene(site.url, receive={"window_bytes": 0}) as raw:
        await raw.request(1, "mesh", {"steps": [["asset", 100]]})
        await raw.request(2, "mesh", {"steps": [["wait", "go"]]})
        await raw.request(3, "mesh", {"steps": []})
        error = await raw.end(3)
        assert error["code"] == "rate_limited"
        assert 1.0 <= error["retry_after_s"] <= 1.5
        await raw.send({"type": "credit", "limit": 1000})
        await raw.end(1)
        await raw.request(4, "mesh", {"steps": []})
        assert (await raw.end(4))["type"] == "done"


async def test_too_much_work_is_overloaded_with_a_time_to_come_back(site: Site) -> None:
    async with scene(site.url) as raw:
        site.make.is_overloaded = True
        hints = []
        for id in range(20):
            await raw.request(id, "mesh", {"steps": []})
            error = await raw.end(id)
            assert (error["code"], error["retryable"]) == ("overloaded", True)
            hints.append(error["retry_after_s"])
        # Never earlier than it makes sense, and not all in the same moment.
        assert min(hints) >= 2.5
        assert max(hints) <= 3.75
        assert len(set(hints)) > 10


async def test_an_answer_does_not_wait_for_a_client_that_takes_nothing(site: Site) -> None:
    n_pieces = 2500
    says = [["say", "x"] for _ in range(n_pieces)]
    async with scene(site.url) as raw:
        steps = [["wait", "gone"], *says, ["wait", "said"]]
        await raw.request(1, "dialogue", {"steps": steps})
        await raw.until(lambda m: m["type"] == "accepted")
        await raw.cut()
    site.talk.gate("gone").set()
    async with asyncio.timeout(60):
        while site.talk.n_arrived_at("said") == 0:  # noqa: ASYNC110 - one turn of the loop
            await asyncio.sleep(0)
    site.talk.gate("said").set()
    resume = {"session": raw.welcome["session"], "secret": raw.welcome["secret"], "received": raw.received}
    async with scene(site.url, greet=False) as again:
        again.received = raw.received
        await again.hello(resume=resume)
        end = await again.end(1)
        assert end["result"] == {"text": "x" * n_pieces}
        assert [message["offset"] for message in again.of(1, "text")] == list(range(n_pieces))


async def test_skip_leaves_the_rest_of_an_asset_out(site: Site) -> None:
    async with scene(site.url, receive={"window_bytes": 0}) as raw:
        await raw.request(1, "mesh", {"steps": [["asset", 5000]]})
        header = await raw.until(lambda m: m["type"] == "asset")
        await raw.send({"type": "skip", "asset": header["asset"]})
        assert (await raw.end(1))["type"] == "done"
        assert not [m for m in raw.messages if m["type"] == "chunk"]


async def test_ping_is_answered_with_the_same_number(site: Site) -> None:
    async with scene(site.url) as raw:
        await raw.send({"type": "ping", "t": 12.5})
        pong = await raw.until(lambda m: m["type"] == "pong")
        assert pong["t"] == 12.5
        assert "seq" not in pong


async def test_forget_and_heard_reach_the_memory_under_the_players_name(site: Site) -> None:
    async with scene(site.url, client={"device": "ann"}) as raw:
        await raw.send({"type": "heard", "id": 4, "characters": 11})
        await raw.send({"type": "forget", "scope": "player"})
        forgotten = await raw.until(lambda m: m["type"] == "forgotten")
        assert (forgotten["scope"], forgotten["items"]) == ("player", 3)
        assert site.memory.heard_calls == [("device/ann", 4, 11)]


async def test_an_acknowledgement_of_what_was_not_sent_is_a_bad_message(site: Site) -> None:
    async with scene(site.url) as raw:
        await raw.send({"type": "ack", "received": 50})
        error = await raw.until(lambda m: m["type"] == "error")
        assert (error["code"], error["field"]) == ("bad_message", "received")


async def test_the_latest_context_reaches_the_kind(site: Site) -> None:
    async with scene(site.url) as raw:
        for x in (1.0, 2.0):
            head = {"position": [x, 1.6, 0], "orientation": [0, 0, 0, 1]}
            await raw.send({"type": "context", "head": head, "focus": "anvil"})
        await raw.request(1, "dialogue", {"steps": []})
        await raw.end(1)
        seen = site.talk.askers[0].context()
        assert seen is not None
        assert seen["focus"] == "anvil"
        assert list(seen["head"]["position"]) == [2.0, 1.6, 0]
        assert site.sessions.all[0].context == Context(head=Pose(position=(2.0, 1.6, 0.0)), focus="anvil")


async def test_what_the_player_looks_at_arrives_first(site: Site) -> None:
    async with scene(site.url, receive={"window_bytes": 0, "chunk_bytes": 1000}) as raw:
        head = {"position": [0, 1.6, 0], "orientation": [0, 0, 0, 1]}
        await raw.send({"type": "context", "head": head})
        await raw.request(1, "mesh", {"steps": [["asset", 3000]]}, anchor={"position": [0, 1.6, 5]})
        await raw.request(2, "mesh", {"steps": [["asset", 3000]]}, anchor={"position": [0, 1.6, -5]})
        await raw.until(lambda m: len([h for h in raw.messages if h["type"] == "asset"]) == 2)
        await raw.send({"type": "credit", "limit": 100_000})
        assert (await raw.end(1))["type"] == "done"
        ends = [m["id"] for m in raw.messages if m["type"] == "done"]
        assert ends == [2, 1]


async def test_while_draining_new_requests_are_unavailable(site: Site) -> None:
    async with scene(site.url) as raw:
        site.dispatch.is_draining = True
        await raw.request(1, "mesh", {"steps": []})
        error = await raw.end(1)
        assert (error["code"], error["retryable"]) == ("unavailable", True)
    async with scene(site.url) as late:
        assert (await late.until(lambda m: m["type"] == "goaway"))["reconnect_after_s"] > 0


async def test_a_thousand_words_do_not_wait_for_a_large_asset(site: Site) -> None:
    async with scene(site.url, receive={"window_bytes": 4 << 20}) as raw:
        await raw.request(1, "mesh", {"steps": [["asset", 4 << 20]]})
        await raw.until(lambda m: m["type"] == "chunk")
        await raw.request(2, "dialogue", {"steps": [["say", "word "]] * 50})
        await raw.end(2)
        assert not raw.of(1, "done"), "the asset was still on its way"
        async with asyncio.timeout(20):
            assert (await raw.end(1))["type"] == "done"


async def test_asking_again_never_brings_the_end_before_the_last_chunk(site: Site) -> None:
    async with scene(site.url, receive={"window_bytes": 1024, "chunk_bytes": 1024}, grants=False) as raw:
        await raw.request(1, "mesh", {"steps": [["asset", 5000]]})
        await raw.until(lambda m: m["type"] == "chunk")
        await raw.request(1, "mesh", {"steps": []})
        await raw.send({"type": "ping", "t": 1})
        await raw.until(lambda m: m["type"] == "pong")
        assert not raw.of(1, "done")
        await raw.send({"type": "credit", "limit": 10_000})
        assert (await raw.end(1))["type"] == "done"
        await raw.send({"type": "ping", "t": 2})
        await raw.until(lambda m: m["type"] == "pong" and m["t"] == 2)
        assert len(raw.of(1, "done")) == 1


async def test_a_mistake_in_a_check_ends_one_request_and_not_the_connection(site: Site) -> None:
    async with scene(site.url) as raw:
        site.make.is_broken = True
        await raw.request(1, "mesh", {"steps": []})
        error = await raw.end(1)
        assert (error["code"], error["retryable"]) == ("internal", True)
        site.make.is_broken = False
        await raw.request(2, "mesh", {"steps": []})
        assert (await raw.end(2))["type"] == "done"


async def test_who_asks_to_be_forgotten_is_told_if_that_failed(site: Site) -> None:
    async with scene(site.url) as raw:
        site.memory.is_broken = True
        await raw.send({"type": "forget", "scope": "player"})
        error = await raw.until(lambda m: m["type"] == "error")
        assert (error["code"], error["retryable"], error.get("id")) == ("internal", True, None)
        assert error["field"] == "scope"


async def test_a_request_that_is_refused_takes_no_others_slot(site: Site) -> None:
    async with scene(site.url) as raw:
        await raw.request(1, "mesh", {"steps": [["wait", "go"]]}, slot="wall")
        await raw.until(lambda m: m["type"] == "accepted")
        site.make.is_overloaded = True
        await raw.request(2, "mesh", {"steps": []}, slot="wall")
        assert (await raw.end(2))["code"] == "overloaded"
        site.make.gate("go").set()
        assert (await raw.end(1))["type"] == "done"


async def test_the_newer_request_of_a_slot_needs_no_room_beside_the_older(open_site: OpenSite) -> None:
    async with open_site(max_open_requests=1) as site, scene(site.url) as raw:
        await raw.request(1, "mesh", {"steps": [["wait", "never"]]}, slot="wall")
        await raw.request(2, "mesh", {"steps": []}, slot="wall")
        assert (await raw.end(1))["code"] == "superseded"
        assert (await raw.end(2))["type"] == "done"


async def test_results_that_nobody_acknowledges_are_bounded(open_site: OpenSite) -> None:
    async with open_site(max_kept_mb=0) as site, scene(site.url, acknowledges=False) as raw:
        await raw.request(1, "mesh", {"steps": [["asset", 100]]})
        await raw.end(1)
        await raw.request(2, "mesh", {"steps": []})
        error = await raw.end(2)
        assert error["code"] == "rate_limited"
        assert "ack" in error["message"]
        await raw.send({"type": "ack", "received": raw.received})
        await raw.request(3, "mesh", {"steps": []})
        assert (await raw.end(3))["type"] == "done"


async def test_the_last_context_of_a_burst_decides_what_is_looked_at(open_site: OpenSite) -> None:
    async with (
        open_site() as site,
        scene(site.url, receive={"window_bytes": 0, "chunk_bytes": 1000}) as raw,
    ):
        for place in (5, -5):
            await raw.request(
                6 + place, "mesh", {"steps": [["asset", 3000]]}, anchor={"position": [0, 1.6, place]}
            )
        await raw.until(lambda m: len([h for h in raw.messages if h["type"] == "asset"]) == 2)
        for half in ([0, 0, 0, 1], [0, 1, 0, 0], [0, 0, 0, 1]):
            await raw.send({"type": "context", "head": {"position": [0, 1.6, 0], "orientation": half}})
        await raw.send({"type": "credit", "limit": 100_000})
        await raw.end(11)
        assert [m["id"] for m in raw.messages if m["type"] == "done"] == [1, 11]
