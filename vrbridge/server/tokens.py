"""Signed tokens: who a player is, until when, and for which kinds of request."""

import os
import re
import secrets
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import jwt

from vrbridge.errors import SettingsError, Unauthorized

KEY_FILE = "token.key"
"""Name of the signing key in the data folder."""

_ALGORITHM = "HS256"
_AUDIENCE = "vrbridge"
_KEY_BYTES = 32
_HEX_KEY = re.compile(rb"[0-9A-Fa-f]{64}")
ALL_KINDS = "*"
MAX_PLAYER_CHARACTERS = 128


@dataclass(frozen=True, slots=True)
class Grant:
    """What a connection may do.

    Args:
        player: Memory and personal assets are kept under it.
        scopes: Kinds of request; `*` stands for all.
        expires_at: Seconds since the epoch. None: never.
    """

    player: str
    scopes: frozenset[str] = frozenset({ALL_KINDS})
    expires_at: float | None = None

    def allows(self, kind: str) -> bool:
        """Whether requests of this kind are covered."""
        return ALL_KINDS in self.scopes or kind in self.scopes

    def has_expired(self, *, now: float) -> bool:
        """Whether its time is over; `now` in seconds since the epoch."""
        return self.expires_at is not None and now >= self.expires_at


class Tokens:
    """Makes and checks tokens.

    Args:
        key: 32 random bytes; whoever has them can make tokens.
    """

    def __init__(self, key: bytes) -> None:
        self._key = key

    def create(self, player: str, *, ttl_s: float, scopes: Sequence[str] = (), now: float) -> str:
        """Return a token.

        Args:
            player: Name of the player, at most 128 characters.
            ttl_s: How long it is valid.
            scopes: Kinds of request that it allows; empty: all.
            now: Seconds since the epoch.

        Raises:
            SettingsError: If the name is empty or too long.
        """
        if not player or len(player) > MAX_PLAYER_CHARACTERS:
            raise SettingsError(f"A player's name has 1 to {MAX_PLAYER_CHARACTERS} characters.")
        claims = {
            "aud": _AUDIENCE,
            "sub": player,
            "iat": int(now),
            "exp": now + ttl_s,
            "scope": " ".join(scopes) if scopes else ALL_KINDS,
        }
        return jwt.encode(claims, self._key, algorithm=_ALGORITHM)

    def verify(self, token: str, *, now: float) -> Grant:
        """Return what a token grants.

        Args:
            token: As `create` made it.
            now: Seconds since the epoch.

        Raises:
            Unauthorized: If it was not made with this key, is malformed, or its time is over.
        """
        try:
            claims = jwt.decode(
                token,
                self._key,
                algorithms=[_ALGORITHM],
                audience=_AUDIENCE,
                # The clock is an argument here; jwt would read its own.
                options={"verify_exp": False, "verify_iat": False, "require": ["sub", "exp", "scope"]},
            )
            grant = Grant(str(claims["sub"]), frozenset(str(claims["scope"]).split()), float(claims["exp"]))
        except (jwt.InvalidTokenError, TypeError, ValueError) as error:
            raise Unauthorized("The token is not one of this server's.") from error
        if grant.has_expired(now=now):
            raise Unauthorized("The token has expired; make a new one with `vrbridge token create`.")
        return grant


def signing_key(shared: str | None, data: Path) -> bytes:
    """Return the key that signs tokens.

    Args:
        shared: File that several servers have in common, which is never made here: each of them would make
            another. None: the one in the data folder.
        data: The data folder; made if it is missing.

    Raises:
        SettingsError: If the file can't be read or written, or holds no key.
    """
    if shared is not None:
        return _shared_key(Path(shared))
    data.mkdir(parents=True, exist_ok=True)
    return load_or_create_key(data / KEY_FILE)


def load_or_create_key(file: Path) -> bytes:
    """Return the signing key, made on first use and readable by its owner only.

    Raises:
        SettingsError: If the file can't be read or written, or holds no key.
    """
    try:
        key = _read(file) or _create(file)
    except OSError as error:
        raise SettingsError(f"Can't use the signing key {file.name}: {error.strerror}.") from error
    if len(key) != _KEY_BYTES:
        raise SettingsError(f"{file.name} is no signing key; delete it, then make new tokens.")
    return key


def _shared_key(file: Path) -> bytes:
    try:
        content = file.read_bytes()
    except OSError as error:
        raise SettingsError(
            f"`server.token_key_file` {file.name} can't be read: {error.strerror}. Make it once with "
            f"`openssl rand -hex {_KEY_BYTES}` and give every server the same."
        ) from error
    if len(content) == _KEY_BYTES:
        return content
    if _HEX_KEY.fullmatch(content.strip()):
        return bytes.fromhex(content.strip().decode())
    raise SettingsError(
        f"`server.token_key_file` {file.name} holds no key: it takes {_KEY_BYTES} random bytes, or "
        f"the output of `openssl rand -hex {_KEY_BYTES}`."
    )


def _read(file: Path) -> bytes | None:
    try:
        return file.read_bytes()
    except FileNotFoundError:
        return None


def _create(file: Path) -> bytes:
    key = secrets.token_bytes(_KEY_BYTES)
    partial = file.with_name(f".{file.name}-{secrets.token_hex(4)}")
    descriptor = os.open(partial, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    try:
        with os.fdopen(descriptor, "wb") as opened:
            opened.write(key)
        # Linking fails if another process was faster; then its key counts.
        os.link(partial, file)
    except FileExistsError:
        return file.read_bytes()
    finally:
        partial.unlink()
    return key
