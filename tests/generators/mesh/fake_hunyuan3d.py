"""An API server of Hunyuan3D as its authors' behaves, with a ball for every image.

It begins all that it is sent at once; what fails is said to be processed for ever, and so is what was never
sent. Version 2 has one file a model, 2.1 checks orders and has two.
"""

import base64
import binascii
import io
import json
import threading
import uuid
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Literal

import numpy as np
import numpy.typing as npt
from PIL import Image

from tests.generators.mesh.fake_model_server import ball_glb

# Of 2.1's request model.
_RANGES = {
    "seed": (0, 2**32 - 1),
    "octree_resolution": (64, 512),
    "num_inference_steps": (1, 20),
    "guidance_scale": (0.1, 20.0),
    "face_count": (1000, 100_000),
}


def _open() -> threading.Event:
    gate = threading.Event()
    gate.set()
    return gate


@dataclass
class Script:
    """What the server does.

    Attributes:
        version: Whose manners it has.
        body: File that it builds.
        gate: Models wait for it, once begun.
        fails: Whether building one raises an exception.
        n_torn: How often a file is read before it is whole.
        statuses: HTTP status by route, `send` or `status`, where it is not 200.
        answers: Answer by route, where it is another one.
        asked: Orders that came.
        images: What they showed, (H, W, 4).
        keys: Which keys came.
        n_polls: How often a status was asked for.
        n_building: Models that are being built.
        most_building: Of them, most at a time.
    """

    version: Literal["2", "2.1"] = "2"
    body: bytes = field(default_factory=ball_glb)
    gate: threading.Event = field(default_factory=_open)
    fails: bool = False
    n_torn: int = 0
    statuses: Mapping[str, int] = field(default_factory=dict)
    answers: Mapping[str, bytes] = field(default_factory=dict)
    asked: list[dict[str, Any]] = field(default_factory=list)
    images: list[npt.NDArray[np.uint8]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)
    n_polls: int = 0
    n_building: int = 0
    most_building: int = 0


class _Models:
    """Builds, each model on a thread of its own."""

    def __init__(self, script: Script) -> None:
        self.script = script
        self.files: dict[str, bytes] = {}
        self.threads: list[threading.Thread] = []
        self._lock = threading.Lock()

    def begin(self, params: dict[str, Any]) -> str:
        uid = str(uuid.uuid4())
        self.threads.append(threading.Thread(target=self._build, args=(uid, params), daemon=True))
        self.threads[-1].start()
        return uid

    def _build(self, uid: str, params: dict[str, Any]) -> None:
        script = self.script
        with self._lock:
            script.n_building += 1
            script.most_building = max(script.most_building, script.n_building)
        try:
            script.gate.wait()
            # No image means a text, whose model there is not; both end the thread with a traceback alone.
            image = Image.open(io.BytesIO(base64.b64decode(params["image"], validate=True)))
            script.images.append(np.asarray(image.convert("RGBA")))
            if not script.fails and "text" not in params:
                self.files[uid] = script.body
        except (KeyError, OSError, binascii.Error):
            pass
        finally:
            with self._lock:
                script.n_building -= 1

    def status(self, uid: str) -> dict[str, str]:
        script = self.script
        if uid not in self.files:
            return {"status": "processing"}
        data = self.files[uid]
        if script.n_torn:
            script.n_torn -= 1
            data = data[: len(data) // 2]
        whole = base64.b64encode(data).decode()
        extra = {"initial_model_base64": whole} if script.version == "2.1" else {}
        return {"status": "completed", "model_base64": whole} | extra


@contextmanager
def hunyuan3d_server(script: Script) -> Iterator[str]:
    """Run it on loopback; give its address."""
    models = _Models(script)

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            content = self.rfile.read(int(self.headers["Content-Length"]))
            script.keys.append(self.headers.get("Authorization"))
            assert self.path == "/send", "`/generate` holds up its event loop"
            params = json.loads(content)
            script.asked.append(params)
            if script.version == "2.1" and not _is_valid(params):
                self._answer("send", {"detail": []}, 422)
                return
            refused = script.statuses.get("send", 200) != 200
            self._answer("send", {"uid": "" if refused else models.begin(params)})

        def do_GET(self) -> None:
            script.n_polls += 1
            script.keys.append(self.headers.get("Authorization"))
            self._answer("status", models.status(self.path.removeprefix("/status/")))

        def _answer(self, route: str, content: dict[str, Any], status: int = 200) -> None:
            try:
                self.send_response(script.statuses.get(route, status))
                self.send_header("Content-Type", "application/json")
                self.end_headers()
                self.wfile.write(script.answers.get(route, json.dumps(content).encode()))
            except OSError:
                pass  # the client has gone away

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        script.gate.set()
        for builder in models.threads:
            builder.join()
        server.shutdown()
        server.server_close()
        thread.join()


def _is_valid(params: dict[str, Any]) -> bool:
    return isinstance(params.get("image"), str) and all(
        low <= params[name] <= high for name, (low, high) in _RANGES.items() if name in params
    )
