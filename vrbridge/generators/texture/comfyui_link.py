"""Requests to a ComfyUI server; only this module speaks HTTP and WebSocket with it."""

import logging
from collections.abc import Iterator, Mapping
from contextlib import ExitStack, contextmanager
from typing import Any, NoReturn
from urllib.parse import quote, urlsplit

import httpx
from websockets.exceptions import ConnectionClosed, InvalidStatus, WebSocketException
from websockets.sync.client import ClientConnection, connect

from vrbridge.errors import GeneratorFailed, Unavailable
from vrbridge.generators.texture.comfyui_messages import FEATURE_FLAGS, ImageFile

MAX_PICTURE_BYTES = 64 << 20
_MAX_ANSWER_BYTES = 16 << 20
_ANSWER_S = 20.0
"""ComfyUI answers on an event loop that its nodes may hold up for seconds."""
_NO_SUCH_ROUTE = frozenset({404, 405, 501})
_UNREACHABLE = "The picture server can't be reached; the server's log says why."
_log = logging.getLogger(__name__)


class Disconnected(Exception):
    """The server closed a WebSocket, or it broke."""


class Listener:
    """Hears what the server says to one client."""

    def __init__(self, socket: ClientConnection) -> None:
        self._socket = socket

    def receive(self, *, within_s: float) -> str | bytes | None:
        """Return the next message, or None if there is none within that time.

        Raises:
            Disconnected: If there will be none any more.
        """
        try:
            return self._socket.recv(timeout=within_s)
        except TimeoutError:
            return None
        except ConnectionClosed as error:
            raise Disconnected from error


class ComfyUiLink:
    """One ComfyUI server.

    Args:
        url: `http://host:port`, with a path before ComfyUI's own if there is one.
        key: Sent as a bearer token, if any.
        connect_timeout_s: How long it may take to get through to it.
    """

    def __init__(self, url: str, *, key: str | None, connect_timeout_s: float) -> None:
        self._headers = {"Authorization": f"Bearer {key}"} if key else {}
        self._connect_timeout_s = connect_timeout_s
        parts = urlsplit(url.rstrip("/"))
        # Names and passwords in an address stay out of messages and logs.
        self.name = parts.netloc.rpartition("@")[2]
        secure = "s" if parts.scheme == "https" else ""
        self._socket_url = f"ws{secure}://{parts.netloc}{parts.path}/ws"
        self._http = httpx.Client(
            base_url=url.rstrip("/"),
            headers=self._headers,
            timeout=httpx.Timeout(_ANSWER_S, connect=connect_timeout_s),
            trust_env=False,
        )

    def close(self) -> None:
        """Let go of the connections."""
        self._http.close()

    @contextmanager
    def listening(self, client_id: str) -> Iterator["Listener"]:
        """Give a WebSocket on which the server tells about this client's prompts.

        Raises:
            Unavailable: On entering, if the server can't be reached, or wants another key.
        """
        with ExitStack() as stack:
            try:
                socket = stack.enter_context(
                    connect(
                        f"{self._socket_url}?clientId={client_id}",
                        additional_headers=self._headers,
                        open_timeout=self._connect_timeout_s,
                        close_timeout=1.0,
                        max_size=_MAX_ANSWER_BYTES,
                        compression=None,
                        proxy=None,
                    )
                )
                socket.send(FEATURE_FLAGS)
            except InvalidStatus as error:
                self._refuse(error.response.status_code, "/ws", error)
            except (OSError, WebSocketException) as error:
                raise self._unreachable(error) from error
            yield Listener(socket)

    def submit(self, workflow: Mapping[str, Any], *, prompt_id: str, client_id: str) -> str:
        """Put a workflow into the server's queue and return the id that it goes by there.

        Args:
            workflow: In API format.
            prompt_id: The id that it should have; old servers choose another.
            client_id: Of the WebSocket that is told about it.

        Raises:
            Unavailable: If the server can't be reached or does not accept the workflow.
        """
        body = {"prompt": workflow, "prompt_id": prompt_id, "client_id": client_id}
        answer = self._ask("POST", "/prompt", json=body)
        if answer.status_code == httpx.codes.BAD_REQUEST:
            _log.error("ComfyUI at %s refused the workflow: %s", self.name, refusal_in(_json(answer)))
            raise Unavailable("The picture server refused the workflow; the server's log says why.")
        self._check(answer, "/prompt")
        given = _json(answer).get("prompt_id")
        return given if isinstance(given, str) else prompt_id

    def n_ahead(self, prompt_id: str) -> int | None:
        """Return how many prompts come first, 0 while it runs; None if it is not in the queue."""
        answer = self._ask("GET", "/queue")
        self._check(answer, "/queue")
        queues = _json(answer)
        running, pending = _queue_items(queues, "queue_running"), _queue_items(queues, "queue_pending")
        if any(item[1] == prompt_id for item in running):
            return 0
        # The server hands out a heap: the lower the number the sooner.
        ordered = [item[1] for item in sorted(pending, key=lambda item: item[0])]
        return len(running) + ordered.index(prompt_id) if prompt_id in ordered else None

    def history(self, prompt_id: str) -> Mapping[str, Any] | None:
        """Return what is kept of a finished prompt, or None if it is not finished."""
        answer = self._ask("GET", f"/history/{_quoted(prompt_id)}")
        self._check(answer, "/history")
        entry = _json(answer).get(prompt_id)
        return entry if isinstance(entry, dict) else None

    def picture(self, image: ImageFile) -> bytes:
        """Return the file of a picture.

        Raises:
            GeneratorFailed: If it is larger than 64 MiB.
            Unavailable: If it can't be fetched.
        """
        query = {"filename": image.filename, "subfolder": image.subfolder, "type": image.type}
        pieces, n_bytes = [], 0
        try:
            with self._http.stream("GET", "/view", params=query) as answer:
                self._check(answer, "/view")
                for piece in answer.iter_bytes():
                    n_bytes += len(piece)
                    if n_bytes > MAX_PICTURE_BYTES:
                        raise GeneratorFailed("The picture server made a picture that is too large.")
                    pieces.append(piece)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error
        return b"".join(pieces)

    def cancel(self, prompt_id: str) -> None:
        """Have the server drop a prompt, whatever it does with it now, without touching those of others.

        Old servers can only interrupt whatever runs: there a prompt that has begun runs to its end.

        Raises:
            Unavailable: If the server can't be reached.
        """
        answer = self._ask("POST", f"/api/jobs/{_quoted(prompt_id)}/cancel")
        if answer.status_code not in _NO_SUCH_ROUTE:
            self._check(answer, "/api/jobs/ID/cancel")
            return
        self._check(self._ask("POST", "/queue", json={"delete": [prompt_id]}), "/queue")
        # Servers that know jobs by id also interrupt by id; older ones would stop whatever runs.
        if self._ask("GET", f"/api/jobs/{_quoted(prompt_id)}").is_success:
            self._check(self._ask("POST", "/interrupt", json={"prompt_id": prompt_id}), "/interrupt")

    def checkpoints(self) -> list[str]:
        """Return the names of the checkpoints that the server has."""
        answer = self._ask("GET", "/object_info/CheckpointLoaderSimple")
        self._check(answer, "/object_info")
        try:
            choice = _json(answer)["CheckpointLoaderSimple"]["input"]["required"]["ckpt_name"]
        except (KeyError, TypeError):
            return []
        # Old servers say [names, …], newer ones ["COMBO", {"options": names}].
        names = choice[0] if isinstance(choice[0], list) else (choice[1] or {}).get("options", [])
        return [str(name) for name in names]

    def has_node(self, node_type: str) -> bool:
        """Whether the server knows a type of node."""
        answer = self._ask("GET", f"/object_info/{_quoted(node_type)}")
        self._check(answer, "/object_info")
        return node_type in _json(answer)

    def version(self) -> str:
        """Return the server's version, or `unknown`."""
        answer = self._ask("GET", "/system_stats")
        self._check(answer, "/system_stats")
        system = _json(answer).get("system")
        return str(system.get("comfyui_version", "unknown")) if isinstance(system, dict) else "unknown"

    def _ask(self, method: str, path: str, **content: Any) -> httpx.Response:
        try:
            return self._http.request(method, path, **content)
        except httpx.HTTPError as error:
            raise self._unreachable(error) from error

    def _check(self, answer: httpx.Response, path: str) -> None:
        if not answer.is_success:
            self._refuse(answer.status_code, path)

    def _refuse(self, status: int, path: str, cause: Exception | None = None) -> NoReturn:
        _log.error("ComfyUI at %s answered %s with HTTP %d", self.name, path, status)
        if status in (httpx.codes.UNAUTHORIZED, httpx.codes.FORBIDDEN):
            _log.error("Its key belongs into the variable that `texture.comfyui.api_key_env` names")
        raise Unavailable(
            "The picture server does not answer as ComfyUI does; the server's log says why."
        ) from cause

    def _unreachable(self, error: Exception) -> Unavailable:
        _log.error("ComfyUI at %s can't be reached (%s)", self.name, type(error).__name__)
        return Unavailable(_UNREACHABLE)


def refusal_in(answer: Mapping[str, Any]) -> str:
    """Return which nodes a server objects to, and why; values are left out, they may be a player's words."""
    error = answer.get("error")
    kind = error.get("type") if isinstance(error, dict) else error
    found = [str(kind)]
    extra = error.get("extra_info") if isinstance(error, dict) else None
    if isinstance(extra, dict) and extra.get("class_type"):
        found.append(f"unknown node {extra['class_type']}")
    nodes = answer.get("node_errors")
    for node in nodes.values() if isinstance(nodes, dict) else ():
        for reason in node.get("errors", ()):
            where = (reason.get("extra_info") or {}).get("input_name", "")
            found.append(f"{node.get('class_type')}.{where}: {reason.get('type')}")
    return "; ".join(found)


def _quoted(part: str) -> str:
    return quote(part, safe="")


def _json(answer: httpx.Response) -> dict[str, Any]:
    try:
        content = answer.json()
    except ValueError:
        return {}
    return content if isinstance(content, dict) else {}


def _queue_items(queues: Mapping[str, Any], name: str) -> list[list[Any]]:
    items = queues.get(name)
    return (
        [item for item in items if isinstance(item, list) and len(item) > 1]
        if isinstance(items, list)
        else []
    )
