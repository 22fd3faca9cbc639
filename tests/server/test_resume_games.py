"""Who tries to take over a session that is another one's, or its own from where it never was."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from typing import Any, Final

import pytest

from tests.integration.scene import Message, RawScene, scene
from tests.server.conftest import Site

MAX_INT = 2**53 - 1
N_BYTES: Final = 50_000
WINDOW: Final = {"window_bytes": 8000, "chunk_bytes": 1000}
ANN: Final = {"device": "ann"}


@asynccontextmanager
async def ann(site: Site) -> AsyncIterator[RawScene]:
    """A player in the middle of everything: an answer that goes on, half an asset, and an end that is new."""
    async with scene(site.url, client=ANN, receive=WINDOW, grants=False, acknowledges=False) as raw:
        await raw.request(1, "mesh", {"steps": []})
        await raw.end(1)
        await raw.request(2, "dialogue", {"steps": [["say", "One "], ["wait", "go"], ["say", "two."]]})
        await raw.until(lambda m: m["type"] == "text")
        await raw.request(3, "mesh", {"steps": [["asset", N_BYTES]]})
        await raw.until(lambda m: m["type"] == "chunk" and m["offset"] == 7000)
        yield raw


def resume(raw: RawScene, **changes: Any) -> Message:
    """What its owner would say."""
    (asset,) = raw.bodies
    known = {
        "session": raw.welcome["session"],
        "secret": raw.welcome["secret"],
        "received": raw.received,
        "assets": [{"asset": asset, "offset": len(raw.bodies[asset])}],
    }
    return known | changes


async def goes_on(site: Site, raw: RawScene) -> None:
    """Make sure that the session goes on where it was, and nothing of it is lost."""
    async with scene(site.url, greet=False) as again:
        again.received, again.bodies, again.messages = raw.received, raw.bodies, raw.messages.copy()
        welcome = again.messages.pop(0)
        await again.hello(client=ANN, receive=WINDOW, resume=resume(raw))
        assert (again.welcome["resumed"], again.welcome["session"]) == (True, welcome["session"])
        site.talk.gate("go").set()
        assert (await again.end(2))["result"]["text"] == "One two."
        assert [m["text"] for m in again.of(2, "text")] == ["One ", "two."]
        assert (await again.end(3))["type"] == "done"
        assert len(again.body("lod0", 3)) == N_BYTES
        await again.request(4, "mesh", {"steps": []})
        assert (await again.end(4))["type"] == "done"
        assert (site.talk.n_runs, site.make.n_runs) == (1, 3)


OTHERS: Final[dict[str, dict[str, Any]]] = {
    "empty": {"secret": ""},
    "guess": {"secret": "0" * 32},
    "long": {"secret": "0" * 256},
    "not_ascii": {"secret": "\u00e4\u4e16\U0001f469"},
    "zero": {"secret": "\0"},
    "session_as_secret": {"secret": "{session}"},
    "beginning": {"secret": "{beginning}"},
    "longer": {"secret": "{secret} "},
    "other_case": {"secret": "{swapped}"},
    "no_session": {"session": ""},
    "unknown_session": {"session": "0" * 16},
    "session_in_capitals": {"session": "{capitals}"},
    "longer_session": {"session": "{session}0"},
    "own_secret": {"secret": "{own secret}"},
    "own_session": {"session": "{own session}"},
}


@pytest.mark.parametrize(
    "where", [{}, {"received": 0}, {"received": MAX_INT}, {"assets": [{"asset": 1, "offset": MAX_INT}]}]
)
@pytest.mark.parametrize("name", OTHERS)
@pytest.mark.parametrize("is_away", [False, True], ids=["connected", "away"])
async def test_a_session_is_its_owners(site: Site, name: str, where: dict[str, Any], is_away: bool) -> None:
    async with ann(site) as raw, scene(site.url, client=ANN) as thief:
        if is_away:
            await raw.cut()
        secret, session = raw.welcome["secret"], raw.welcome["session"]
        words = {
            "{session}": session,
            "{secret} ": f"{secret} ",
            "{session}0": f"{session}0",
            "{beginning}": secret[:-1],
            "{swapped}": secret.swapcase(),
            # One without a letter would be the same in capitals.
            "{capitals}": session.upper() if session.upper() != session else f"{session}A",
            "{own secret}": thief.welcome["secret"],
            "{own session}": thief.welcome["session"],
        }
        changes = {field: words.get(value, value) for field, value in OTHERS[name].items()}
        async with scene(site.url, greet=False) as other:
            await other.hello(client=ANN, resume=resume(raw, **changes | where))
            assert other.welcome["resumed"] is False
            assert other.welcome["session"] not in (session, thief.welcome["session"])
        assert raw.close_code == (1006 if is_away else None)
        await raw.cut()
        await goes_on(site, raw)


@pytest.mark.parametrize("device", ["", "bob", "Ann", "ann ", "ann\0", "device/ann"])
async def test_the_right_secret_is_of_no_use_to_another_player(site: Site, device: str) -> None:
    async with ann(site) as raw:
        async with scene(site.url, greet=False) as other:
            await other.hello(client={"device": device}, resume=resume(raw))
            assert other.welcome["resumed"] is False
        await raw.cut()
        await goes_on(site, raw)


@pytest.mark.parametrize("n_resumes", [1, 2, 5])
async def test_old_secrets_are_worth_nothing_after_an_acknowledgement(site: Site, n_resumes: int) -> None:
    async with ann(site) as raw:
        old = []
        for _ in range(n_resumes):
            old.append(raw.welcome["secret"])
            await raw.cut()
            async with scene(site.url, greet=False, grants=False, acknowledges=False) as again:
                again.received = raw.received
                # Without credit nothing arrives that would have to be remembered here.
                await again.hello(client=ANN, receive=WINDOW | {"window_bytes": 0}, resume=resume(raw))
                assert again.welcome["resumed"] is True
                await again.send({"type": "ack", "received": raw.received})
                await again.send({"type": "ping", "t": 1})
                await again.until(lambda m: m["type"] == "pong")
                raw.welcome = again.welcome
        for secret in old:
            async with scene(site.url, greet=False) as replay:
                await replay.hello(client=ANN, resume=resume(raw, secret=secret))
                assert replay.welcome["resumed"] is False
        await goes_on(site, raw)


@pytest.mark.parametrize(
    "changes",
    [
        pytest.param({"received": 10_000}, id="received_too_high"),
        pytest.param({"received": MAX_INT}, id="received_huge"),
        pytest.param({"received": 1}, id="received_too_low"),
        pytest.param({"received": 0}, id="received_nothing"),
        pytest.param({"assets": [{"asset": 1, "offset": N_BYTES + 1}]}, id="offset_beyond_the_end"),
        pytest.param({"assets": [{"asset": 1, "offset": MAX_INT}]}, id="offset_huge"),
        pytest.param({"assets": [{"asset": 2, "offset": 0}]}, id="asset_unknown"),
        pytest.param({"assets": [{"asset": 0, "offset": 0}]}, id="asset_zero"),
        pytest.param({"assets": [{"asset": MAX_INT, "offset": 0}]}, id="asset_huge"),
        pytest.param(
            {"assets": [{"asset": 1, "offset": 0}, {"asset": 9, "offset": 0}]}, id="one_asset_of_two_unknown"
        ),
        pytest.param({"assets": [{"asset": n, "offset": 0} for n in range(300)]}, id="many_assets"),
    ],
)
async def test_who_was_never_there_is_told_that_the_session_is_lost(
    site: Site, changes: dict[str, Any]
) -> None:
    """Never a partial resume, and never one of what was acknowledged."""
    async with ann(site) as raw:
        await raw.send({"type": "ack", "received": 2})
        await raw.send({"type": "ping", "t": 1})
        await raw.until(lambda m: m["type"] == "pong")
        await raw.cut()
        async with scene(site.url, greet=False) as other:
            await other.hello(client=ANN, resume=resume(raw, **changes))
            assert other.welcome["resumed"] is False
            await other.request(1, "mesh", {"steps": [["asset", 100]]})
            assert (await other.end(1))["type"] == "done"
            assert other.messages[1]["seq"] == 1
        async with scene(site.url, greet=False) as late:
            await late.hello(client=ANN, resume=resume(raw))
            assert late.welcome["resumed"] is False
        assert site.talk.stopped == [2]


async def test_an_offset_said_twice_counts_as_the_last(site: Site) -> None:
    async with ann(site) as raw:
        await raw.cut()
        (asset,) = raw.bodies
        offset = len(raw.bodies[asset])
        async with scene(site.url, greet=False) as again:
            again.received, again.bodies, again.messages = raw.received, raw.bodies, raw.messages[1:]
            assets = [{"asset": asset, "offset": 0}, {"asset": asset, "offset": offset}]
            await again.hello(client=ANN, receive=WINDOW, resume=resume(raw, assets=assets))
            assert (await again.end(3))["type"] == "done"
            assert len(again.body("lod0", 3)) == N_BYTES
            site.talk.gate("go").set()
            await again.end(2)
