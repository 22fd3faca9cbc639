"""A server for headsets in the same network."""

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
