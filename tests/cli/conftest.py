"""Fixtures of the command line's tests."""

from collections.abc import Iterator

import pytest

from tests.cli.command import Command
from tests.integration.serving import PATIENT, Serving, serving


@pytest.fixture
def command(monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Command:
    """The `vrbridge` command."""
    return Command(monkeypatch, capsys)


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server with the embedded defaults."""
    with serving(tmp_path_factory.mktemp("server"), **PATIENT) as running:
        yield running
