"""Durations and tokens."""

import time
from pathlib import Path

import pytest

from tests.cli.command import Command
from vrbridge.cli.token_command import duration_s
from vrbridge.errors import SettingsError
from vrbridge.server.tokens import KEY_FILE, Tokens, load_or_create_key


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("8s", 8), ("30m", 1800), ("12h", 43200), ("7d", 604800), ("90", 90), ("1.5h", 5400), (" 2 h ", 7200)],
)
def test_durations_have_units(text: str, seconds: float) -> None:
    assert duration_s(text) == seconds


@pytest.mark.parametrize("text", ["", "h", "soon", "-1h", "0m", "0", "5x", "1h30m", "1e3s", "١h\n2"])
def test_what_is_no_duration_is_refused(text: str) -> None:
    with pytest.raises(SettingsError, match="no duration"):
        duration_s(text)


def test_a_token_opens_what_its_scopes_say_for_as_long_as_asked(command: Command, tmp_path: Path) -> None:
    ran = command(
        "token", "create", "--player", "ann", "--ttl", "2h", "--scope", "mesh", "--data", str(tmp_path)
    )
    assert (ran.code, ran.err) == (0, "")
    tokens = Tokens(load_or_create_key(tmp_path / KEY_FILE))
    grant = tokens.verify(ran.out.strip(), now=time.time())
    assert grant.player == "ann"
    assert grant.allows("mesh")
    assert not grant.allows("dialogue")
    assert grant.expires_at == pytest.approx(time.time() + 7200, abs=60)


def test_without_scopes_a_token_opens_every_kind(command: Command, tmp_path: Path) -> None:
    ran = command("token", "create", "--player", "ann", "--data", str(tmp_path))
    tokens = Tokens(load_or_create_key(tmp_path / KEY_FILE))
    assert tokens.verify(ran.out.strip(), now=time.time()).allows("texture")


def test_a_token_of_a_shared_key_is_good_at_every_server_that_has_it(
    command: Command, tmp_path: Path
) -> None:
    key = tmp_path / "secret"
    key.write_text("5a" * 32 + "\n")
    data = tmp_path / "data"
    arguments = ["token", "create", "--player", "ann", "--data", str(data)]
    ran = command(*arguments, VRBRIDGE_SERVER__TOKEN_KEY_FILE=str(key))
    assert Tokens(b"Z" * 32).verify(ran.out.strip(), now=time.time()).player == "ann"
    assert not data.exists()


def test_a_shared_key_that_is_missing_is_said_in_one_sentence(command: Command, tmp_path: Path) -> None:
    missing = str(tmp_path / "secret")
    ran = command("token", "create", "--player", "ann", VRBRIDGE_SERVER__TOKEN_KEY_FILE=missing)
    assert (ran.code, ran.out) == (2, "")
    assert "openssl rand -hex 32" in ran.err
