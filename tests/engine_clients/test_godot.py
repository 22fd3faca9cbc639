"""The Godot addon in the real engine, against the real server."""

import json
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
from tests.engine_clients.browser import ROOT, Run, run_address
from tests.engine_clients.godot.engine import run_page, serving_page
from tests.engine_clients.godot.pck import project_files, with_settings, write_pck
from tests.engine_clients.godot.web_export import export_demo
from tests.integration.serving import PATIENT, Serving, serving

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("browser"), pytest.mark.timeout(400)]

PROJECT = ROOT / "engine_clients" / "godot"
ARTEFACTS = ROOT / "out" / "godot"
_PANEL = (0.55, 0.18, 0.78, 0.34)
_TEST = re.compile(r"^func (test_\w+)", re.MULTILINE)
_WITHIN_S = 300.0
# What the browser says of connections that the tests break on purpose, and what a build without threads
# says at its end after the engine's own decompression.
_EXPECTED = re.compile(r"WebSocket connection to .* failed|PagedAllocator|paged_allocator")


def _names() -> list[str]:
    files = sorted((PROJECT / "tests").glob("test_*.gd"))
    return [f"{file.stem}::{name}" for file in files for name in _TEST.findall(file.read_text())]


@pytest.fixture(scope="module")
def project() -> bytes:
    """The demo project, started with its tests."""
    files = project_files(PROJECT, more={"res://wire": ROOT / "tests" / "wire"})
    return write_pck(with_settings(files, "res://tests/runner.tscn", connects=False))


@dataclass(frozen=True)
class Place:
    """A page with the project, and a server that lets it in."""

    origin: str
    packs: dict[str, bytes]
    server: Serving
    token: str
    data: Path

    def run(self, folder: str, config: Mapping[str, str], *flags: str, **query: str) -> Run:
        """Run the tests of a folder."""
        full = {"token": self.token, "server": self.server.url, **config}
        arguments = [*flags, f"folder={folder}", f"config={json.dumps(full)}"]
        return run_page(
            self.origin, "tests", pictures=self.data, arguments=arguments, timeout_s=_WITHIN_S, **query
        )


@pytest.fixture(scope="module")
def place(project: bytes, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Place]:
    """One page and one server, with tokens, for all tests."""
    data = tmp_path_factory.mktemp("godot")
    command = [sys.executable, "-m", "vrbridge", "token", "create", "--data", str(data), "--player", "ann"]
    token = subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()
    packs = {"tests": project}
    with serving_page(packs) as origin:
        environment = {"VRBRIDGE_SERVER__AUTHENTICATION": "true", "VRBRIDGE_SERVER__ORIGINS": origin}
        with serving(data, **PATIENT, **environment) as server:
            yield Place(origin, packs, server, token, data)


@pytest.fixture(scope="module")
def run(place: Place) -> Run:
    """One run of all tests that need no picture."""
    with bad_ways(place.server.url) as ways:
        return place.run("res://tests", asdict(ways), "--headless")


@pytest.fixture(scope="module")
def results(run: Run) -> Mapping[str, Sequence[str]]:
    """Test → what was wrong."""
    return run.results


@pytest.mark.parametrize("name", _names())
def test_in_the_engine(name: str, results: Mapping[str, Sequence[str]]) -> None:
    assert name in results, f"it did not run; these did: {sorted(results)}"
    assert not results[name]


def test_the_run_ended_well_and_without_complaints(run: Run) -> None:
    _check_end(run)


def test_a_player_sees_what_was_asked_for(place: Place) -> None:
    run = place.run("res://tests/seen", {})
    before, after = (_kept(place, name) for name in ("before", "after"))
    assert list(run.results.values()) == [[]], run.lines
    _check_end(run)
    assert not pictures.shows_bricks(before, pictures.WALL)
    assert pictures.shows_bricks(after, pictures.WALL)
    assert pictures.share_changed(before, after, pictures.PROP) > 0.4
    assert 0.004 < pictures.share_bright(after, _PANEL) < 0.4
    assert pictures.share_bright(before, _PANEL) == 0
    assert pictures.share_dark(before, _PANEL) == 0
    assert pictures.share_dark(after, _PANEL) > 0.3


@pytest.mark.parametrize("mode", ["immersive-vr", "immersive-ar"])
def test_things_arrive_during_a_session_on_a_headset(place: Place, mode: str) -> None:
    run = place.run("res://tests/xr", {"mode": mode}, xr=mode)
    assert list(run.results.values()) == [[]], run.lines
    assert (run.exit_code, list(run.faults)) == (0, [])
    before, after = (_kept(place, f"{mode}_{name}") for name in ("before", "after"))
    for shift in (0.0, pictures.OTHER_EYE):
        wall, prop = (
            (left + shift, top, right + shift, bottom)
            for left, top, right, bottom in (pictures.EYE_WALL, pictures.EYE_PROP)
        )
        assert not pictures.shows_bricks(before, wall)
        assert pictures.shows_bricks(after, wall)
        assert pictures.share_changed(before, after, prop) > 0.4


def test_the_first_steps_of_the_readme_show_a_material(place: Place, tmp_path: Path) -> None:
    """Copies the addon into an empty project, as its README says, with the README's script."""
    script = re.search(r"```gdscript\n(.*?)```", (PROJECT / "README.md").read_text(), re.DOTALL)
    assert script is not None
    shutil.copytree(PROJECT / "addons", tmp_path / "addons")
    shutil.copytree(Path(__file__).parent / "godot" / "empty_project", tmp_path, dirs_exist_ok=True)
    (tmp_path / "main.gd").write_text(script[1])
    settings = tmp_path / "project.godot"
    # The user's server listens on the default port and lets everyone in.
    address = {"url": place.server.url, "token": place.token}
    settings.write_text(
        settings.read_text()
        + "\n[vrbridge]\n\n"
        + "".join(f'connection/{name}="{value}"\n' for name, value in address.items())
    )
    place.packs["first"] = write_pck(project_files(tmp_path))
    run = run_page(place.origin, "first", pictures=place.data, timeout_s=60, picture="first_steps")
    picture = _kept(place, "first_steps")
    assert not [text for text in run.errors if not _EXPECTED.search(text)]
    assert pictures.shows_bricks(picture, (0.4, 0.35, 0.6, 0.65))


def test_the_exported_demo_runs_where_the_server_shows_it(tmp_path: Path) -> None:
    build = tmp_path / "build"
    export_demo(build)
    with serving(tmp_path, "--mount", f"godot={build}") as server:
        address = f"{server.http_url}/godot/?picture=demo&until=resume_window_s&scale=0.5"
        run = run_address(address, pictures=tmp_path, timeout_s=_WITHIN_S)
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    picture = Path(shutil.copy(tmp_path / "demo.png", ARTEFACTS / "demo.png"))
    _check_end(run)
    # Evening sky over houses and a floor: neither a loading page nor one colour.
    assert pictures.region(picture, (0.1, 0.1, 0.9, 0.9)).std(axis=0).max() > 0.08


def _kept(place: Place, name: str) -> Path:
    """Return a picture that a run took, which also stays where a person finds it."""
    ARTEFACTS.mkdir(parents=True, exist_ok=True)
    return Path(shutil.copy(place.data / f"{name}.png", ARTEFACTS / f"{name}.png"))


def _check_end(run: Run) -> None:
    complaints = [text for text in run.errors if not _EXPECTED.search(text)]
    assert (run.exit_code, complaints, list(run.faults)) == (0, [], [])
