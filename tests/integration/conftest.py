"""One server for all tests that only ask it something."""

from collections.abc import Iterator

import pytest

from tests.integration.serving import PATIENT, Serving, serving


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server with the embedded defaults, that takes any amount of work."""
    with serving(tmp_path_factory.mktemp("server"), **PATIENT) as running:
        yield running
