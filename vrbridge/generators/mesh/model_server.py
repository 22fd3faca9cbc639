"""What is alike with all model servers: the address, the key, and answers that are no good."""

import os
from collections.abc import Mapping
from urllib.parse import urlsplit

import httpx

from vrbridge.errors import GeneratorFailed, SettingsError, Unavailable

MAX_MODEL_BYTES = 64 << 20
CONNECT_S = 5.0
_NO_KEY = frozenset({401, 403})
_BUSY = frozenset({429, 502, 503, 504})


def check_address(url: str, *, section: str, such_as: str) -> None:
    """Make sure that it is an address.

    Args:
        url: In the settings.
        section: Of the settings, for errors.
        such_as: An address, for errors.

    Raises:
        SettingsError: If it is none, or holds a secret.
    """
    try:
        parts = urlsplit(url)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good:
        raise SettingsError(f"`{section}.url` is no address such as `{such_as}`.")
    if parts.username is not None:
        # Workers get their settings on the command line, which others on the machine can read.
        raise SettingsError(f"`{section}.url` must not hold a name or password; use `{section}.api_key_env`.")


def headers(
    api_key_env: str | None, environment: Mapping[str, str] | None = None, *, section: str
) -> dict[str, str]:
    """Return what is sent along with every request.

    Args:
        api_key_env: Name of the variable that holds the key, if one is needed.
        environment: Where it is looked up. None: the process's own.
        section: Of the settings, for errors.

    Raises:
        SettingsError: If it is not set.
    """
    if api_key_env is None:
        return {}
    key = (os.environ if environment is None else environment).get(api_key_env)
    if not key:
        raise SettingsError(f"`{section}.api_key_env` names {api_key_env}, which is not set.")
    return {"Authorization": f"Bearer {key}"}


def read_answer(answer: httpx.Response, max_bytes: int, *, section: str) -> bytes:
    """Return what a server sent.

    Args:
        answer: That has not been read.
        max_bytes: Which it may have.
        section: Of the settings, for errors.

    Raises:
        Unavailable: If it is busy, or wants another key.
        GeneratorFailed: If it answers something else than success, or too much.
    """
    if answer.status_code in _NO_KEY:
        raise Unavailable(f"The model server wants another key: `{section}.api_key_env`.")
    if answer.status_code in _BUSY:
        raise Unavailable("The model server is busy; try again.")
    if answer.status_code != httpx.codes.OK:
        raise GeneratorFailed(f"The model server answered with HTTP {answer.status_code}.")
    parts, n_bytes = [], 0
    for part in answer.iter_bytes():
        n_bytes += len(part)
        if n_bytes > max_bytes:
            raise GeneratorFailed(f"The model server sent over {max_bytes >> 20} MiB.")
        parts.append(part)
    return b"".join(parts)
