"""One server for all tests that only ask it something."""

from collections.abc import Iterator

import pytest

from tests.integration.serving import Serving, serving


@pytest.fixture(scope="session")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """A server with the embedded defaults."""
    with serving(tmp_path_factory.mktemp("server")) as running:
        yield running
