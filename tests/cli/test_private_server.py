"""A server for the length of one command."""

import socket
from pathlib import Path

import pytest

from vrbridge.cli.private_server import is_listening, private_server, some_server
from vrbridge.client.errors import CannotConnect


def test_an_address_that_is_given_is_used_as_it_is() -> None:
    with some_server("ws://example.org/ws") as url:
        assert url == "ws://example.org/ws"


def test_only_an_open_port_listens() -> None:
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port = listener.getsockname()[1]
        assert is_listening(f"ws://127.0.0.1:{port}/ws")
    assert not is_listening(f"ws://127.0.0.1:{port}/ws")


def test_a_server_that_does_not_start_says_why(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VRBRIDGE_SERVER__PROT", "1")
    with pytest.raises(CannotConnect, match=r"did not start.*Did you mean `port`"), private_server():
        pass


def test_a_log_that_is_asked_for_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("VRBRIDGE_SERVER__PROT", "1")
    log = tmp_path / "server.log"
    with pytest.raises(CannotConnect), private_server(log=log, data=tmp_path):
        pass
    assert "prot" in log.read_text()
