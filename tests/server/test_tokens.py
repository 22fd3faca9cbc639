"""Signed tokens."""

import base64
import json
import os
import stat
from pathlib import Path

import jwt
import pytest

from vrbridge.errors import SettingsError, Unauthorized
from vrbridge.server.tokens import Tokens, load_or_create_key, signing_key

KEY = bytes(range(32))


def test_a_token_grants_what_it_was_made_for() -> None:
    tokens = Tokens(KEY)
    grant = tokens.verify(tokens.create("ann", ttl_s=60, scopes=["texture"], now=1000.0), now=1059.0)
    assert grant.player == "ann"
    assert grant.allows("texture")
    assert not grant.allows("mesh")
    assert not grant.has_expired(now=1059.9)
    assert grant.has_expired(now=1060.0)


def test_without_scopes_it_allows_everything() -> None:
    tokens = Tokens(KEY)
    assert tokens.verify(tokens.create("ann", ttl_s=60, now=0), now=1).allows("anything")


def test_an_expired_token_says_what_to_do() -> None:
    tokens = Tokens(KEY)
    with pytest.raises(Unauthorized, match=r"expired.*vrbridge token create"):
        tokens.verify(tokens.create("ann", ttl_s=60, now=0), now=60)


def _unsigned(claims: dict[str, object]) -> str:
    def part(content: object) -> str:
        return base64.urlsafe_b64encode(json.dumps(content).encode()).decode().rstrip("=")

    return f"{part({'alg': 'none', 'typ': 'JWT'})}.{part(claims)}."


CLAIMS = {"aud": "vrbridge", "sub": "ann", "exp": 1e12, "scope": "*"}


@pytest.mark.parametrize(
    "token",
    [
        "",
        "nonsense",
        Tokens(b"x" * 32).create("ann", ttl_s=60, now=0),
        Tokens(KEY).create("ann", ttl_s=60, now=0)[:-2] + "xx",
        _unsigned(CLAIMS),
        jwt.encode(CLAIMS | {"aud": "other"}, KEY, algorithm="HS256"),
        jwt.encode({k: v for k, v in CLAIMS.items() if k != "exp"}, KEY, algorithm="HS256"),
        jwt.encode(CLAIMS | {"exp": "soon"}, KEY, algorithm="HS256"),
    ],
)
def test_what_this_key_did_not_sign_is_refused(token: str) -> None:
    with pytest.raises(Unauthorized):
        Tokens(KEY).verify(token, now=0)


@pytest.mark.parametrize("player", ["", "x" * 129])
def test_a_player_needs_a_name_of_sensible_length(player: str) -> None:
    with pytest.raises(SettingsError):
        Tokens(KEY).create(player, ttl_s=60, now=0)


def test_the_key_is_made_once_and_only_its_owner_reads_it(tmp_path: Path) -> None:
    file = tmp_path / "token.key"
    key = load_or_create_key(file)
    assert len(key) == 32
    assert load_or_create_key(file) == key
    assert stat.S_IMODE(file.stat().st_mode) == 0o600
    assert os.listdir(tmp_path) == ["token.key"]  # noqa: PTH208 - names are what matters


def test_a_damaged_key_is_named_with_what_to_do(tmp_path: Path) -> None:
    file = tmp_path / "token.key"
    file.write_bytes(b"short")
    with pytest.raises(SettingsError, match="delete it"):
        load_or_create_key(file)
    with pytest.raises(SettingsError, match="Can't use the signing key"):
        load_or_create_key(tmp_path / "nowhere" / "token.key")


@pytest.mark.parametrize("content", [KEY, KEY.hex().encode(), KEY.hex().upper().encode() + b"\n"])
def test_servers_that_share_a_key_take_each_others_tokens(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content)
    key = signing_key(str(file), tmp_path / "data")
    token = Tokens(key).create("ann", ttl_s=60, now=0)
    assert Tokens(KEY).verify(token, now=1).player == "ann"
    assert not (tmp_path / "data").exists(), "nothing is made where nothing is needed"


@pytest.mark.parametrize("content", [b"", b"short", KEY + b"\n", KEY.hex().encode() + b"0", b"g" * 64])
def test_a_shared_file_that_holds_no_key_is_named_with_what_to_do(content: bytes, tmp_path: Path) -> None:
    file = tmp_path / "secret"
    file.write_bytes(content)
    with pytest.raises(SettingsError, match=r"token_key_file.*secret holds no key.*openssl rand -hex 32"):
        signing_key(str(file), tmp_path)


def test_a_shared_key_that_is_missing_is_not_made_up(tmp_path: Path) -> None:
    with pytest.raises(SettingsError, match=r"secret can't be read: No such file.*openssl rand -hex 32"):
        signing_key(str(tmp_path / "secret"), tmp_path)
    assert not list(tmp_path.iterdir())


def test_without_a_shared_key_the_data_folder_has_one(tmp_path: Path) -> None:
    data = tmp_path / "data"
    assert signing_key(None, data) == load_or_create_key(data / "token.key")
