"""Several servers behind one address: nginx and HAProxy, set up as the examples in `assets/gateways/` say."""

import asyncio
import hashlib
import ssl
import time
from collections import Counter
from collections.abc import Mapping
from contextlib import AsyncExitStack
from datetime import UTC, datetime
from pathlib import Path
from random import Random

import httpx
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Origin

from tests.chaos.player import Player, play_on
from tests.chaos.waiting import until
from tests.integration.cutting_relay import Cut
from tests.integration.gateways import (
    NAMES,
    at_home,
    check,
    home,
    joined,
    ports,
    two_sites,
)
from tests.integration.proxies import Pem, proxy
from tests.integration.recorded_scene import check_runs, play
from tests.server.conftest import Site, open_site_in
from vrbridge.client import Asset
from vrbridge.server.certificate import own_certificate
from vrbridge.server.port import SUBPROTOCOL

pytestmark = [pytest.mark.engine, pytest.mark.timeout(400)]

both = pytest.mark.parametrize("kind", ["nginx", "haproxy"])
_WITHIN_S = 100.0
_N_RESTARTS = 5
# Apart by what no other length of the scene divides by.
_CUT_EVERY_BYTES = 131
_AT_ONCE = 8


@both
async def test_new_sessions_go_where_the_fewest_are(tmp_path: Path, kind: str) -> None:
    async with (
        two_sites(tmp_path) as sites,
        proxy(kind, tmp_path / "proxy", ports(sites)) as front,
        joined(front, 10) as players,
    ):
        assert Counter(home(one.client) for one in players) == {"a": 5, "b": 5}
        for name, site in sites.items():
            sessions = {session.id for session in site.sessions.all}
            assert sessions == {one.client.session for one in at_home(players)[name]}


@both
async def test_a_connection_cut_anywhere_comes_back_to_its_own_server(tmp_path: Path, kind: str) -> None:
    """Plays a scene of 62 messages again and again, each time cut elsewhere, and once more in the resume."""
    plans = [
        (Cut("down", n_bytes), Cut("down", n_bytes // 8)) for n_bytes in range(0, 6000, _CUT_EVERY_BYTES)
    ]
    plans += [(Cut("up", n_bytes), Cut("up", n_bytes // 3)) for n_bytes in range(0, 2000, _CUT_EVERY_BYTES)]
    async with two_sites(tmp_path) as sites, proxy(kind, tmp_path / "proxy", ports(sites)) as front:
        undisturbed = await play(front.port)
        turns = asyncio.Semaphore(_AT_ONCE)

        async def play_one(plan: tuple[Cut, ...]) -> None:
            async with turns:
                # A resume that reached another server would not go on: the transcript refuses that.
                played.append(await play(front.port, plan))

        played = [undisturbed]
        await asyncio.gather(*(play_one(plan) for plan in plans))
        for scene in played:
            assert scene.transcript.events == undisturbed.transcript.events
        check_runs(list(sites.values()), played)
        assert sum(scene.n_cut for scene in played) > len(plans)
        homes = Counter(scene.session.partition("-")[0] for scene in played)
        assert min(homes["a"], homes["b"]) > len(plans) // 4, "both servers were cut off"


@both
async def test_a_proxy_that_is_started_anew_is_not_noticed(tmp_path: Path, kind: str) -> None:
    ends = asyncio.Event()
    n_cut_off = 0
    async with (
        two_sites(tmp_path) as sites,
        proxy(kind, tmp_path / "proxy", ports(sites)) as front,
        joined(front, 4, chunk_bytes=1024, window_bytes=4096) as players,
    ):
        sessions = [one.client.session for one in players]
        playing = [
            asyncio.create_task(play_on(one, Random(number), ends=ends, max_asset_bytes=1 << 20))
            for number, one in enumerate(players)
        ]
        for number in range(1, _N_RESTARTS + 1):
            await more_is_done(players)
            await front.stop()
            n_cut_off += pending_bytes(sites) > 0
            assert await front.start(), front.said()
            await all_are_back(players, number)
        ends.set()
        await asyncio.gather(*playing)
        check(players)
        assert [one.client.session for one in players] == sessions
        assert n_cut_off > 0, "an asset was on its way"


async def more_is_done(players: list[Player]) -> None:
    def n_done() -> int:
        return sum(one.tally.n_done for one in players)

    before = n_done()
    await until(lambda: n_done() > before, within_s=_WITHIN_S)


async def all_are_back(players: list[Player], n_times: int) -> None:
    what = f"return {n_times} of everybody"
    await until(
        lambda: all(one.witness.n_resumed >= n_times for one in players), within_s=_WITHIN_S, what=what
    )


def pending_bytes(sites: Mapping[str, Site]) -> int:
    """Return how many bytes of assets wait to be sent."""
    return sum(session.outbox.pending_bytes for site in sites.values() for session in site.sessions.all)


@both
async def test_a_server_that_drains_finishes_and_leaves_its_players_to_another(
    tmp_path: Path, kind: str
) -> None:
    steps = [("say", "One "), ("wait", "go"), ("say", "two."), ("asset", 30_000)]
    async with AsyncExitStack() as first, open_site_in(tmp_path, server={"name": "b"}) as later:
        site = await first.enter_async_context(open_site_in(tmp_path, server={"name": "a", "drain_s": 600.0}))
        async with (
            proxy(kind, tmp_path / "proxy", [site.listener.port, later.listener.port]) as front,
            joined(front, 6) as players,
        ):
            idle, *busy = at_home(players)["a"]
            asking = [asyncio.create_task(one.ask("dialogue", steps)) for one in busy]
            await until(lambda: site.talk.n_arrived_at("go") == len(busy) == 2)
            draining = asyncio.create_task(site.listener.drain())
            await until(lambda: home(idle.client) == "b", what="the move of who waits for nothing")
            assert await idle.ask("dialogue", [("say", "Here.")])
            async with joined(front, 6) as newcomers:
                assert {home(one.client) for one in newcomers} == {"b"}
            await busy[0].client.drop_connection()
            await until(lambda: busy[0].witness.n_resumed > 0)
            assert {home(one.client) for one in busy} == {"a"}, "what runs is finished where it runs"
            assert not draining.done()
            site.talk.gate("go").set()
            assert all(await asyncio.gather(*asking))
            await draining
            await first.aclose()
            await until(lambda: {home(one.client) for one in players} == {"b"}, what="the move of all")
            for one in players:
                assert await one.ask("mesh", [("asset", 5000)])
            check(players)
            # One made and repeated nothing: each request ran once.
            assert (site.talk.n_runs, later.talk.n_runs, later.make.n_runs) == (2, 1, 6)


@both
async def test_tokens_and_assets_are_good_at_every_server(tmp_path: Path, kind: str) -> None:
    async with (
        two_sites(tmp_path, authentication=True) as sites,
        proxy(kind, tmp_path / "proxy", ports(sites)) as front,
        httpx.AsyncClient(trust_env=False) as http,
    ):
        token = sites["a"].tokens.create("ann", ttl_s=600, now=time.time())
        headers = {"Authorization": f"Bearer {token}"}
        async with joined(front, 2, token=token) as players:
            assert {home(one.client) for one in players} == set(NAMES)
            for number, one in enumerate(players):
                ticket = one.client.request("mesh", {"steps": [["asset", 200_000 + number]]})
                (made,) = [event async for event in ticket if isinstance(event, Asset)]
                url = f"{front.http_url}/assets/{made.digest}"
                for _ in range(6):
                    got = await http.get(url, headers=headers)
                    assert (got.status_code, got.content) == (200, made.data)
                part = await http.get(url, headers=headers | {"Range": "bytes=199000-"})
                assert (part.status_code, part.content) == (206, made.data[199_000:])
                assert (await http.get(url)).status_code == 401
        missing = f"{front.http_url}/assets/sha256:{hashlib.sha256().hexdigest()}"
        assert (await http.get(missing, headers=headers)).status_code == 404
        assert (await http.get(f"{front.http_url}/metrics")).status_code == 404
        assert (await http.get(f"{front.http_url}/")).text == (await http.get(sites["a"].http_url)).text


@both
async def test_nobody_keeps_newcomers_out_by_asking_for_what_fails(tmp_path: Path, kind: str) -> None:
    requests = [
        b"POST /ws HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\nContent-Length: 5\r\n\r\nhello",
        b"GET /\xff HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n",
    ]
    async with (
        two_sites(tmp_path) as sites,
        proxy(kind, tmp_path / "proxy", ports(sites)) as front,
        httpx.AsyncClient(trust_env=False, timeout=_WITHIN_S) as http,
    ):
        for site in sites.values():
            site.assets.are_away = True
        missing = f"{front.http_url}/assets/sha256:{hashlib.sha256().hexdigest()}"
        for _ in range(2 * len(NAMES)):
            assert {await status_of(front.port, request) for request in requests} == {400}
            assert (await http.get(missing)).status_code == 503
        async with joined(front, 2) as players:
            assert {home(one.client) for one in players} == set(NAMES)


async def status_of(port: int, request: bytes) -> int:
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(request)
    async with asyncio.timeout(_WITHIN_S):
        line = await reader.readline()
    writer.close()
    return int(line.split()[1])


@both
async def test_what_each_server_says_of_itself_is_told_to_nobody(tmp_path: Path, kind: str) -> None:
    async with two_sites(tmp_path) as sites, proxy(kind, tmp_path / "proxy", ports(sites)) as front:
        for path in ("/metrics", "/readyz", "/%6detrics", "/read%79z?x=1", "//a/metrics", "//readyz"):
            request = f"GET {path} HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n"
            assert await status_of(front.port, request.encode()) == 404, path


async def test_haproxy_finds_an_asset_at_each_of_five_servers(tmp_path: Path) -> None:
    async with AsyncExitStack() as stack:
        sites = [
            await stack.enter_async_context(open_site_in(tmp_path, server={"name": name})) for name in "abcde"
        ]
        digests = [f"sha256:{number:064x}" for number in range(len(sites))]
        for site, digest in zip(sites, digests, strict=True):
            site.assets.kept[digest] = ("image/png", site.listener.url.encode())
        front = await stack.enter_async_context(
            proxy("haproxy", tmp_path / "proxy", [site.listener.port for site in sites])
        )
        http = await stack.enter_async_context(httpx.AsyncClient(trust_env=False, timeout=_WITHIN_S))
        for digest, site in zip(digests * 8, sites * 8, strict=True):
            assert (await http.get(f"{front.http_url}/assets/{digest}")).text == site.listener.url


@both
async def test_players_come_by_tls_and_a_name_of_the_proxys_own(tmp_path: Path, kind: str) -> None:
    files = own_certificate(tmp_path, ["play.example.org"], now=datetime.now(UTC))
    together = tmp_path / "both.pem"
    together.write_bytes(files.certificate.read_bytes() + files.key.read_bytes())
    pem = Pem(files.certificate, files.key, together)
    trusted = ssl.create_default_context(cafile=str(files.certificate))
    async with (
        two_sites(tmp_path, origins=("https://play.example.org",)) as sites,
        proxy(kind, tmp_path / "proxy", ports(sites), pem) as front,
        connect(
            "wss://play.example.org/ws?session=b-1",
            host="127.0.0.1",
            port=front.tls_port,
            ssl=trusted,
            subprotocols=[SUBPROTOCOL],
            origin=Origin("https://play.example.org"),
        ) as socket,
    ):
        assert socket.subprotocol == SUBPROTOCOL
        await until(lambda: "vrbridge_connections 1.0" in sites["b"].metrics.exposition().decode())


async def test_haproxy_brings_nobody_to_a_server_that_is_not_ready_if_another_is(tmp_path: Path) -> None:
    async with two_sites(tmp_path) as sites, proxy("haproxy", tmp_path / "proxy", ports(sites)) as front:
        sites["a"].parts["mesh"] = False
        await until(lambda: "Server newcomers/a is DOWN" in front.said())
        async with joined(front, 4) as players:
            assert {home(one.client) for one in players} == {"b"}
        sites["b"].parts["mesh"] = False
        await until(lambda: "'newcomers' has no server available" in front.said())
        async with joined(front, 4) as players:
            assert {home(one.client) for one in players} == set(NAMES)
            sessions = [one.client.session for one in players]
            for one in players:
                await one.client.drop_connection()
            await until(lambda: all(one.witness.n_resumed for one in players))
            assert [one.client.session for one in players] == sessions
