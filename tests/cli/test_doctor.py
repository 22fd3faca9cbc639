"""What is missing, and how to get it."""

import http.server
import socket
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from tests.cli.command import Command
from vrbridge.cli.doctor import examine
from vrbridge.cli.finding import Finding
from vrbridge.errors import SettingsError
from vrbridge.generators.device_choice import DeviceFacts
from vrbridge.settings import Settings, load

CPU = DeviceFacts(name="cpu", dtype="float32")
CARDS = tuple(
    DeviceFacts(name=f"cuda:{i}", model="Fake 4000", memory_bytes=12 * 10**9, dtype="bfloat16")
    for i in range(2)
)


def findings(settings: Settings, devices: Sequence[DeviceFacts] = (CPU,)) -> dict[str, Finding]:
    return {finding.name: finding for finding in examine(settings, devices=lambda: devices)}


def settings(folder: Path, **sections: Mapping[str, Any]) -> Settings:
    memory: Mapping[str, Any] = {"data": str(folder / "data"), "cache": str(folder / "cache")}
    return load(environment={}, flags={"memory": memory, **sections})


@contextmanager
def endpoint(status: int) -> Iterator[str]:
    """Answer every request with one status."""

    class Handler(http.server.BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            self.send_response(status)
            self.end_headers()

        def log_message(self, format: str, *args: object) -> None:
            """Keep quiet."""

    with http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler) as listener:
        thread = threading.Thread(target=listener.serve_forever)
        thread.start()
        try:
            yield f"http://127.0.0.1:{listener.server_port}/v1"
        finally:
            listener.shutdown()
            thread.join()


def test_missing_models_are_named_with_the_command_that_brings_them(tmp_path: Path) -> None:
    found = findings(settings(tmp_path))
    for name in ("minilm-l6-v2", "smollm2-135m-instruct"):
        finding = found[f"model {name}"]
        assert not finding.is_good
        assert f"vrbridge models pull {name}" in finding.fix


def test_an_endpoint_of_ones_own_needs_no_embedded_model(tmp_path: Path) -> None:
    with endpoint(200) as url:
        found = findings(settings(tmp_path, dialogue={"url": url}))
    assert "model smollm2-135m-instruct" not in found
    assert found["language model"].is_good


def test_an_endpoint_that_refuses_or_is_down_is_said_with_what_to_do(tmp_path: Path) -> None:
    with endpoint(401) as url:
        found = findings(settings(tmp_path, dialogue={"url": url}))["language model"]
    assert not found.is_good
    assert "401" in found.detail
    assert "api_key_env" in found.fix
    gone = findings(settings(tmp_path, dialogue={"url": url}))["language model"]
    assert not gone.is_good
    assert "Start it" in gone.fix


def test_a_key_that_is_not_set_is_named(tmp_path: Path) -> None:
    dialogue = {"url": "http://127.0.0.1:1/v1", "api_key_env": "VRBRIDGE_TEST_NO_SUCH_KEY"}
    found = findings(settings(tmp_path, dialogue=dialogue))["language model"]
    assert not found.is_good
    assert "VRBRIDGE_TEST_NO_SUCH_KEY" in found.detail


def test_a_folder_that_can_not_be_made_is_found(tmp_path: Path) -> None:
    (tmp_path / "data").write_text("a file is in the way")
    found = findings(settings(tmp_path))
    assert not found["data folder"].is_good
    assert "--data" in found["data folder"].fix
    assert found["cache folder"].is_good
    assert found["conversations"].detail == "in the data folder"


def test_a_taken_port_is_a_hint_and_a_free_one_is_good(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        taken = findings(settings(tmp_path, server={"port": port}))["port"]
    assert (taken.is_good, taken.is_optional) == (False, True)
    assert findings(settings(tmp_path, server={"port": port}))["port"].is_good
    assert findings(settings(tmp_path, server={"port": 0}))["port"].is_good


def test_a_server_open_to_the_network_needs_tokens(tmp_path: Path) -> None:
    local = findings(settings(tmp_path, server={"port": 0}))["access"]
    assert "no token" in local.detail
    there = findings(settings(tmp_path, server={"port": 0, "host": "0.0.0.0"}))["access"]
    assert "vrbridge token create" in there.detail


def test_the_command_ends_in_1_if_something_is_missing_and_tells_how_to_get_it(
    command: Command, tmp_path: Path
) -> None:
    ran = command(
        "doctor", "--data", str(tmp_path), VRBRIDGE_MEMORY__CACHE=str(tmp_path), VRBRIDGE_SERVER__PORT="0"
    )
    assert ran.code == 1
    assert "✗ model smollm2-135m-instruct: not here" in ran.out
    assert "vrbridge models pull smollm2-135m-instruct" in ran.out
    assert "✓ python" in ran.out


def test_the_device_is_shown_with_its_memory_and_how_it_reckons(tmp_path: Path) -> None:
    found = findings(settings(tmp_path))["device"]
    assert (found.is_good, found.detail) == (True, "networks run on cpu in float32")
    found = findings(settings(tmp_path, gpu={"max_vram_mb": 2048}), (*CARDS, CPU))["device"]
    text = "networks run on cuda:0 (Fake 4000, 12.0 GB, 2048 MB of it for vrbridge) in bfloat16"
    assert (found.is_good, found.detail) == (True, text)


def test_a_device_that_is_not_there_is_shown_with_those_that_are(tmp_path: Path) -> None:
    found = findings(settings(tmp_path, gpu={"device": "cuda:2"}), (*CARDS, CPU))["device"]
    assert not found.is_good
    assert found.detail.endswith("it has cuda:0, cuda:1, cpu.")
    assert "gpu.device" in found.fix


def test_torch_that_does_not_load_is_a_finding(tmp_path: Path) -> None:
    def broken() -> Sequence[DeviceFacts]:
        raise SettingsError("torch can't say which devices there are.")

    found = {finding.name: finding for finding in examine(settings(tmp_path), devices=broken)}["device"]
    assert not found.is_good
