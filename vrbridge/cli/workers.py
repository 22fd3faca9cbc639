"""`vrbridge workers`: machines that run generators for servers elsewhere."""

import json
import os
import subprocess
import sys
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Annotated, Final

import typer

from vrbridge import settings as configuration
from vrbridge.cli.model_setup import catalogue_of, generator_models, pull_model
from vrbridge.cli.terminal import notes
from vrbridge.errors import SettingsError

RESOURCE: Final = "vrbridge"
"""What a machine that was made a worker offers to Ray."""
_RAY: Final = (sys.executable, "-m", "ray.scripts.scripts")
_TOKENS: Final = ("RAY_AUTH_TOKEN", "RAY_AUTH_TOKEN_PATH")


def workers(
    address: Annotated[
        str | None,
        typer.Option(help="HOST:PORT of the cluster to join. Without it, this machine begins a new one."),
    ] = None,
    port: Annotated[
        int, typer.Option(min=1, max=65535, help="Where a new cluster listens for machines and servers.")
    ] = 6379,
    host: Annotated[
        str | None, typer.Option(help="Address of this machine in the network of the cluster.")
    ] = None,
    cpus: Annotated[int | None, typer.Option(min=1, help="Cores to offer; all by default.")] = None,
    gpus: Annotated[int | None, typer.Option(min=0, help="Graphics cards to offer; all by default.")] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file; vrbridge.toml by default.")] = None,
) -> None:
    """Offer this machine's cores and graphics cards to servers elsewhere, over Ray.

    The first machine begins a cluster, the others join it by its address. Then
    `vrbridge serve --executor ray --address HOST:PORT` runs its generators there. Control-C leaves.
    Missing models are pulled first. Needs the extra `vrbridge[ray]`.
    """
    if find_spec("ray") is None:
        raise SettingsError("Ray isn't installed: `pip install 'vrbridge[ray]'` brings it.")
    if address is not None:
        _check_joining(address)
    settings = configuration.load(config)
    catalogue = catalogue_of(settings)
    for name in generator_models(catalogue):
        pull_model(catalogue, name)
    # Replicas look where models were pulled to, whatever folder they start in.
    environment = _environment() | {"VRBRIDGE_MEMORY__CACHE": str(settings.cache_dir.absolute())}
    if address is None and _is_guarded(environment):
        _make_token(environment)
        _tell(host, port)
    arguments = [*_RAY, *ray_start(address=address, host=host, port=port, cpus=cpus, gpus=gpus)]
    sys.stdout.flush()
    os.execve(sys.executable, arguments, environment)  # noqa: S606 - it becomes Ray, which outlives no one


def ray_start(
    *, address: str | None, host: str | None, port: int, cpus: int | None, gpus: int | None
) -> list[str]:
    """Return the arguments of `ray` that join a cluster, or begin one."""
    arguments = ["start", "--block", "--disable-usage-stats", f"--resources={json.dumps({RESOURCE: 1})}"]
    if address is not None:
        arguments.append(f"--address={address}")
    else:
        arguments += ["--head", f"--port={port}", "--include-dashboard=false"]
    given = {"node-ip-address": host, "num-cpus": cpus, "num-gpus": gpus}
    return arguments + [f"--{name}={value}" for name, value in given.items() if value is not None]


def _check_joining(address: str) -> None:
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit():
        raise SettingsError(f"--address is HOST:PORT, such as 192.168.1.20:6379, not {address!r}.")
    if _is_guarded(os.environ) and not _has_token():
        raise SettingsError(
            "The cluster's token is missing. `ray get-auth-token` shows it on the first machine; put it into "
            "RAY_AUTH_TOKEN, or into ~/.ray/auth_token, here."
        )


def _has_token() -> bool:
    return any(os.environ.get(name) for name in _TOKENS) or (Path.home() / ".ray" / "auth_token").exists()


def _is_guarded(environment: Mapping[str, str]) -> bool:
    return environment.get("RAY_AUTH_MODE", "token") == "token"


def _environment() -> dict[str, str]:
    # Whoever reaches a cluster runs code on all its machines: without a token only if that is asked for.
    return {"RAY_AUTH_MODE": "token", "RAY_USAGE_STATS_ENABLED": "0"} | os.environ


def _make_token(environment: Mapping[str, str]) -> None:
    if _has_token():
        return
    command = [*_RAY, "get-auth-token", "--generate"]
    # The token itself is not shown here: terminals are logged.
    made = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.PIPE, env=environment)
    if made.returncode != 0:
        raise SettingsError("Ray could not make a token for the cluster; `ray get-auth-token` says why.")


def _tell(host: str | None, port: int) -> None:
    where = f"{host or 'THIS-MACHINE'}:{port}"
    notes.print(
        "A new cluster begins here. `ray get-auth-token` shows its token; with it in RAY_AUTH_TOKEN,\n"
        f"  vrbridge workers --address {where}                   adds a machine, and\n"
        f"  vrbridge serve --executor ray --address {where}      serves players from it.",
        markup=False,
        highlight=False,
    )
