"""Models from a server of others that answers GLB files."""

import logging
import threading
from collections.abc import Generator, Mapping
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

import httpx

from vrbridge.errors import DataError, GeneratorFailed, Unavailable
from vrbridge.generator_settings import HttpMeshSettings
from vrbridge.generators.mesh.model_file import read_glb
from vrbridge.generators.mesh.model_server import (
    CONNECT_S,
    MAX_MODEL_BYTES,
    check_address,
    headers,
    read_answer,
)
from vrbridge.generators.mesh.model_source import ModelRequest
from vrbridge.generators.mesh.voxels import Model

_SECTION = "mesh.http"
# Something is said at least that often, so that nobody takes the work for hanging.
_PATIENCE_S = 0.25
_TOO_LONG = "The model server took too long; what was built first stays."
_log = logging.getLogger(__name__)


class HttpModels:
    """Asks one server; see `ModelSource`.

    Args:
        settings: Which, and how long.
        environment: Where the key is looked up. None: the process's own.

    Raises:
        SettingsError: If it can't work as it is set; nobody is asked for that.
    """

    follows_draft = False

    def __init__(self, settings: HttpMeshSettings, environment: Mapping[str, str] | None = None) -> None:
        check(settings, environment)
        self._settings = settings
        self._headers = headers(settings.api_key_env, environment, section=_SECTION)
        self.name = urlsplit(settings.url).netloc

    @property
    def model(self) -> str:
        """Name of what builds."""
        return self.name

    def generate(self, request: ModelRequest) -> Generator[float, None, Model]:
        """Yield shares of the time that may pass, and return the model; see `ModelSource.generate`."""
        order = {"prompt": request.prompt, "seed": request.seed, "max_faces": request.max_faces}
        sent = _Request(self._settings, self._headers, order)
        waited = 0.0
        try:
            while (answer := sent.wait(_PATIENCE_S)) is None:
                waited += _PATIENCE_S
                if waited >= self._settings.timeout_s:
                    raise GeneratorFailed(_TOO_LONG)
                yield min(waited / self._settings.timeout_s, 1.0)
        finally:
            sent.stop()
        if isinstance(answer, Exception):
            raise self._told(answer) from answer
        try:
            return read_glb(answer, "the answer")
        except DataError as error:
            raise GeneratorFailed(f"The model server sent no model: {error.message}") from error

    def _told(self, error: Exception) -> Exception:
        if isinstance(error, GeneratorFailed | Unavailable):
            return error
        if isinstance(error, httpx.ReadTimeout):
            return GeneratorFailed(_TOO_LONG)
        _log.warning("the model server at %s can't be reached: %s", self.name, type(error).__name__)
        return Unavailable("The model server can't be reached; the server's log says why.")


class _Request:
    """One request on a thread of its own, which can be broken off."""

    def __init__(
        self, settings: HttpMeshSettings, headers: Mapping[str, str], order: Mapping[str, object]
    ) -> None:
        self._answers: SimpleQueue[bytes | Exception] = SimpleQueue()
        self._is_stopped = threading.Event()
        self._client = httpx.Client(
            headers=dict(headers),
            timeout=httpx.Timeout(settings.timeout_s, connect=CONNECT_S),
            trust_env=False,
        )
        thread = threading.Thread(
            target=self._ask, args=(settings.url, order), name="model server", daemon=True
        )
        thread.start()

    def wait(self, within_s: float) -> bytes | Exception | None:
        """Return the answer, or None if there is none within that time."""
        try:
            return self._answers.get(timeout=within_s)
        except Empty:
            return None

    def stop(self) -> None:
        """Break off what still goes on."""
        self._is_stopped.set()
        self._client.close()

    def _ask(self, url: str, order: Mapping[str, object]) -> None:
        try:
            with self._client.stream("POST", url, json=dict(order)) as answer:
                self._answers.put(read_answer(answer, MAX_MODEL_BYTES, section=_SECTION))
        except Exception as error:  # noqa: BLE001 - whatever goes wrong here is told on the other thread
            if not self._is_stopped.is_set():
                self._answers.put(error)


def check(settings: HttpMeshSettings, environment: Mapping[str, str] | None = None) -> None:
    """Make sure that the settings can work.

    Raises:
        SettingsError: If they can't.
    """
    check_address(settings.url, section=_SECTION, such_as="http://127.0.0.1:8081/generate")
    headers(settings.api_key_env, environment, section=_SECTION)
