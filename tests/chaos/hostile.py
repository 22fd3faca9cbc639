"""Peers that do what no good client does, beside a player who must not notice."""

import asyncio
import contextlib
import socket
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import Any

import msgpack
from websockets.asyncio.client import ClientConnection, connect

from tests.chaos.player import play_on, player
from tests.chaos.relay import relay
from tests.chaos.stage import Stage
from tests.chaos.waiting import until
from tests.integration.scene import RawScene, scene
from tests.server.conftest import Site
from vrbridge.server.port import SUBPROTOCOL
from vrbridge.server.session import Session

_SHORT = {"stall_s": 1.5, "hello_timeout_s": 0.5}
_ASSET_BYTES = 12 << 20
_HEALTHY_BYTES = 300_000
# What a TLS client says first to a port that it takes for an HTTPS server; there is no end of line in it.
_TLS_HELLO = b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(range(1, 9)) * 60
_UPGRADE = (
    b"GET /ws HTTP/1.1\r\nHost: 127.0.0.1\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
    b"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\n"
    b"Sec-WebSocket-Protocol: vrbridge.v1\r\n\r\n"
)


@asynccontextmanager
async def undisturbed(stage: Stage, site: Site) -> AsyncIterator[None]:
    """Have a player ask all the time, on one connection and without a failure."""
    ends = asyncio.Event()
    async with player(site.url, "healthy") as one:
        playing = asyncio.create_task(
            play_on(one, stage.random, ends=ends, max_asset_bytes=_HEALTHY_BYTES), name="healthy player"
        )
        try:
            yield
        finally:
            ends.set()
            await playing
        tally = one.tally
        tally.check()
        assert tally.n_connections == 1, "the player had to reconnect"
        stage.figures["healthy_requests"] = int(stage.figures.get("healthy_requests", 0)) + tally.n_done


async def never_reads(stage: Stage) -> None:
    """A peer takes nothing while we stream: aborted after `stall_s`, and it can resume."""
    async with stage.site(short=_SHORT) as site, undisturbed(stage, site), _greeted(site) as deaf:
        session = _session(site, deaf.welcome)
        deaf.socket.transport.pause_reading()
        await deaf.ask(_ASSET_BYTES)
        stage.figures["aborted_after_s"] = await until(lambda: session.connection is None, what="the abort")
        await _resumes(site, deaf.welcome)


async def reads_one_byte_a_second(stage: Stage) -> None:
    """A peer that takes next to nothing is no better than one that takes nothing."""
    async with (
        stage.site(short=_SHORT) as site,
        undisturbed(stage, site),
        relay(site.listener.port) as between,
        scene(between.url, receive={"window_bytes": 1 << 30}) as slow,
    ):
        session = _session(site, slow.welcome)
        between.down.bytes_per_s = 1.0
        await slow.request(1, "mesh", {"steps": [["asset", _ASSET_BYTES]]})
        stage.figures["aborted_after_s"] = await until(lambda: session.connection is None, what="the abort")
        between.cut()
        await slow.closed()
        between.heal()
        await _resumes(site, slow.welcome, before=slow)


async def half_open(stage: Stage) -> None:
    """The network swallows a connection without a word: both sides notice, and the player resumes."""
    async with (
        stage.site(short=_SHORT) as site,
        undisturbed(stage, site),
        relay(site.listener.port) as between,
        player(between.url, "stranded") as stranded,
    ):
        session = next(one for one in site.sessions.all if one.id == stranded.client.session)
        asked = asyncio.create_task(stranded.ask("mesh", [("wait", "stranded"), ("asset", 2 << 20)]))
        await until(lambda: site.make.n_arrived_at("stranded"))
        between.strand()
        site.make.gate("stranded").set()
        stage.figures["aborted_after_s"] = await until(lambda: session.connection is None, what="the abort")
        if stage.is_short:
            between.cut(is_reset=True)
        resumed_s = await until(lambda: session.connection is not None, within_s=90, what="the resume")
        stage.figures["resumed_after_s"] = resumed_s
        assert await asked
        tally = stranded.tally
        tally.check()
        assert (tally.n_resumed, tally.n_restarted) == (1, 0)


async def half_open_and_idle(stage: Stage) -> None:
    """Nothing is on its way, so only the keepalive can tell that the connection is dead."""
    async with (
        stage.site() as site,
        relay(site.listener.port) as between,
        player(between.url, "stranded") as stranded,
    ):
        session = site.sessions.all[0]
        between.strand()
        lost_s = await until(lambda: session.connection is None, within_s=60, what="the server's notice")
        stage.figures["noticed_after_s"] = lost_s
        await until(lambda: session.connection is not None, within_s=60, what="the resume")
        assert await stranded.ask("dialogue", [("say", "again")])
        stranded.tally.check()


async def slow_handshakes(stage: Stage) -> None:
    """An upgrade byte by byte, TLS on a plain port, silence, and an upgrade without `hello`: all end."""
    async with stage.site(short=_SHORT) as site, undisturbed(stage, site):
        limit_s = stage.pick(5.0, short=0.5)
        async with asyncio.TaskGroup() as tasks:
            tasks.create_task(_trickle(site, pause_s=limit_s / 10))
            tasks.create_task(_ends_after(site, _TLS_HELLO))
            tasks.create_task(_ends_after(site, b""))
            tasks.create_task(_ends_after(site, _UPGRADE[:-2]))
            silent = tasks.create_task(_no_hello(site))
        assert silent.result() == 4408


async def crowd_of_slow_handshakes(stage: Stage) -> None:
    """More half-open doors than the server has room for: who greets at once comes in nevertheless."""
    n_slow = stage.pick(3000, short=150)
    async with stage.site(short={"max_connections": 50}, hello_timeout_s=60.0) as site:
        loiterers = [_Loiterer(site) for _ in range(n_slow)]
        try:
            async with undisturbed(stage, site):
                for number, loiterer in enumerate(loiterers):
                    # A third says nothing, a third half a request, a third no hello.
                    await loiterer.come((b"", _UPGRADE[:40], _UPGRADE)[number % 3])
                    if number % (n_slow // 10) == 0:
                        async with scene(site.url) as healthy:
                            await healthy.request(1, "dialogue", {"steps": [["say", "hello"]]})
                            assert (await healthy.end(1))["type"] == "done"
            n_room = site.dispatch.limits.max_connections
            await until(lambda: _n_open(loiterers) <= n_room, what="the bound on what has not greeted")
            stage.figures |= {"slow_peers": n_slow, "kept_open": _n_open(loiterers)}
        finally:
            for loiterer in loiterers:
                loiterer.leave()


async def stop_with_slow_peers(stage: Stage) -> None:
    """Peers that hold a door open or read nothing do not keep the server from stopping."""
    loop = asyncio.get_running_loop()
    async with contextlib.AsyncExitStack() as peers:
        async with stage.site() as site:
            loiterers = [_Loiterer(site) for _ in range(10)]
            for number, loiterer in enumerate(loiterers):
                peers.callback(loiterer.leave)
                await loiterer.come((b"", _UPGRADE[:40])[number % 2])
            deaf = await peers.enter_async_context(_greeted(site))
            deaf.socket.transport.pause_reading()
            await deaf.ask(_ASSET_BYTES)
            await until(lambda: site.make.n_runs)
            started = loop.time()
        stopped_s = loop.time() - started
    stage.figures["stopped_after_s"] = stopped_s
    # A handshake may take 30 s, a keepalive 40: neither was waited for.
    assert stopped_s < 15


class _Deaf:
    def __init__(self, socket: ClientConnection, welcome: dict[str, Any]) -> None:
        self.socket = socket
        self.welcome = welcome

    async def ask(self, n_bytes: int) -> None:
        request = {"type": "request", "id": 1, "kind": "mesh", "params": {"steps": [["asset", n_bytes]]}}
        await self.socket.send(msgpack.packb(request))


@asynccontextmanager
async def _greeted(site: Site) -> AsyncIterator[_Deaf]:
    """Hand out a connection with all the credit that it may need."""
    socket = await connect(site.url, subprotocols=[SUBPROTOCOL], compression=None)
    try:
        hello = {"type": "hello", "version": 1, "client": {"name": "deaf"}}
        await socket.send(msgpack.packb(hello | {"receive": {"window_bytes": 1 << 30}}))
        yield _Deaf(socket, msgpack.unpackb(await socket.recv()))
    finally:
        socket.transport.abort()
        await socket.wait_closed()


async def _resumes(site: Site, welcome: dict[str, Any], *, before: RawScene | None = None) -> None:
    """Come back, and get whatever has not come before."""
    async with scene(site.url, greet=False) as again:
        assets = []
        if before is not None:
            again.received, again.bodies = before.received, before.bodies
            again.messages = list(before.messages)
            assets = [{"asset": number, "offset": len(body)} for number, body in before.bodies.items()]
        known = {"session": welcome["session"], "secret": welcome["secret"], "received": again.received}
        again.messages = [message for message in again.messages if message["type"] != "welcome"]
        await again.hello(resume=known | {"assets": assets})
        assert again.welcome["resumed"] is True
        assert (await again.end(1))["type"] == "done"
        assert len(again.body("lod0", 1)) == _ASSET_BYTES


def _n_open(loiterers: Sequence["_Loiterer"]) -> int:
    return sum(loiterer.is_open for loiterer in loiterers)


def _session(site: Site, welcome: dict[str, Any]) -> Session:
    return next(one for one in site.sessions.all if one.id == welcome["session"])


async def _trickle(site: Site, *, pause_s: float) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.listener.port)
    ended = asyncio.create_task(_rest(reader))
    try:
        for byte in _UPGRADE:
            if ended.done():
                break
            writer.write(bytes([byte]))
            await asyncio.wait({ended}, timeout=pause_s)
        assert ended.done(), "the server has waited for every byte"
        answer = await ended
        assert b"101" not in answer
    finally:
        ended.cancel()
        writer.transport.abort()


async def _ends_after(site: Site, first: bytes) -> None:
    reader, writer = await asyncio.open_connection("127.0.0.1", site.listener.port)
    try:
        writer.write(first)
        answer = await asyncio.wait_for(_rest(reader), 25)
        assert b"101" not in answer
    finally:
        writer.transport.abort()


async def _rest(reader: asyncio.StreamReader) -> bytes:
    with contextlib.suppress(ConnectionResetError):
        return await reader.read(1 << 16)
    return b""


async def _no_hello(site: Site) -> int | None:
    async with scene(site.url, greet=False) as silent:
        return await silent.closed()


class _Loiterer:
    """A plain socket that says something and then waits."""

    def __init__(self, site: Site) -> None:
        self._port = site.listener.port
        self._socket = socket.socket()
        self._socket.setblocking(False)

    async def come(self, first: bytes) -> None:
        loop = asyncio.get_running_loop()
        await loop.sock_connect(self._socket, ("127.0.0.1", self._port))
        if first:
            await loop.sock_sendall(self._socket, first)

    @property
    def is_open(self) -> bool:
        """Whether the server has not ended it yet."""
        try:
            while self._socket.recv(4096):
                pass
        except BlockingIOError:
            return True
        except OSError:
            return False
        return False

    def leave(self) -> None:
        self._socket.close()
