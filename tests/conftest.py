"""Fixtures for every test: real models, pulled once into the cache, a real PostgreSQL, and an S3 server."""

import itertools
import os
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest

from tests.postgres_server import PostgresServer, postgres_server
from tests.s3_server import CREDENTIALS, S3Server, s3_server
from vrbridge.generators.text_encoder import TextEncoder
from vrbridge.memory.catalogue import Catalogue
from vrbridge.settings import Settings, assets_dir

# What is slow on a busy machine is not wrong.
hypothesis.settings.register_profile("unhurried", deadline=None)
hypothesis.settings.load_profile("unhurried")

# The model's threads wait for each other in loops: beside another test process, two of them on two cores
# take ten times as long as one.
os.environ.setdefault("VRBRIDGE_DIALOGUE__THREADS", "1")


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    """The bundled catalogue over the user's model cache."""
    return Catalogue.load(assets_dir(), Settings().cache_dir)


@pytest.fixture(scope="session")
def gguf_path(catalogue: Catalogue) -> Path:
    """File of the embedded language model."""
    return catalogue.pull("smollm2-135m-instruct")


@pytest.fixture(scope="session")
def minilm_dir(catalogue: Catalogue) -> Path:
    """Folder of the sentence encoder's files."""
    return catalogue.pull("minilm-l6-v2")


@pytest.fixture(scope="session")
def text_encoder(minilm_dir: Path) -> TextEncoder:
    """The real sentence encoder."""
    return TextEncoder(minilm_dir)


@pytest.fixture(scope="session")
def postgres_of_session() -> Iterator[PostgresServer]:
    """A PostgreSQL of this process's own; take `postgres`, which is sure to run."""
    with postgres_server() as server:
        yield server


@pytest.fixture(scope="session")
def s3(tmp_path_factory: pytest.TempPathFactory) -> Iterator[S3Server]:
    """A server that speaks S3, for tests that make their own buckets and leave it running."""
    with s3_server(tmp_path_factory.mktemp("s3")) as server:
        yield server


@pytest.fixture
def postgres(postgres_of_session: PostgresServer) -> PostgresServer:
    """A running PostgreSQL."""
    if not postgres_of_session.is_running:
        postgres_of_session.start()
    return postgres_of_session


_numbers = itertools.count()


@pytest.fixture
def postgres_url(postgres: PostgresServer) -> Iterator[str]:
    """Address of an empty database."""
    with postgres.database(f"test_{next(_numbers)}") as url:
        yield url


@pytest.fixture
def credentials(monkeypatch: pytest.MonkeyPatch) -> None:
    """Credentials for it in the environment."""
    for name, value in CREDENTIALS.items():
        monkeypatch.setenv(name, value)
