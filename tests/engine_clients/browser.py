"""Pages in headless Chromium: a server for their files, and what they said and did."""

import json
import subprocess
import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final

ROOT: Final = Path(__file__).parents[2]
MODULES: Final = ROOT / "tests" / "node_modules"
_RUNNER: Final = Path(__file__).with_name("run_page.mjs")

Find = Callable[[str], Path | bytes]
"""Path of an address → the file, or its bytes."""


@dataclass(frozen=True, slots=True)
class Run:
    """What a page said and did.

    Args:
        exit_code: 124 if it did not end in time.
        lines: Its console, in order: `(level, text)`.
        faults: Errors of the page, and requests to other hosts.
    """

    exit_code: int
    lines: Sequence[tuple[str, str]]
    faults: Sequence[str]

    @property
    def errors(self) -> list[str]:
        """Lines in which the page, an engine or a script complains."""
        marks = ("ERROR", "WARNING", "start failed")
        return [text for level, text in self.lines if level == "error" or any(m in text for m in marks)]

    def tagged(self, tag: str) -> list[dict[str, object]]:
        """Return the JSON objects that the page printed behind a tag, such as `RESULT`."""
        texts = [text for _, text in self.lines if text.startswith(f"{tag} ")]
        return [json.loads(text.removeprefix(f"{tag} ")) for text in texts]

    @property
    def results(self) -> dict[str, Sequence[str]]:
        """Test → what was wrong, for pages that run tests."""
        return {str(result["test"]): result["problems"] for result in self.tagged("RESULT")}  # type: ignore[misc]


class _Files(SimpleHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: object, find: Find) -> None:
        self._find = find
        super().__init__(*arguments)  # type: ignore[arg-type]  # the server's three, handed on

    def do_GET(self) -> None:
        found = self._find(self.path.split("?")[0])
        if isinstance(found, bytes):
            self._send(found)
        else:
            super().do_GET()

    def translate_path(self, path: str) -> str:
        return str(self._find(path.split("?")[0]))

    def end_headers(self) -> None:
        # A file that changes between two runs must not come from a cache.
        self.send_header("Cache-Control", "no-store")
        # For pages that take their modules from another origin, as from a network of caches.
        self.send_header("Access-Control-Allow-Origin", "*")
        super().end_headers()

    def log_message(self, format: str, *arguments: object) -> None:
        pass

    def _send(self, data: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(self.path.split("?")[0]))
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def serving_files(find: Find) -> Iterator[str]:
    """Serve what a function finds, and yield the origin."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, find=find))
    thread = threading.Thread(target=server.serve_forever, name="pages")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def run_address(address: str, *, pictures: Path, timeout_s: float = 100.0) -> Run:
    """Open a page and wait until it sets `window.exitCode`.

    Args:
        address: Of the page. With `picture=NAME` in its query, a picture is taken once the first request is
            done, and the page has ended then.
        pictures: Where `takePicture` puts what it takes.
        timeout_s: Within which it has to end.
    """
    command = ["node", str(_RUNNER), address, str(timeout_s), str(pictures)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=timeout_s + 60, check=False
    )
    said: list[dict[str, str]] = [json.loads(line) for line in done.stdout.splitlines()]
    lines = [(entry["level"], entry["text"]) for entry in said if entry["kind"] == "console"]
    faults = [f"{entry['kind']}: {entry['text']}" for entry in said if entry["kind"] != "console"]
    if done.stderr.strip():
        faults.append(done.stderr.strip()[-2000:])
    return Run(done.returncode, lines, faults)
