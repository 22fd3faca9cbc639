"""`vrbridge workers`: what it tells the user, and what it tells Ray."""

import json
from pathlib import Path

import pytest

from tests.cli.command import Command
from vrbridge.cli.workers import ray_start


@pytest.mark.parametrize("address", ["lab", "lab:", ":6379", "lab:six"])
def test_an_address_has_host_and_port(command: Command, address: str) -> None:
    ran = command("workers", "--address", address)
    assert ran.code == 2
    assert "--address is HOST:PORT" in ran.err


def test_nobody_joins_without_the_token(
    command: Command, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    for name in ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH", "RAY_AUTH_MODE"):
        monkeypatch.delenv(name, raising=False)
    ran = command("workers", "--address", "192.168.1.20:6379", HOME=str(tmp_path))
    assert ran.code == 2
    assert "`ray get-auth-token` shows it on the first machine" in ran.err


def test_the_first_machine_begins_a_cluster() -> None:
    arguments = ray_start(address=None, host="10.0.0.2", port=7000, cpus=4, gpus=None)
    assert {"start", "--block", "--head", "--port=7000", "--node-ip-address=10.0.0.2"} <= set(arguments)
    assert "--num-cpus=4" in arguments
    assert not any(argument.startswith("--num-gpus") for argument in arguments)


def test_others_join_it_and_offer_what_replicas_ask_for() -> None:
    arguments = ray_start(address="10.0.0.2:7000", host=None, port=6379, cpus=None, gpus=0)
    assert "--address=10.0.0.2:7000" in arguments
    assert "--num-gpus=0" in arguments
    assert not {"--head", "--port=6379"} & set(arguments)
    (resources,) = (a.partition("=")[2] for a in arguments if a.startswith("--resources="))
    assert json.loads(resources) == {"vrbridge": 1}
