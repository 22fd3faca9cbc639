"""`vrbridge token`."""

import re
import sys
import time
from pathlib import Path
from typing import Annotated

import typer

from vrbridge import settings as configuration
from vrbridge.errors import SettingsError

token = typer.Typer(
    help="Make the tokens that players need on servers open to a network.", no_args_is_help=True
)

_UNITS_S = {"s": 1, "m": 60, "h": 3600, "d": 86400, "": 1}
_DURATION = re.compile(r"(\d+(?:\.\d+)?)\s*([smhd]?)")
_KINDS = ("dialogue", "texture", "mesh", "*")


@token.callback()
def _group() -> None:
    """Keep `create` a word of its own."""


@token.command()
def create(
    player: Annotated[str, typer.Option(help="Whose memory and assets it opens.")],
    ttl: Annotated[str, typer.Option(help="How long it is valid, such as 30m, 12h or 7d.")] = "12h",
    scope: Annotated[
        list[str] | None, typer.Option(help="Kind of request that it allows; repeat it. All by default.")
    ] = None,
    data: Annotated[Path | None, typer.Option(help="The server's --data folder.")] = None,
    config: Annotated[Path | None, typer.Option(help="The server's settings file.")] = None,
) -> None:
    """Print a token for one player.

    It is signed with the key in the server's data folder, which is made on first use, or with the one that
    the settings name: then every server with this key takes it.
    """
    flags = {"memory": {"data": str(data) if data is not None else None}}
    settings = configuration.load(config, flags=flags)
    scopes = tuple(scope or ())
    unknown = [name for name in scopes if name not in _KINDS]
    if unknown:
        raise SettingsError(f"There is no scope {unknown[0]!r}. Known: {', '.join(_KINDS)}.")
    ttl_s = duration_s(ttl)
    # Here and not on top: the other commands start faster without the server.
    from vrbridge.server.tokens import Tokens, signing_key

    tokens = Tokens(signing_key(settings.server.token_key_file, settings.data_dir))
    text = tokens.create(player, ttl_s=ttl_s, scopes=scopes, now=time.time())
    sys.stdout.write(f"{text}\n")


def duration_s(text: str) -> float:
    """Return the seconds of a duration such as `30m`, `12h` or `7d`.

    Raises:
        SettingsError: If it is not one.
    """
    match = _DURATION.fullmatch(text.strip())
    if match is None or not float(match[1]):
        raise SettingsError(f"{text!r} is no duration: write it like 30m, 12h or 7d.")
    return float(match[1]) * _UNITS_S[match[2]]
