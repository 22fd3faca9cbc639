"""A server for headsets in the same network."""

import asyncio
import re
import ssl
import subprocess
import sys
from pathlib import Path

import httpx
import msgpack
import pytest
from websockets.asyncio.client import connect
from websockets.typing import Subprotocol

from tests.integration.serving import serving

_ASKED = (
    ("texture", {"prompt": "red brick wall", "size_px": 512, "seed": 1}),
    ("mesh", {"prompt": "a wooden chair", "seed": 1}),
    ("dialogue", {"npc": "blacksmith", "text": "What are you working on?"}),
)

pytestmark = [pytest.mark.models, pytest.mark.xdist_group("lan")]


async def test_a_headset_gets_in_with_the_link_that_is_shown(tmp_path: Path) -> None:
    with serving(tmp_path, "--lan") as server:
        assert re.fullmatch(r"wss://0\.0\.0\.0:\d+/ws", server.url)
        port = server.url.split(":")[2].removesuffix("/ws")
        trust = ssl.create_default_context(cafile=str(tmp_path / "lan-certificate.pem"))
        async with httpx.AsyncClient(verify=trust) as client:
            assert "vrbridge" in (await client.get(f"https://localhost:{port}/")).text
        shown = (tmp_path / "server.log").read_text()
        link = re.search(rf"https://[\w.]+:{port}/#token=(\S+)", shown)
        assert link is not None
        # A QR code of half blocks.
        assert sum(line.count("▄") + line.count("█") + line.count("▀") for line in shown.splitlines()) > 300
        for token, answer in ((link[1], "welcome"), ("forged", None)):
            address = f"wss://localhost:{port}/ws"
            async with connect(address, ssl=trust, subprotocols=[Subprotocol("vrbridge.v1")]) as scene:
                hello = {"type": "hello", "version": 1, "token": token, "client": {"name": "test"}}
                await scene.send(msgpack.packb(hello))
                if answer is None:
                    await scene.wait_closed()
                    assert scene.close_code == 4501
                else:
                    assert msgpack.unpackb(await scene.recv())["type"] == answer


def _token(data: Path) -> str:
    command = [sys.executable, "-m", "vrbridge", "token", "create", "--data", str(data), "--player", "ann"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


async def test_everything_comes_over_tls(tmp_path: Path) -> None:
    """Chunks of several assets, in turns with words, as over a plain connection."""
    with serving(tmp_path, "--lan") as server:
        trust = ssl.create_default_context(cafile=str(tmp_path / "lan-certificate.pem"))
        token = await asyncio.to_thread(_token, tmp_path)
        address = server.url.replace("0.0.0.0", "localhost")
        subprotocols = [Subprotocol("vrbridge.v1")]
        async with connect(address, ssl=trust, subprotocols=subprotocols, max_size=None) as scene:
            receive = {"window_bytes": 1 << 24}
            hello = {
                "type": "hello",
                "version": 1,
                "token": token,
                "client": {"name": "test"},
                "receive": receive,
            }
            await scene.send(msgpack.packb(hello))
            for number, (kind, params) in enumerate(_ASKED, start=1):
                await scene.send(
                    msgpack.packb({"type": "request", "id": number, "kind": kind, "params": params})
                )
            arrived: dict[int, int] = {}
            announced: dict[int, int] = {}
            ends: list[str] = []
            async with asyncio.timeout(60):
                while len(ends) < len(_ASKED):
                    message = msgpack.unpackb(await scene.recv())
                    if message["type"] == "asset":
                        announced[message["asset"]] = message["bytes"]
                    elif message["type"] == "chunk":
                        arrived[message["asset"]] = message["offset"] + len(message["data"])
                    elif message["type"] in {"done", "error"}:
                        ends.append(message["type"])
    assert ends == ["done"] * len(_ASKED)
    assert arrived == announced
    assert sum(arrived.values()) > 1 << 20


def test_an_address_of_one_s_own_does_not_go_with_it(tmp_path: Path) -> None:
    command = [
        sys.executable,
        "-m",
        "vrbridge",
        "serve",
        "--lan",
        "--host",
        "10.0.0.1",
        "--data",
        str(tmp_path),
    ]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)
    assert ran.returncode == 2
    assert "--lan" in ran.stderr
