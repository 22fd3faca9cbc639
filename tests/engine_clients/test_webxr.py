"""The WebXR client in a real browser, against the real server."""

import re
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from tests.engine_clients.bad_ways import bad_ways
from tests.engine_clients.browser import MODULES, ROOT, Run
from tests.engine_clients.webxr.page import CLIENT, run_tests, serving_client
from tests.integration.serving import Serving, serving

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("webxr"), pytest.mark.timeout(400)]

ARTEFACTS = ROOT / "out" / "webxr"
_UNITS = ("test_message_pack", "test_session", "test_assets")
_LIVE = ("test_live",)
_WALL = (0.28, 0.32, 0.46, 0.70)
_PROP = (0.56, 0.36, 0.74, 0.70)
_PANEL = (0.55, 0.14, 0.80, 0.34)
# One eye of a stereo picture, and how far the other one is from it.
_EYE_WALL = (0.05, 0.35, 0.22, 0.70)
_EYE_PROP = (0.29, 0.40, 0.45, 0.72)
_OTHER_EYE = 0.49
_TEST = re.compile(r"^\s*test\((?:'([^']+)'|`([^`]+)`)", re.MULTILINE)
_WITHIN_S = 300.0
# What the browser says of connections that the tests break on purpose.
_EXPECTED = re.compile(r"WebSocket connection to .* failed")


def _names(files: Sequence[str]) -> list[str]:
    names = []
    for file in files:
        for found in _TEST.finditer((CLIENT / "tests" / f"{file}.js").read_text()):
            name = found[1] or found[2]
            folders = ("client", "server") if "${folder}" in name else ("",)
            names += [f"{file}::{name.replace('${folder}', folder)}" for folder in folders]
    return names


@dataclass(frozen=True)
class Place:
    """A page with the client, and a server that lets it in."""

    origin: str
    pages: dict[str, bytes]
    server: Serving
    token: str
    data: Path

    def run(self, files: Sequence[str], config: Mapping[str, str], **query: str) -> Run:
        """Run the tests of some files."""
        full = {"token": self.token, "server": self.server.url, **config}
        return run_tests(self.origin, files, full, pictures=self.data, timeout_s=_WITHIN_S, **query)


@pytest.fixture(scope="module")
def place(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One page and one server, with tokens, for all tests."""
    data = tmp_path_factory.mktemp("webxr")
    command = [sys.executable, "-m", "vrbridge", "token", "create", "--data", str(data), "--player", "ann"]
    token = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    pages: dict[str, bytes] = {}
    with serving_client(pages) as origin:
        environment = {"VRBRIDGE_SERVER__AUTHENTICATION": "true", "VRBRIDGE_SERVER__ORIGINS": origin}
        with serving(data, **environment) as server:
            yield Place(origin, pages, server, token, data)


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run of all tests that need no server."""
    with serving_client({}) as origin:
        return run_tests(origin, _UNITS, {}, pictures=tmp_path_factory.mktemp("units"))


@pytest.fixture(scope="module")
def live(place: Place) -> Run:
    """One run of all tests against the server that need no picture."""
    with bad_ways(place.server.url) as ways:
        return place.run(_LIVE, asdict(ways))


@pytest.mark.parametrize("name", _names(_UNITS))
def test_in_the_browser(name: str, units: Run) -> None:
    _check_result(name, units)


@pytest.mark.parametrize("name", _names(_LIVE))
def test_against_the_server(name: str, live: Run) -> None:
    _check_result(name, live)


def test_the_runs_ended_well_and_without_complaints(units: Run, live: Run) -> None:
    _check_end(units)
    _check_end(live)


def test_types_are_right() -> None:
    """Checks the JSDoc types of the client and its tests as strictly as `tsc` can."""
    command = [str(MODULES / ".bin" / "tsc"), "-p", "tests/engine_clients/webxr/tsconfig.json"]
    done = subprocess.run(command, cwd=ROOT, capture_output=True, text=True, check=False)
    assert (done.returncode, done.stdout) == (0, "")


def _check_result(name: str, run: Run) -> None:
    assert name in run.results, (
        f"it did not run; these did: {sorted(run.results)}, {run.faults}, {run.errors}"
    )
    assert not run.results[name]


def _check_end(run: Run) -> None:
    complaints = [text for text in run.errors if not _EXPECTED.search(text)]
    assert (run.exit_code, complaints, list(run.faults)) == (0, [], [])
