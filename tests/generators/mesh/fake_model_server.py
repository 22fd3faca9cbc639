"""A server that answers GLB files, or whatever a test tells it to."""

import json
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

import trimesh


def ball_glb(subdivisions: int = 4) -> bytes:
    """Return a ball as GLB; four subdivisions make 5,120 faces."""
    data: bytes = trimesh.creation.icosphere(subdivisions=subdivisions).export(file_type="glb")
    return data


@dataclass
class Script:
    """What the server does.

    Attributes:
        body: Of its answer.
        status: Of its answer.
        delay_s: Before it.
        asked: What it was asked for.
        keys: Which keys came with it.
    """

    body: bytes = field(default_factory=ball_glb)
    status: int = 200
    delay_s: float = 0.0
    asked: list[dict[str, Any]] = field(default_factory=list)
    keys: list[str | None] = field(default_factory=list)


@contextmanager
def model_server(script: Script) -> Iterator[str]:
    """Run it on loopback; give its address."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self) -> None:
            script.asked.append(json.loads(self.rfile.read(int(self.headers["Content-Length"]))))
            script.keys.append(self.headers.get("Authorization"))
            time.sleep(script.delay_s)
            try:
                self.send_response(script.status)
                self.send_header("Content-Type", "model/gltf-binary")
                self.end_headers()
                self.wfile.write(script.body)
            except OSError:
                pass  # the client has gone away

        def log_message(self, *_: Any) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    thread = threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True)
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}/generate"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()
