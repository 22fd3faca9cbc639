"""`vrbridge serve`, where it can't begin. That it serves is shown in tests/integration."""

import os
import signal
import socket
import subprocess
import sys
from pathlib import Path

import pytest


def test_the_server_loads_nothing_that_only_its_workers_need() -> None:
    code = (
        "import sys, vrbridge.bridge, vrbridge.cli.serve\n"
        "print({'torch', 'trimesh', 'scipy', 'skimage', 'igl', 'safetensors'} & sys.modules.keys())"
    )
    ran = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert ran.stdout.strip() == "set()"


@pytest.mark.models
@pytest.mark.xdist_group("server")
def test_a_taken_port_is_told_before_anything_is_loaded(tmp_path: Path) -> None:
    with socket.create_server(("127.0.0.1", 0)) as taken:
        port = taken.getsockname()[1]
        command = [sys.executable, "-m", "vrbridge", "serve", "--port", str(port), "--data", str(tmp_path)]
        ran = subprocess.run(command, capture_output=True, text=True, timeout=60)
    assert ran.returncode == 2
    assert ran.stdout == ""
    expected = (
        f"Can't listen on 127.0.0.1:{port}: Address already in use. Another port is free with --port 0."
    )
    assert ran.stderr.strip() == expected


@pytest.mark.models
@pytest.mark.xdist_group("server")
def test_a_device_that_is_not_there_is_told_before_anything_is_loaded(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "vrbridge", "serve", "--port", "0", "--data", str(tmp_path)]
    environment = os.environ | {"VRBRIDGE_GPU__DEVICE": "cuda:99"}
    ran = subprocess.run(command, capture_output=True, text=True, timeout=100, env=environment)
    assert ran.returncode == 2
    assert ran.stdout == ""
    (told,) = ran.stderr.splitlines()
    assert told.startswith("`gpu.device`: this machine has no 'cuda:99'; it has ")
    assert told.endswith("cpu.")


@pytest.mark.models
@pytest.mark.xdist_group("server")
@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_start_can_be_given_up(tmp_path: Path, number: signal.Signals) -> None:
    command = [sys.executable, "-m", "vrbridge", "serve", "--port", "0", "--data", str(tmp_path)]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        # The first line of the log tells of a part that is ready; the others are not.
        assert process.stderr.readline()
        process.send_signal(number)
        said, log = process.communicate(timeout=30)
    assert process.returncode == 0, log
    assert said == ""
    assert "Traceback" not in log
