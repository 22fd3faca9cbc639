"""A ComfyUI server without networks: its routes, its queue with one executor, and its messages.

Written after the behaviour of ComfyUI's server: prompts are validated before they are queued, one runs at a
time, its messages go to the client that asked, interruptions and queue lengths go to everybody, and the
history knows a prompt only after success was said.
"""

import heapq
import io
import json
import struct
import threading
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

import numpy as np
from PIL import Image
from websockets.exceptions import ConnectionClosed
from websockets.http11 import Request, Response
from websockets.protocol import State
from websockets.server import ServerProtocol
from websockets.sync.server import Server, ServerConnection

NODES = {
    "CheckpointLoaderSimple",
    "CLIPTextEncode",
    "EmptyLatentImage",
    "KSampler",
    "VAEDecode",
    "PreviewImage",
    "SaveImage",
}
OUTPUT_NODES = {"PreviewImage": "temp", "SaveImage": "output"}
Body = dict[str, Any]
Answer = tuple[int, Any]


@dataclass(order=True)
class Item:
    """A prompt in the queue."""

    number: float
    prompt_id: str = field(compare=False)
    prompt: Body = field(compare=False)
    client_id: str | None = field(compare=False)

    def listed(self) -> list[Any]:
        """Return it as `/queue` does."""
        return [self.number, self.prompt_id, self.prompt, {"client_id": self.client_id}, ["picture"]]


class Interrupted(Exception):
    """The running prompt was interrupted."""


class FakeComfyUi:
    """A server on a free port of loopback.

    Args:
        age: `new` cancels jobs by id; `middle` knows jobs and interrupts by id; `old` chooses the ids itself
            and interrupts whatever runs.
        checkpoints: Names of models that it has.
        key: Bearer token that it wants, if any.
        is_gated: Whether each sampler step waits for `permits`.
    """

    def __init__(
        self,
        *,
        age: str = "new",
        checkpoints: tuple[str, ...] = ("rock.safetensors", "moss.safetensors"),
        key: str | None = None,
        is_gated: bool = False,
    ) -> None:
        self.age = age
        self.key = key
        self.checkpoints = checkpoints
        self.permits = threading.Semaphore(0) if is_gated else None
        self.failure: str | None = None
        self.picture_px = (64, 64)
        self.picture_bytes: bytes | None = None
        self.names_pictures = True
        self.history_delay_s = 0.0
        self.requests: list[tuple[str, str, Body]] = []
        self.flags: list[Body] = []
        self.ended: dict[str, str] = {}
        self.n_steps_run: dict[str, int] = {}
        self._lock = threading.RLock()
        self._changed = threading.Condition(self._lock)
        self._queue: list[Item] = []
        self._running: Item | None = None
        self._is_interrupted = False
        self._history: Body = {}
        self._pictures: dict[str, bytes] = {}
        self._sockets: dict[str, ServerConnection] = {}
        self._socket_flags: dict[str, Body] = {}
        self._n = 0
        self._is_closed = False
        server = self

        class Handler(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def handle(self) -> None:
                line = b""
                while b"\r\n" not in line:
                    line = self.connection.recv(4096, 2)  # MSG_PEEK
                    if not line:
                        return
                if line.startswith((b"GET /ws", b"GET /api/ws")):
                    server._serve_socket(self.connection, line.split()[1].decode())
                    self.close_connection = True
                else:
                    super().handle()

            def do_GET(self) -> None:
                self._answer("GET")

            def do_POST(self) -> None:
                self._answer("POST")

            def _answer(self, method: str) -> None:
                n_bytes = int(self.headers.get("Content-Length") or 0)
                raw = self.rfile.read(n_bytes)
                status, content = server._answer(
                    method, self.path, json.loads(raw) if raw else {}, self.headers.get("Authorization")
                )
                is_picture = isinstance(content, bytes)
                body = content if is_picture else json.dumps(content).encode()
                self.send_response(status)
                self.send_header("Content-Type", "image/png" if is_picture else "application/json")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                self.wfile.write(body)

            def log_message(self, format: str, *args: object) -> None:
                """Keep quiet."""

        self._http = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
        self._http.daemon_threads = True
        # Connections ask it whether they should end; it listens to nothing itself.
        self._socket_server = Server(self._http.socket, lambda *_: None)
        self._threads = [
            threading.Thread(target=self._http.serve_forever, kwargs={"poll_interval": 0.02}, daemon=True),
            threading.Thread(target=self._execute, daemon=True),
        ]
        for thread in self._threads:
            thread.start()

    @property
    def url(self) -> str:
        """Its address."""
        return f"http://127.0.0.1:{self._http.server_port}"

    def close(self) -> None:
        """Stop everything."""
        with self._changed:
            self._is_closed = self._is_interrupted = True
            self._changed.notify_all()
        if self.permits is not None:
            self.permits.release(10_000)
        self.drop_sockets()
        self._http.shutdown()
        self._http.server_close()
        self._socket_server.shutdown_watcher.close()
        self._socket_server.shutdown_notifier.close()
        for thread in self._threads:
            thread.join(10)

    def drop_sockets(self) -> None:
        """Close every WebSocket, as a proxy may do."""
        for socket in list(self._sockets.values()):
            socket.close(1012)

    def forget(self) -> None:
        """Lose the queue and what runs, as in a restart."""
        with self._changed:
            self._queue.clear()
            self._running = None
            self._is_interrupted = True

    def put(self, name: str) -> str:
        """Queue a prompt of somebody else and return its id."""
        nodes = {
            "sampler": {"class_type": "KSampler", "inputs": {"steps": 4, "seed": 1}},
            "picture": {"class_type": "PreviewImage", "inputs": {}},
        }
        _, answer = self._submit({"prompt": nodes, "client_id": name})
        return str(answer["prompt_id"])

    def wait_until(self, condition: Any, timeout_s: float = 10.0) -> None:
        """Return once a condition of the server holds."""
        with self._changed:
            assert self._changed.wait_for(condition, timeout_s), "the server never came to that"

    @property
    def running(self) -> str | None:
        """Id of the prompt that runs."""
        return self._running.prompt_id if self._running is not None else None

    def asked(self, path: str) -> list[Body]:
        """Return the bodies of all requests for a path."""
        return [body for _, where, body in self.requests if where == path]

    # HTTP

    def _answer(self, method: str, target: str, body: Body, authorization: str | None) -> Answer:
        parts = urlsplit(target)
        # Every route also has its twin below /api.
        path = parts.path
        with self._changed:
            self.requests.append((method, path, body))
            self._changed.notify_all()
        if self.key is not None and authorization != f"Bearer {self.key}":
            return 401, {"error": "unauthorized"}
        if path.startswith("/api/jobs/"):
            return self._jobs(method, path.removeprefix("/api/jobs/"))
        path = path.removeprefix("/api")
        if (method, path) == ("POST", "/prompt"):
            return self._submit(body)
        if (method, path) == ("POST", "/queue"):
            self._delete(body.get("delete", []))
            return 200, {}
        if (method, path) == ("POST", "/interrupt"):
            self._interrupt(body.get("prompt_id") if self.age != "old" else None)
            return 200, {}
        if method == "GET":
            return self._get(path, {name: values[0] for name, values in parse_qs(parts.query).items()})
        return 405, {}

    def _get(self, path: str, query: dict[str, str]) -> Answer:
        if path == "/queue":
            with self._lock:
                running = [self._running.listed()] if self._running else []
                return 200, {"queue_running": running, "queue_pending": [i.listed() for i in self._queue]}
        if path.startswith("/history/"):
            prompt_id = path.removeprefix("/history/")
            with self._lock:
                known = self._history.get(prompt_id)
            return 200, {prompt_id: known} if known else {}
        if path == "/view":
            picture = self._pictures.get(f"{query.get('type')}/{query.get('filename')}")
            return (200, picture) if picture is not None else (404, {})
        if path.startswith("/object_info/"):
            return 200, self._object_info(path.removeprefix("/object_info/"))
        if path == "/system_stats":
            return 200, {
                "system": {"comfyui_version": "0.3.0" if self.age == "old" else "0.9.2"},
                "devices": [],
            }
        return 404, {}

    def _object_info(self, node: str) -> Body:
        if node not in NODES:
            return {}
        names = list(self.checkpoints)
        choice: list[Any] = [names, {}] if self.age == "old" else ["COMBO", {"options": names}]
        required = {"ckpt_name": choice} if node == "CheckpointLoaderSimple" else {}
        return {node: {"input": {"required": required}, "name": node}}

    def _jobs(self, method: str, rest: str) -> Answer:
        prompt_id, _, action = rest.partition("/")
        if self.age == "old" or (action == "cancel" and self.age != "new"):
            return (404 if method == "GET" else 405), {}
        with self._lock:
            is_running = self.running == prompt_id
            is_waiting = any(item.prompt_id == prompt_id for item in self._queue)
        if action == "cancel":
            self._delete([prompt_id])
            if is_running:
                self._interrupt(prompt_id)
            return 200, {"cancelled": is_running or is_waiting}
        if not (is_running or is_waiting or prompt_id in self._history):
            return 404, {"error": "Job not found"}
        return 200, {"id": prompt_id, "status": "in_progress" if is_running else "pending"}

    def _submit(self, body: Body) -> Answer:
        refusal = self._refusal(body.get("prompt", {}))
        if refusal is not None:
            return 400, refusal
        given = body.get("prompt_id")
        if given is not None and self.age == "new" and str(uuid.UUID(given)) != given:
            return 400, {"error": {"type": "invalid_prompt_id"}, "node_errors": {}}
        with self._changed:
            prompt_id = given if given is not None and self.age != "old" else str(uuid.uuid4())
            number = float(self._n)
            self._n += 1
            heapq.heappush(self._queue, Item(number, prompt_id, body["prompt"], body.get("client_id")))
            self._tell_lengths()
            self._changed.notify_all()
        return 200, {"prompt_id": prompt_id, "number": number, "node_errors": {}}

    def _refusal(self, prompt: Body) -> Body | None:
        for name, node in prompt.items():
            kind = node["class_type"]
            if kind not in NODES:
                extra = {"node_id": name, "class_type": kind, "node_title": kind}
                error = {
                    "type": "missing_node_type",
                    "message": f"Node '{kind}' not found.",
                    "extra_info": extra,
                }
                return {"error": error, "node_errors": {}}
            checkpoint = node["inputs"].get("ckpt_name")
            if checkpoint is not None and checkpoint not in self.checkpoints:
                reason = {
                    "type": "value_not_in_list",
                    "message": "Value not in list",
                    "details": f"ckpt_name: {checkpoint!r} not in {list(self.checkpoints)}",
                    "extra_info": {"input_name": "ckpt_name", "received_value": checkpoint},
                }
                error = {"type": "prompt_outputs_failed_validation", "message": "", "extra_info": {}}
                errors = {"errors": [reason], "dependent_outputs": ["picture"], "class_type": kind}
                return {"error": error, "node_errors": {name: errors}}
        if not any(node["class_type"] in OUTPUT_NODES for node in prompt.values()):
            return {
                "error": {"type": "prompt_no_outputs", "message": "Prompt has no outputs"},
                "node_errors": {},
            }
        return None

    def _delete(self, prompt_ids: list[str]) -> None:
        with self._changed:
            for item in [item for item in self._queue if item.prompt_id in prompt_ids]:
                self._queue.remove(item)
                heapq.heapify(self._queue)
                self.ended[item.prompt_id] = "deleted"
            self._tell_lengths()
            self._changed.notify_all()

    def _interrupt(self, prompt_id: str | None) -> None:
        with self._lock:
            if prompt_id is None or self.running == prompt_id:
                self._is_interrupted = True

    # WebSocket

    def _serve_socket(self, raw: Any, target: str) -> None:
        client_id = parse_qs(urlsplit(target).query).get("clientId", [uuid.uuid4().hex])[0]
        socket = ServerConnection(raw, ServerProtocol(), self._socket_server, close_timeout=1)
        socket.handshake(self._refused_socket)
        if socket.protocol.state is not State.OPEN:
            return
        self._sockets[client_id] = socket
        self._socket_flags[client_id] = {}
        self._send("status", {"status": self._lengths(), "sid": client_id}, client_id)
        with suppress(ConnectionClosed):
            for number, data in enumerate(socket):
                message = json.loads(data)
                if number == 0 and message.get("type") == "feature_flags" and self.age != "old":
                    self.flags.append(message["data"])
                    self._socket_flags[client_id] = message["data"]
                    self._send("feature_flags", {"supports_preview_metadata": True}, client_id)
        if self._sockets.get(client_id) is socket:
            self._sockets.pop(client_id)

    def _refused_socket(self, socket: ServerConnection, request: Request) -> Response | None:
        is_known = self.key is None or request.headers.get("Authorization") == f"Bearer {self.key}"
        return None if is_known else socket.respond(401, "unauthorized")

    def _send(self, kind: str, facts: Body, client_id: str | None = None) -> None:
        """Tell one client, or all."""
        self._send_raw(json.dumps({"type": kind, "data": facts}), client_id)

    def _send_raw(self, data: str | bytes, client_id: str | None) -> None:
        found = [self._sockets.get(client_id)] if client_id is not None else list(self._sockets.values())
        for socket in found:
            if socket is not None:
                with suppress(ConnectionClosed):
                    socket.send(data)

    def _lengths(self) -> Body:
        n_remaining = len(self._queue) + (self._running is not None)
        return {"exec_info": {"queue_remaining": n_remaining}}

    def _tell_lengths(self) -> None:
        self._send("status", {"status": self._lengths()})

    # the executor

    def _execute(self) -> None:
        while True:
            with self._changed:
                self._changed.wait_for(lambda: self._queue or self._is_closed)
                if self._is_closed:
                    return
                item = self._running = heapq.heappop(self._queue)
                self._is_interrupted = False
                self._tell_lengths()
                self._changed.notify_all()
            messages: list[tuple[str, Body]] = []
            outputs: Body = {}
            try:
                self._run(item, outputs, messages)
                end = "success"
            except Interrupted:
                end = "interrupted"
                self._note("execution_interrupted", {"node_id": "sampler"}, item, messages, everybody=True)
            except RuntimeError as error:
                end = "error"
                facts = {
                    "node_id": "sampler",
                    "node_type": "KSampler",
                    "exception_type": str(error),
                    "exception_message": f"while painting {item.prompt}",
                    "current_inputs": {"text": [json.dumps(item.prompt)]},
                }
                self._note("execution_error", facts, item, messages)
            if end == "success" and self.history_delay_s:
                time.sleep(self.history_delay_s)
            with self._changed:
                self.ended[item.prompt_id] = end
                if self._running is item:
                    status = {
                        "status_str": "success" if end == "success" else "error",
                        "completed": end == "success",
                        "messages": messages,
                    }
                    self._history[item.prompt_id] = {
                        "prompt": item.listed(),
                        "outputs": outputs,
                        "status": status,
                        "meta": {},
                    }
                self._running = None
                self._tell_lengths()
                self._changed.notify_all()
            self._send("executing", {"node": None, "prompt_id": item.prompt_id}, item.client_id)

    def _note(
        self,
        kind: str,
        facts: Body,
        item: Item,
        messages: list[tuple[str, Body]],
        *,
        everybody: bool = False,
    ) -> None:
        facts = facts | {"prompt_id": item.prompt_id, "timestamp": 0}
        messages.append((kind, facts))
        self._send(kind, facts, None if everybody else item.client_id)

    def _run(self, item: Item, outputs: Body, messages: list[tuple[str, Body]]) -> None:
        self._note("execution_start", {}, item, messages)
        self._note("execution_cached", {"nodes": []}, item, messages)
        for name, node in item.prompt.items():
            executing = {"node": name, "display_node": name, "prompt_id": item.prompt_id}
            self._send("executing", executing, item.client_id)
            if node["class_type"] == "KSampler":
                self._sample(item, name, node["inputs"])
            if node["class_type"] in OUTPUT_NODES:
                outputs[name] = self._save(item, OUTPUT_NODES[node["class_type"]])
                facts = executing | {"output": outputs[name]}
                if self.names_pictures:
                    self._send("executed", facts, item.client_id)
        self._note("execution_success", {}, item, messages)

    def _sample(self, item: Item, name: str, inputs: Body) -> None:
        for step in range(inputs["steps"]):
            if self.permits is not None:
                self.permits.acquire()
            if self._is_interrupted:
                raise Interrupted
            if self.failure is not None:
                raise RuntimeError(self.failure)
            with self._changed:
                self.n_steps_run[item.prompt_id] = step + 1
                self._changed.notify_all()
            progress = {"value": step + 1, "max": inputs["steps"], "prompt_id": item.prompt_id, "node": name}
            self._send("progress", progress, item.client_id)
            self._send_preview(item, name, step)

    def _send_preview(self, item: Item, name: str, step: int) -> None:
        jpeg = io.BytesIO()
        Image.new("RGB", (32, 32), (10 * step, 200, 50)).save(jpeg, "JPEG", quality=95)
        client_id = item.client_id
        if self._socket_flags.get(str(client_id), {}).get("supports_preview_metadata"):
            facts = {"node_id": name, "prompt_id": item.prompt_id, "image_type": "image/jpeg"}
            metadata = json.dumps(facts).encode()
            data = struct.pack(">II", 4, len(metadata)) + metadata + jpeg.getvalue()
        else:
            data = struct.pack(">II", 1, 1) + jpeg.getvalue()
        self._send_raw(data, client_id)

    def _save(self, item: Item, kind: str) -> Body:
        filename = f"ComfyUI_{len(self._pictures):05}_.png"
        self._pictures[f"{kind}/{filename}"] = self.picture_bytes or self._painted(item)
        return {"images": [{"filename": filename, "subfolder": "", "type": kind}]}

    def _painted(self, item: Item) -> bytes:
        """Return noise of the seed in a colour of the prompt's length."""
        seeds = [n["inputs"]["seed"] for n in item.prompt.values() if "seed" in n["inputs"]]
        width, height = self.picture_px
        random = np.random.default_rng(seeds[0])
        pixels = random.integers(0, 255, (height, width, 3), np.uint8)
        png = io.BytesIO()
        Image.fromarray(pixels).save(png, "PNG")
        return png.getvalue()


@contextmanager
def comfyui(**options: Any) -> Iterator[FakeComfyUi]:
    """Run a server as long as the context lasts."""
    server = FakeComfyUi(**options)
    try:
        yield server
    finally:
        server.close()
