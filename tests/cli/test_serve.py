"""`vrbridge serve`, where it can't begin. That it serves is shown in tests/integration."""

import socket
import subprocess
import sys
from pathlib import Path

import pytest


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
