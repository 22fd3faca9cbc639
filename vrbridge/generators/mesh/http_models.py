"""Models from a server of others that answers GLB files."""

import logging
import os
import threading
from collections.abc import Generator, Mapping
from queue import Empty, SimpleQueue
from urllib.parse import urlsplit

import httpx

from vrbridge.errors import DataError, GeneratorFailed, SettingsError, Unavailable
from vrbridge.generators.mesh.model_file import read_glb
from vrbridge.generators.mesh.voxels import Model
from vrbridge.settings import HttpMeshSettings

MAX_MODEL_BYTES = 64 << 20
_CONNECT_S = 5.0
# Something is said at least that often, so that nobody takes the work for hanging.
_PATIENCE_S = 0.25
_log = logging.getLogger(__name__)


class HttpModels:
    """Asks one server; see `ModelSource`.

    Args:
        settings: Which, and how long.
        environment: Where the key is looked up. None: the process's own.

    Raises:
        SettingsError: If it can't work as it is set; nobody is asked for that.
    """

    def __init__(self, settings: HttpMeshSettings, environment: Mapping[str, str] | None = None) -> None:
        check(settings, environment)
        self._settings = settings
        key = _key(settings, environment)
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self.name = urlsplit(settings.url).netloc

    @property
    def model(self) -> str:
        """Name of what builds."""
        return self.name

    def generate(self, prompt: str, *, seed: int, max_faces: int) -> Generator[float, None, Model]:
        """Yield shares of the time that may pass, and return the model; see `ModelSource.generate`."""
        order = {"prompt": prompt, "seed": seed, "max_faces": max_faces}
        request = _Request(self._settings, self._headers, order)
        waited = 0.0
        try:
            while (answer := request.wait(_PATIENCE_S)) is None:
                waited += _PATIENCE_S
                if waited >= self._settings.timeout_s:
                    raise GeneratorFailed("The model server took too long; what was built first stays.")
                yield min(waited / self._settings.timeout_s, 1.0)
        finally:
            request.stop()
        if isinstance(answer, Exception):
            raise self._told(answer) from answer
        try:
            return read_glb(answer, "the answer")
        except DataError as error:
            raise GeneratorFailed(f"The model server sent no model: {error.message}") from error

    def _told(self, error: Exception) -> Exception:
        if isinstance(error, GeneratorFailed | Unavailable):
            return error
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
            timeout=httpx.Timeout(settings.timeout_s, connect=_CONNECT_S),
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
                self._answers.put(self._read(answer))
        except Exception as error:  # noqa: BLE001 - whatever goes wrong here is told on the other thread
            if not self._is_stopped.is_set():
                self._answers.put(error)

    def _read(self, answer: httpx.Response) -> bytes:
        if answer.status_code in {401, 403}:
            raise Unavailable("The model server wants another key: `mesh.http.api_key_env`.")
        if answer.status_code in {429, 502, 503, 504}:
            raise Unavailable("The model server is busy; try again.")
        if answer.status_code != httpx.codes.OK:
            raise GeneratorFailed(f"The model server answered with HTTP {answer.status_code}.")
        parts, n_bytes = [], 0
        for part in answer.iter_bytes():
            n_bytes += len(part)
            if n_bytes > MAX_MODEL_BYTES:
                raise GeneratorFailed("The model server sent a file over 64 MiB.")
            parts.append(part)
        return b"".join(parts)


def check(settings: HttpMeshSettings, environment: Mapping[str, str] | None = None) -> None:
    """Make sure that the settings can work.

    Raises:
        SettingsError: If they can't.
    """
    try:
        parts = urlsplit(settings.url)
        is_good = parts.scheme in ("http", "https") and bool(parts.hostname) and parts.port != 0
    except ValueError:
        is_good = False
    if not is_good:
        raise SettingsError("`mesh.http.url` is no address such as `http://127.0.0.1:8081/generate`.")
    if parts.username is not None:
        # Workers get their settings on the command line, which others on the machine can read.
        raise SettingsError("`mesh.http.url` must not hold a name or password; use `mesh.http.api_key_env`.")
    _key(settings, environment)


def _key(settings: HttpMeshSettings, environment: Mapping[str, str] | None) -> str | None:
    name = settings.api_key_env
    if name is None:
        return None
    key = (os.environ if environment is None else environment).get(name)
    if not key:
        raise SettingsError(f"`mesh.http.api_key_env` names {name}, which is not set.")
    return key
