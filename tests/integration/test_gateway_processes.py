"""Servers behind one address that are killed, hang, or are told to stop, each a process of its own."""

import asyncio
import os
import secrets
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import ExitStack
from pathlib import Path

import pytest

from tests.chaos.waiting import until
from tests.integration.gateways import (
    NAMES,
    check_whole,
    heard,
    home,
    port,
    send,
    two_processes,
    until_restarted,
)
from tests.integration.proxies import proxy
from tests.integration.serving import PATIENT, Serving, serving
from vrbridge.client import Client, Restarted, SessionLost, TextPiece

pytestmark = [pytest.mark.engine, pytest.mark.timeout(400)]

_WITHIN_S = 100.0
_SOON_S = 30.0
"""Until another server has given a player a new session; a quarter of a second where nothing else runs."""


@pytest.mark.parametrize("kind", ["nginx", "haproxy"])
async def test_a_server_that_is_killed_takes_nothing_of_another_along(tmp_path: Path, kind: str) -> None:
    async with (
        two_processes(tmp_path) as servers,
        proxy(kind, tmp_path / "proxy", [port(servers[name]) for name in NAMES]) as front,
        Client.connect(front.url, device="one") as one,
        Client.connect(front.url, device="two") as two,
    ):
        lost, kept = (one, two) if home(one) == "a" else (two, one)
        assert (home(lost), home(kept)) == NAMES
        session = kept.session
        other = asyncio.create_task(heard(kept, 60))
        once = lost.request("texture", {"prompt": "moss"}, resend=False)
        again = lost.request("texture", {"prompt": "moss"})
        answer = lost.dialogue("smith", "Hello?", max_tokens=30)
        assert isinstance(await anext(answer), TextPiece)
        send(servers["a"], signal.SIGKILL)
        killed_s = time.monotonic()
        before = [event async for event in until_restarted(answer)]
        assert time.monotonic() < killed_s + _SOON_S
        assert all(isinstance(event, TextPiece) for event in before)
        assert home(lost) == "b"
        check_whole([event async for event in answer])
        with pytest.raises(SessionLost):
            await once.done()
        # It was asked for anew, and runs at the other server.
        assert [event async for event in until_restarted(again)]
        again.cancel()
        undisturbed = await other
        check_whole(undisturbed)
        assert Restarted() not in undisturbed
        assert (kept.session, kept.n_connections) == (session, 1)
        async with Client.connect(front.url, device="three") as three, Client.connect(front.url) as four:
            assert {home(three), home(four)} == {"b"}


async def test_haproxy_passes_over_a_server_that_hangs(tmp_path: Path) -> None:
    async with (
        two_processes(tmp_path) as servers,
        proxy("haproxy", tmp_path / "proxy", [port(servers[name]) for name in NAMES]) as front,
        Client.connect(front.url, device="one", heartbeat_s=0.5) as one,
        Client.connect(front.url, device="two", heartbeat_s=0.5) as two,
    ):
        hung = one if home(one) == "a" else two
        send(servers["a"], signal.SIGSTOP)
        try:
            events = await asyncio.wait_for(heard(hung, 5), _WITHIN_S)
            assert Restarted() in events
            assert home(hung) == "b"
        finally:
            send(servers["a"], signal.SIGCONT)


@pytest.fixture
def real(tmp_path: Path) -> Iterator[tuple[dict[str, Serving], str]]:
    """Two servers with real models and a key in common, and a token that was made elsewhere."""
    key = tmp_path / "key"
    key.write_text(secrets.token_hex(32))
    shared = {
        "VRBRIDGE_SERVER__TOKEN_KEY_FILE": str(key),
        "VRBRIDGE_SERVER__AUTHENTICATION": "true",
        # What a busy machine needs for an answer.
        "VRBRIDGE_SERVER__DRAIN_S": "300",
    }
    command = [sys.executable, "-m", "vrbridge", "token", "create", "--player", "ann"]
    made = subprocess.run(command, check=True, capture_output=True, text=True, env=os.environ | shared)
    with ExitStack() as stack:
        servers = {}
        for name in NAMES:
            (tmp_path / name).mkdir()
            settings = PATIENT | shared | {"VRBRIDGE_SERVER__NAME": name}
            servers[name] = stack.enter_context(serving(tmp_path / name, **settings))
        yield servers, made.stdout.strip()


@pytest.mark.models
async def test_real_servers_hand_over_their_players(
    tmp_path: Path, real: tuple[dict[str, Serving], str]
) -> None:
    servers, token = real
    doors = [port(servers[name]) for name in NAMES]
    async with (
        proxy("nginx", tmp_path / "proxy", doors) as front,
        Client.connect(front.url, token=token) as one,
        Client.connect(front.url, token=token) as two,
    ):
        moved = one if home(one) == "a" else two
        assert {home(one), home(two)} == set(NAMES)
        answer = moved.dialogue("blacksmith", "What are you working on?")
        events = [await anext(answer)]
        servers["a"].process.send_signal(signal.SIGTERM)
        events += [event async for event in answer]
        check_whole(events)
        assert Restarted() not in events
        await until(lambda: home(moved) == "b", within_s=_WITHIN_S)
        await until(lambda: servers["a"].process.poll() is not None, within_s=_WITHIN_S)
        assert servers["a"].process.returncode == 0
        material = await moved.texture("mossy stone wall", size_px=64)
        assert material.maps
