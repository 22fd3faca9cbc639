"""Requests to an API server of Hunyuan3D; only this module speaks HTTP with it."""

import logging
from collections.abc import Mapping
from typing import TypeVar
from urllib.parse import quote, urlsplit

import httpx
import msgspec

from vrbridge.errors import GeneratorFailed, Unavailable
from vrbridge.generators.mesh.model_server import CONNECT_S, MAX_MODEL_BYTES, read_answer

SECTION = "mesh.hunyuan3d"
# Its event loop shares an interpreter with the networks, which hold it up for seconds.
_ANSWER_S = 20.0
# Of base64, and twice: 2.1 sends the model without its texture along.
_MAX_ANSWER_BYTES = MAX_MODEL_BYTES * 8 // 3 + 4096
_log = logging.getLogger(__name__)
_T = TypeVar("_T")


class _Sent(msgspec.Struct):
    uid: str


class _Status(msgspec.Struct):
    """`model_base64` is decoded on the way."""

    status: str
    model_base64: bytes | None = None


class Hunyuan3DLink:
    """One server.

    Args:
        url: `http://host:port`, with a path before its own if there is one.
        headers: Sent along with every request.
    """

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self.name = urlsplit(url).netloc
        self._http = httpx.Client(
            base_url=url.rstrip("/"),
            headers=dict(headers),
            timeout=httpx.Timeout(_ANSWER_S, connect=CONNECT_S),
            trust_env=False,
        )

    def close(self) -> None:
        """Let go of the connections, and break off what is asked on another thread."""
        self._http.close()

    def send(self, order: Mapping[str, object]) -> str:
        """Have a model begun at once, whatever else is being built, and return its id.

        Args:
            order: `image` and the names of the server's parameters; never `text`, on which it fails.

        Raises:
            Unavailable: If the server can't be reached, is busy, or wants another key.
            GeneratorFailed: If it does not accept the order.
        """
        try:
            data = self._answer("POST", "/send", order)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        return _decoded(data, _Sent).uid

    def model(self, uid: str) -> bytes | None:
        """Return the file of a model, or None while it is being built.

        That is also what is said of one that failed, or was never begun. A file may still be incomplete
        when it is first seen.

        Raises:
            Unavailable: If the server can't be reached, is busy, or wants another key.
            GeneratorFailed: If it says that the model failed, or something else than it should.
        """
        try:
            data = self._answer("GET", f"/status/{quote(uid, safe='')}")
        except httpx.ReadTimeout:
            return None
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        said = _decoded(data, _Status)
        if said.status in ("processing", "texturing"):
            return None
        if said.status != "completed" or said.model_base64 is None:
            raise GeneratorFailed("The model server says that the model failed.")
        if len(said.model_base64) > MAX_MODEL_BYTES:
            raise GeneratorFailed(f"The model server sent over {MAX_MODEL_BYTES >> 20} MiB.")
        return said.model_base64

    def _answer(self, method: str, path: str, json: Mapping[str, object] | None = None) -> bytes:
        with self._http.stream(method, path, json=json) as answer:
            if answer.status_code == httpx.codes.UNPROCESSABLE_ENTITY:
                raise GeneratorFailed(f"The model server does not take the numbers in `{SECTION}`.")
            return read_answer(answer, _MAX_ANSWER_BYTES, section=SECTION)

    def _unreachable(self, error: Exception) -> Unavailable:
        _log.warning("Hunyuan3D at %s can't be reached: %s", self.name, type(error).__name__)
        return Unavailable("The model server can't be reached; the server's log says why.")


def _decoded(data: bytes, kind: type[_T]) -> _T:
    try:
        return msgspec.json.decode(data, type=kind)
    except msgspec.MsgspecError as error:
        raise GeneratorFailed("The model server does not answer as Hunyuan3D's does.") from error
