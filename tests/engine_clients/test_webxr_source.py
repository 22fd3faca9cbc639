"""The WebXR client's source, as far as it can be judged without a browser."""

import re
import subprocess
from pathlib import Path

import pytest

from tests.engine_clients.browser import MODULES, ROOT
from tests.engine_clients.webxr.page import CLIENT

SOURCES = sorted(path for folder in ("src", "demo") for path in (CLIENT / folder).rglob("*.js"))
_MAX_LINES = 400
_IMPORT = re.compile(r"(?:from|import\()\s*'([^']+)'")
_CLASS = re.compile(r"^export class (\w+)", re.MULTILINE)


def _id(path: Path) -> str:
    return path.relative_to(CLIENT).as_posix()


@pytest.mark.parametrize("source", SOURCES, ids=_id)
def test_files_are_short_and_hold_the_one_class_of_their_name(source: Path) -> None:
    text = source.read_text()
    names = _CLASS.findall(text)
    assert len(text.splitlines()) <= _MAX_LINES
    assert names == ([source.stem] if source.stem[0].isupper() else [])
    assert "console." not in text


def test_the_worker_needs_nothing_but_its_own_files() -> None:
    """Import maps don't reach workers, so that a bare name would not be found there."""
    waiting, seen = [CLIENT / "src" / "worker" / "worker.js"], set[Path]()
    while waiting:
        source = waiting.pop()
        seen.add(source)
        code = re.sub(r"/\*.*?\*/", "", source.read_text(), flags=re.DOTALL)
        for name in _IMPORT.findall(code):
            assert name.startswith("."), f"{_id(source)} imports {name}"
            target = (source.parent / name).resolve()
            assert target.is_file(), f"{_id(source)} imports {name}"
            if target not in seen:
                waiting.append(target)
    assert len(seen) > 15


@pytest.mark.engine
def test_types_are_right() -> None:
    """Checks the JSDoc types of the client and its tests as strictly as `tsc` can."""
    command = [str(MODULES / ".bin" / "tsc"), "-p", "tests/engine_clients/webxr/tsconfig.json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


@pytest.mark.engine
def test_it_is_formatted() -> None:
    config = str(CLIENT / ".prettierrc.json")
    files = [f"{CLIENT}/{part}/**/*.js" for part in ("src", "demo", "tests")]
    command = [str(MODULES / ".bin" / "prettier"), "--config", config, "--check", *files]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
