"""The WebXR client's test page: its files, and a run of some of its tests."""

import json
from collections.abc import Mapping, Sequence
from contextlib import AbstractContextManager
from pathlib import Path
from typing import Final
from urllib.parse import urlencode

from tests.engine_clients.browser import MODULES, ROOT, Run, run_address, serving_files

CLIENT: Final = ROOT / "engine_clients" / "webxr"
_WIRE: Final = ROOT / "tests" / "wire"
_PAGE: Final = Path(__file__).with_name("page.html")


def serving_client(pages: Mapping[str, bytes]) -> AbstractContextManager[str]:
    """Serve the client, its tests, the packages of npm and further pages by path; yield the origin."""

    def find(path: str) -> Path | bytes:
        if path in pages:
            return pages[path]
        if path.startswith("/wire/"):
            file = _WIRE / path.removeprefix("/wire/")
            return file if file.is_file() else _golden(file.stem)
        for prefix, folder in (("/client/", CLIENT), ("/modules/", MODULES)):
            if path.startswith(prefix):
                return folder / path.removeprefix(prefix)
        return _PAGE if path == "/" else b""

    return serving_files(find)


def run_tests(
    origin: str,
    files: Sequence[str],
    config: Mapping[str, str],
    *,
    pictures: Path,
    timeout_s: float = 300.0,
    **query: str,
) -> Run:
    """Run the tests of some files in one page.

    Args:
        origin: Of `serving_client`.
        files: Names of modules beside the client's test runner, without `.js`.
        config: What the tests read.
        pictures: Where the pictures go that they take.
        timeout_s: Within which they have to end.
        query: Further parts of the page's address: `only`, `xr`.
    """
    parts = [*(("file", file) for file in files), ("config", json.dumps(config)), *query.items()]
    return run_address(f"{origin}/?{urlencode(parts)}", pictures=pictures, timeout_s=timeout_s)


def _golden(folder: str) -> bytes:
    files = sorted((_WIRE / folder).glob("*.json"))
    return json.dumps([json.loads(file.read_text()) for file in files]).encode()
