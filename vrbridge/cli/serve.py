"""`vrbridge serve`."""

import logging
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Annotated

import msgspec
import typer

from vrbridge import settings as configuration
from vrbridge.cli.model_setup import pull_needed
from vrbridge.cli.terminal import notes
from vrbridge.errors import SettingsError
from vrbridge.settings import Settings

_LOG_LEVELS = ("debug", "info", "warning", "error")
# A line for each connection and each answer says nothing that the metrics don't.
_TALKATIVE = ("websockets", "httpx")


def serve(
    host: Annotated[
        str | None, typer.Option(help="Address to listen on; 127.0.0.1 unless the settings say otherwise.")
    ] = None,
    port: Annotated[
        int | None, typer.Option(min=0, max=65535, help="Port, 8765 by default; 0 takes any free one.")
    ] = None,
    data: Annotated[
        Path | None, typer.Option(help="Folder for conversations, assets and the signing key.")
    ] = None,
    mount: Annotated[
        list[str] | None,
        typer.Option(help="Further pages, such as godot=build/web, shown under /godot/; may be repeated."),
    ] = None,
    lan: Annotated[
        bool,
        typer.Option(
            "--lan",
            help="For headsets and phones in the same network: listens everywhere, with TLS and tokens, "
            "and shows a QR code that opens the page.",
        ),
    ] = False,
    executor: Annotated[
        str | None,
        typer.Option(help="Where generators run: `processes` of this machine (the default), or `ray`."),
    ] = None,
    address: Annotated[
        str | None,
        typer.Option(
            help="Of the Ray cluster: `auto` (the one that this machine has joined), HOST:PORT, or `local`."
        ),
    ] = None,
    config: Annotated[Path | None, typer.Option(help="Settings file; vrbridge.toml by default.")] = None,
    log_level: Annotated[str, typer.Option(help="One of debug, info, warning, error.")] = "info",
) -> None:
    """Start the server.

    Prints one line, `ready ws://HOST:PORT/ws`, on standard output once every kind of request can be answered.
    Missing models are pulled first. Logs go to standard error. SIGTERM or Control-C stops it after the
    running requests are done.
    """
    if log_level not in _LOG_LEVELS:
        raise SettingsError(f"--log-level is one of {', '.join(_LOG_LEVELS)}, not {log_level!r}.")
    flags: dict[str, dict[str, object]] = {
        "server": {"host": host, "port": port, "mounts": _mounts(mount) if mount else None},
        "memory": {"data": str(data) if data is not None else None},
        "workers": {"executor": executor},
        "ray": {"address": address},
    }
    settings = configuration.load(config, flags=flags)
    announce: Callable[[str], None] = _announce
    if lan:
        settings, announce = _for_lan(settings, host)
    logging.basicConfig(
        level=log_level.upper(), stream=sys.stderr, format="%(asctime)s %(levelname)s %(name)s: %(message)s"
    )
    if log_level == "info":
        for library in _TALKATIVE:
            logging.getLogger(library).setLevel(logging.WARNING)
    pull_needed(settings)
    # Here and not on top: the other commands start several times faster without the server.
    from vrbridge import bridge

    try:
        bridge.run(settings, announce=announce)
    except OSError as error:
        where = f"{settings.server.host}:{settings.server.port}"
        reason = os.strerror(error.errno) if error.errno else type(error).__name__
        text = f"Can't listen on {where}: {reason}. Another port is free with --port 0."
        raise SettingsError(text) from error


def _mounts(texts: list[str]) -> dict[str, str]:
    pairs = [text.partition("=") for text in texts]
    for text, (name, _, folder) in zip(texts, pairs, strict=True):
        if not name or not folder:
            raise SettingsError(f"--mount is a name and a folder, such as godot=build/web, not {text!r}.")
    return {name: folder for name, _, folder in pairs}


def _for_lan(settings: Settings, host: str | None) -> tuple[Settings, Callable[[str], None]]:
    """Return settings for the local network, and what tells people there how to get in."""
    from vrbridge.cli import lan

    if host is not None or settings.server.certificate is not None:
        raise SettingsError("--lan chooses the address and the certificate itself; leave them out.")
    addresses = lan.lan_addresses()
    server = msgspec.structs.replace(settings.server, **lan.lan_settings(settings.data_dir, addresses))
    invite = lan.invitation(
        settings.data_dir, addresses, notes, token_key_file=settings.server.token_key_file
    )

    def announce(url: str) -> None:
        _announce(url)
        invite(url)

    return msgspec.structs.replace(settings, server=server), announce


def _announce(url: str) -> None:
    sys.stdout.write(f"ready {url}\n")
    sys.stdout.flush()
