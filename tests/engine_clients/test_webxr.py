"""The WebXR client in a real browser, against the real server."""

import re
import shutil
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import pytest

from tests.engine_clients import pictures
from tests.engine_clients.bad_ways import bad_ways
from tests.engine_clients.browser import MODULES, ROOT, Run, run_address
from tests.engine_clients.webxr.page import CLIENT, run_tests, serving_client
from tests.integration.serving import PATIENT, Serving, serving

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("browser"), pytest.mark.timeout(400)]

ARTEFACTS = ROOT / "out" / "webxr"
_UNITS = ("test_address", "test_message_pack", "test_session", "test_assets")
_LIVE = ("test_live",)
_PANEL = (0.56, 0.22, 0.73, 0.32)
# In one eye of a stereo picture.
_EYE_PANEL = (0.235, 0.545, 0.28, 0.575)
_TEST = re.compile(r"^\s*test\((?:'([^']+)'|`([^`]+)`)", re.MULTILINE)
_WITHIN_S = 300.0
# What is said of connections that the tests break, of the headset's own three, and of the tests' ends.
_EXPECTED = re.compile(r"WebSocket connection to .* failed|Multiple instances of Three.js|Context Lost")
# Browsers ask for one; the page of the README has none.
_NO_ICON = re.compile(r"Failed to load resource: the server responded with a status of 404")


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
        with serving(data, **PATIENT, **environment) as server:
            yield Place(origin, pages, server, token, data)


@pytest.fixture(scope="module")
def units(tmp_path_factory: pytest.TempPathFactory) -> Run:
    """One run of all tests that need no server."""
    with serving_client({}) as origin:
        return run_tests(origin, _UNITS, {}, pictures=tmp_path_factory.mktemp("units"))


@pytest.fixture(scope="module")
def live(place: Place) -> Run:
    """One run of all tests against the server that need no picture."""
    with bad_ways(place.server.url) as ways, serving_client({}) as elsewhere:
        return place.run(_LIVE, {**asdict(ways), "elsewhere": elsewhere})


@pytest.mark.parametrize("name", _names(_UNITS))
def test_in_the_browser(name: str, units: Run) -> None:
    _check_result(name, units)


@pytest.mark.parametrize("name", _names(_LIVE))
def test_against_the_server(name: str, live: Run) -> None:
    _check_result(name, live)


def test_the_runs_ended_well_and_without_complaints(units: Run, live: Run) -> None:
    _check_end(units)
    _check_end(live)


def test_a_player_sees_what_was_asked_for(place: Place) -> None:
    run = place.run(["test_seen"], {})
    assert list(run.results.values()) == [[]], (run.results, run.lines)
    _check_end(run)
    before, after = (_kept(place.data, name) for name in ("before", "after"))
    assert not pictures.shows_bricks(before, pictures.WALL)
    assert pictures.shows_bricks(after, pictures.WALL)
    assert pictures.share_changed(before, after, pictures.PROP) > 0.4
    assert 0.004 < pictures.share_bright(after, _PANEL) < 0.4
    assert pictures.share_bright(before, _PANEL) == 0
    assert pictures.share_dark(before, _PANEL) == 0
    assert pictures.share_dark(after, _PANEL) > 0.3


@pytest.mark.parametrize("mode", ["immersive-vr", "immersive-ar"])
def test_things_arrive_during_a_session_on_a_headset(place: Place, mode: str) -> None:
    run = place.run(["test_headset"], {"mode": mode}, xr=mode)
    assert list(run.results.values()) == [[]], (run.results, run.lines)
    _check_end(run)
    before, after = (_kept(place.data, f"{mode}_{name}") for name in ("before", "after"))
    for shift in (0.0, pictures.OTHER_EYE):
        wall, prop, panel = (
            (left + shift, top, right + shift, bottom)
            for left, top, right, bottom in (pictures.EYE_WALL, pictures.EYE_PROP, _EYE_PANEL)
        )
        assert not pictures.shows_bricks(before, wall)
        assert pictures.shows_bricks(after, wall)
        assert pictures.share_changed(before, after, prop) > 0.4
        assert pictures.share_dark(after, panel) > 0.3


@pytest.mark.parametrize("is_offline", [True, False], ids=["from the server", "from npm"])
def test_the_first_steps_of_the_readme_show_a_material(tmp_path: Path, is_offline: bool) -> None:
    """Does in an empty folder what the README says, with its page, word for word."""
    found = re.search(r"```html\n(.*?)```", (CLIENT / "README.md").read_text(), re.DOTALL)
    assert found is not None
    page, scene = found[1], tmp_path / "scene"
    scene.mkdir()
    if not is_offline:
        shutil.copytree(CLIENT, scene / "vrbridge")
        shutil.copytree(MODULES / "three" / "build", scene / "node_modules" / "three" / "build")
        page = page.replace("/webxr/vendor/three/", "./node_modules/three/")
        page = page.replace("/webxr/vrbridge.js", "./vrbridge/vrbridge.js")
        assert "/webxr/" not in page
    (scene / "index.html").write_text(page)
    picture = _visited(scene, "", "first_steps", tmp_path)
    assert pictures.shows_bricks(picture, (0.4, 0.35, 0.6, 0.65))


def _visited(site: Path, path: str, name: str, folder: Path) -> Path:
    """Open a page of a folder that the server shows, and return a picture once its requests are done."""
    data = folder / "data"
    data.mkdir()
    with serving(data, "--mount", f"scene={site}", **PATIENT) as server:
        address = f"{server.http_url}/scene/{path}?picture={name}"
        run = run_address(address, pictures=folder, timeout_s=200)
    assert not [text for text in run.errors if not _NO_ICON.search(text)], run.lines
    assert (run.exit_code, list(run.faults)) == (0, [])
    return _kept(folder, name)


def _kept(folder: Path, name: str) -> Path:
    """Return a picture that a run took, which also stays where a person finds it."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(folder / f"{name}.png", ARTEFACTS / f"{name}.png"))


def _check_result(name: str, run: Run) -> None:
    assert name in run.results, (
        f"it did not run; these did: {sorted(run.results)}, {run.faults}, {run.errors}"
    )
    assert not run.results[name]


def _check_end(run: Run) -> None:
    said = [text for _, text in run.lines if not text.startswith("RESULT ") and not _EXPECTED.search(text)]
    assert (run.exit_code, said, list(run.faults)) == (0, [], [])
