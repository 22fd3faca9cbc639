"""The socket of the Unity client's web builds in a real browser, against the real server."""

import hashlib
import json
import re
import subprocess
import sys
from pathlib import Path
from typing import Any, Final
from urllib.parse import quote

import msgpack
import pytest

from tests.engine_clients.browser import run_address, serving_files
from tests.engine_clients.unity.compiler import PACKAGE
from tests.integration.serving import PATIENT, serving

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("browser"), pytest.mark.timeout(200)]

PLUGIN: Final = PACKAGE / "Runtime" / "Plugins" / "WebGL" / "VRBridgeSocket.jslib"
SOCKET: Final = PACKAGE / "Runtime" / "Core" / "Sockets" / "BrowserSocket.cs"
_PAGE: Final = Path(__file__).parent / "unity" / "web"
_NOWHERE: Final = "ws://127.0.0.1:9/ws"
_EXPECTED: Final = re.compile(r"WebSocket connection to '(ws://127\.0\.0\.1:9|nonsense)")


def _find(path: str) -> Path | bytes:
    if path == "/VRBridgeSocket.jslib":
        return PLUGIN.read_bytes()
    return _PAGE / (path.removeprefix("/") or "index.html")


def _hello(token: str) -> dict[str, Any]:
    receive = {"chunk_bytes": 4096, "window_bytes": 1 << 20, "mesh_formats": ["arrays"]}
    client = {"name": "page", "version": "1", "engine": "unity", "device": "tests"}
    return {"type": "hello", "version": 1, "token": token, "client": client, "receive": receive}


@pytest.fixture(scope="module")
def told(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    """What the page tells of its doings."""
    data = tmp_path_factory.mktemp("unity_web")
    command = [sys.executable, "-m", "vrbridge", "token", "create", "--data", str(data), "--player", "ann"]
    token = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    params = {"prompt": "a wooden barrel", "seed": 5, "lods": 1, "collider": False}
    request = {"type": "request", "id": 1, "kind": "mesh", "params": params}
    with serving_files(_find) as origin:
        settings = {"VRBRIDGE_SERVER__AUTHENTICATION": "true", "VRBRIDGE_SERVER__ORIGINS": origin}
        with serving(data, **PATIENT, **settings) as server:
            config = {
                "server": server.url,
                "nowhere": _NOWHERE,
                "hello": msgpack.packb(_hello(token)).hex(),
                "forged": msgpack.packb(_hello("forged")).hex(),
                "request": msgpack.packb(request).hex(),
                "last": msgpack.packb("total_ms").hex(),
            }
            address = f"{origin}/?config={quote(json.dumps(config))}"
            run = run_address(address, pictures=data, timeout_s=120)
    said = [text for _, text in run.lines if not text.startswith("TOLD ") and not _EXPECTED.search(text)]
    assert (run.exit_code, said, list(run.faults)) == (0, [], [])
    return {name: value for part in run.tagged("TOLD") for name, value in part.items()}


def test_what_is_no_address_is_no_socket(told: dict[str, Any]) -> None:
    assert told["nonsense"] == 0


def test_a_prop_comes_through_it_whole_and_in_order(told: dict[str, Any]) -> None:
    messages = [msgpack.unpackb(bytes.fromhex(digits)) for digits in told["talk"]["messages"]]
    assert (told["talk"]["greeted"], messages[0]["type"], messages[-1]["type"]) == (1, "welcome", "done")
    (asset,) = [message for message in messages if message["type"] == "asset"]
    chunks = [message for message in messages if message["type"] == "chunk"]
    data = b"".join(chunk["data"] for chunk in chunks)
    assert [chunk["offset"] for chunk in chunks] == [
        sum(len(other["data"]) for other in chunks[:place]) for place in range(len(chunks))
    ]
    assert len(chunks) > 1
    assert "sha256:" + hashlib.sha256(data).hexdigest() == asset["digest"]


def test_closing_is_told_from_both_sides(told: dict[str, Any]) -> None:
    assert told["talk"]["closed"] == [1000, ""]
    assert told["talk"]["unsent"] == 0
    code, reason = told["refused"]
    assert code == 4501
    assert reason
    assert told["nowhere"] == [1006, ""]
    assert told["fault"][0] == 4002, "pages may not close with 1002 itself"


def test_whoever_sends_beyond_all_credit_is_cut_off(told: dict[str, Any]) -> None:
    assert told["flooded"] == [1006, ""]


def test_nothing_is_left_of_sockets_that_are_let_go(told: dict[str, Any]) -> None:
    assert told["left"] == 0


def test_the_plugin_has_what_the_build_calls() -> None:
    """And nothing else: names that don't fit are found only when a web build is linked."""
    called = re.findall(r"static extern \w+ (\w+)\(([^)]*)\)", SOCKET.read_text())
    offered = re.findall(r"^  (VRBridgeSocket\w+): function \(([^)]*)\)", PLUGIN.read_text(), re.MULTILINE)
    assert {name: parameters.count(",") for name, parameters in called} == {
        name: parameters.count(",") for name, parameters in offered
    }
    assert {f"{name}__deps" for name, _ in offered} == set(re.findall(r"\w+__deps", PLUGIN.read_text()))
