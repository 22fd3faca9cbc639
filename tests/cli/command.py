"""The command as a user calls it, inside this process."""

import sys
from typing import NamedTuple

import pytest

from vrbridge.cli import main


class Ran(NamedTuple):
    """What a command left behind."""

    code: int
    out: str
    err: str


class Command:
    """Runs `vrbridge` with arguments.

    Args:
        monkeypatch: Sets arguments and environment for one call.
        capsys: Takes what it prints.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> None:
        self._monkeypatch = monkeypatch
        self._capsys = capsys

    def __call__(self, *arguments: str, **environment: str) -> Ran:
        """Return exit code and output; environment variables stay set for the rest of the test."""
        self._monkeypatch.setattr(sys, "argv", ["vrbridge", *arguments])
        # Wide enough that no sentence is broken where a test looks for it.
        for name, value in ({"COLUMNS": "200", "NO_COLOR": "1"} | environment).items():
            self._monkeypatch.setenv(name, value)
        self._capsys.readouterr()
        with pytest.raises(SystemExit) as ended:
            main()
        printed = self._capsys.readouterr()
        code = ended.value.code
        return Ran(code if isinstance(code, int) else 0, printed.out, printed.err)
