"""Help, and how errors look."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from tests.cli.command import Command

# A terminal that shows colours, whatever the tests themselves run in.
COLORFUL = {k: v for k, v in os.environ.items() if k != "NO_COLOR"} | {"FORCE_COLOR": "1", "TERM": "xterm"}

COMMANDS = {
    "serve": ["ready ws://HOST:PORT/ws", "--port", "--data", "--config", "8765"],
    "demo": ["OUT/index.html", "--out"],
    "say": ["blacksmith", "--actions", "JSON file"],
    "texture": ["base_color.png", "--size", "512"],
    "mesh": [".glb", "--faces", "metres"],
    "models": ["list", "pull", "verify", "add", "remove"],
    "token": ["create"],
    "data": ["textures", "show", "compare"],
    "tap": ["ws://127.0.0.1:8766/ws", "--text"],
    "bench": ["load"],
    "doctor": ["missing"],
}


def test_help_names_every_command_with_one_line(command: Command) -> None:
    ran = command("--help")
    assert ran.code == 0
    for name in COMMANDS:
        line = next(line for line in ran.out.splitlines() if f"│ {name} " in line)
        assert len(line.split()) > 4
    assert "vrbridge say blacksmith" in ran.out


def test_no_arguments_show_help(command: Command) -> None:
    assert "Commands" in command().out


@pytest.mark.parametrize(("name", "words"), COMMANDS.items())
def test_the_help_of_a_command_says_what_one_needs(command: Command, name: str, words: list[str]) -> None:
    for flag in ("--help", "-h"):
        ran = command(name, flag)
        assert ran.code == 0
        for word in words:
            assert word in ran.out


@pytest.mark.parametrize(
    ("arguments", "says"),
    [
        (["serve", "--config", "none.toml"], "Can't read the settings file none.toml"),
        (["serve", "--log-level", "loud"], "--log-level is one of debug, info, warning, error"),
        (["say", "smith", "Hi", "--url", "elsewhere"], "looks like ws://host:8765/ws"),
        (["say", "smith", "Hi", "--actions", "none.json"], "Can't read none.json"),
        (["models", "pull", "nope"], "There is no model called 'nope'"),
        (["token", "create", "--player", "ann", "--ttl", "soon"], "write it like 30m, 12h or 7d"),
        (["token", "create", "--player", "ann", "--scope", "sky"], "There is no scope 'sky'"),
        (["doctor", "--config", "none.toml"], "Can't read the settings file none.toml"),
        (["texture", "moss", "--url", "ws://127.0.0.1:1/ws"], "Nothing answers at ws://127.0.0.1:1/ws"),
    ],
)
def test_an_error_of_the_user_is_one_line_and_exit_code_2(
    command: Command, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, arguments: list[str], says: str
) -> None:
    monkeypatch.chdir(tmp_path)
    ran = command(*arguments)
    assert ran.code == 2
    assert says in ran.err
    assert len(ran.err.strip().splitlines()) == 1
    assert "Traceback" not in ran.err
    assert ran.out == ""


def test_a_misspelled_setting_names_the_nearest(command: Command, tmp_path: Path) -> None:
    file = tmp_path / "mine.toml"
    file.write_text("[server]\nprot = 1\n")
    ran = command("serve", "--config", str(file))
    assert (ran.code, "Did you mean `port`?" in ran.err) == (2, True)


def test_an_error_is_red_on_a_terminal_and_what_was_typed_is_no_markup() -> None:
    arguments = [sys.executable, "-m", "vrbridge", "models", "pull", "[nope]"]
    ran = subprocess.run(arguments, capture_output=True, text=True, env=COLORFUL, check=False)
    assert ran.returncode == 2
    assert ran.stderr.startswith("\x1b[31m")
    assert "[nope]" in ran.stderr
