"""The page at `/`, visited as people do: with a mouse, a keyboard, a phone, a headset."""

import subprocess
import sys
import zipfile
from collections.abc import Iterator
from pathlib import Path

import numpy as np
import pytest
import trimesh
from PIL import Image

from tests.encoding.node import read_with
from tests.engine_clients import pictures
from tests.engine_clients.browser import MODULES
from tests.engine_clients.webxr.page import CLIENT
from tests.engine_clients.webxr.visits import Visit, visit_page
from tests.integration.serving import PATIENT, Serving, serving

pytestmark = [pytest.mark.engine, pytest.mark.xdist_group("browser"), pytest.mark.timeout(600)]

VENDOR = CLIENT / "vendor"
_BEGINNING = 12
_NO_TANGENTS = "MESH_PRIMITIVE_GENERATED_TANGENT_SPACE"


@pytest.fixture(scope="module")
def server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Serving]:
    """One server for all visits: it remembers what the courtyard begins with."""
    with serving(tmp_path_factory.mktemp("page"), **PATIENT) as running:
        yield running


@pytest.fixture(scope="module")
def arrival(server: Serving, tmp_path_factory: pytest.TempPathFactory) -> Visit:
    return visit_page("arrival", server.http_url + "/", tmp_path_factory.mktemp("arrival"))


def test_the_courtyard_is_made_of_what_was_asked_for(arrival: Visit) -> None:
    assert arrival.complaints == []
    assert arrival.facts["state"].startswith("Connected")
    assert len(arrival.facts["log"].splitlines()) == 2 * _BEGINNING
    courtyard = arrival.picture("courtyard")
    arrival.picture("courtyard_panel")
    sky = pictures.region(courtyard, (0.35, 0.02, 0.6, 0.1)).mean(axis=0)
    ground = pictures.region(courtyard, (0.3, 0.66, 0.42, 0.72))
    assert sky.mean() > 1.2 * ground.mean() > 0.1
    assert ground.mean(axis=1).std() > 0.03, "stones and joints"


def test_the_panel_tells_how_long_things_took(arrival: Visit) -> None:
    figures = arrival.facts["figures"]
    for name in ("Material · whole", "Prop · whole", "Frame · slowest", "vrbridge in a frame"):
        assert name in figures


def test_walls_and_things_are_made_with_a_mouse(server: Serving, tmp_path: Path) -> None:
    visit = visit_page("mouse", server.http_url + "/", tmp_path)
    facts = visit.facts
    assert visit.complaints == []
    assert facts["about_surface"] == "New material for the wall ahead"
    before, wall, prop, carried, removed = (
        visit.picture(f"mouse_{name}") for name in ("before", "wall", "prop", "carried", "removed")
    )
    ahead = (0.6, 0.4, 0.68, 0.5)
    red, _, blue = pictures.region(wall, ahead).mean(axis=0)
    red_before, _, blue_before = pictures.region(before, ahead).mean(axis=0)
    assert blue / red > 1.5 * blue_before / red_before, "blue tiles instead of warm stone"
    assert facts["about_thing"] == "Instead of a wooden crate"
    there = tuple(facts["crate"])
    assert pictures.share_changed(wall, prop, there) > 0.3
    assert pictures.share_changed(prop, carried, there) > 0.3, "it was carried away"
    assert pictures.share_changed(carried, removed, tuple(facts["crate_carried"])) > 0.2
    assert facts["about_removed"] == "Put in front of you"
    assert "has no words" in facts["refused"]
    assert "has no words" in facts["told"], "the panel is closed: it is said above the line, too"
    assert facts["about_refused"] == "Put in front of you", "what was not made is not there to be changed"


def test_everything_can_be_done_with_a_keyboard(server: Serving, tmp_path: Path) -> None:
    visit = visit_page("keyboard", server.http_url + "/", tmp_path)
    stops = visit.facts["stops"]
    assert visit.complaints == []
    for name in ("view", "Talk", "Material", "Prop", "words", "send", "What are you working on?"):
        assert name in stops, stops
    about = visit.facts["about"]
    assert about[0] == "New material for the beams and doors", "the gate is straight ahead"
    assert about[1] == "Put here", "looking down, the ground is"
    assert visit.facts["answered"].startswith("“Good evening!”")
    assert visit.facts["read"].startswith("Bram says: ")
    assert visit.facts["after_escape"] == "view"
    before, after = visit.picture("keyboard_before"), visit.picture("keyboard_after")
    assert pictures.share_changed(before, after, (0.1, 0.1, 0.9, 0.6)) > 0.3


def test_a_phone_shows_all_of_it(server: Serving, tmp_path: Path) -> None:
    visit = visit_page("phone", server.http_url + "/", tmp_path)
    visit.picture("phone")
    assert visit.complaints == []
    assert visit.facts["fits"]
    assert visit.facts["has_stick"]
    assert visit.facts["cut"] == []


def test_what_was_made_can_be_kept(server: Serving, tmp_path: Path) -> None:
    visit = visit_page("keeping", server.http_url + "/", tmp_path)
    assert visit.complaints == []
    panorama = Image.open(tmp_path / "courtyard-panorama.png")
    assert panorama.size == (4096, 2048)
    pixels = np.asarray(panorama.convert("RGB"), np.float32)
    assert pixels.std() > 25
    left, right = pixels[:, 0], pixels[:, -1]
    assert np.abs(left - right).mean() < 12, "the right edge meets the left one"
    scene = trimesh.load(tmp_path / "courtyard.glb")
    assert isinstance(scene, trimesh.Scene)
    assert len(scene.geometry) > 15
    issues = read_with("validate_glb.mjs", (tmp_path / "courtyard.glb").read_bytes())["issues"]
    assert issues["numErrors"] == 0, issues["messages"][:3]
    # Nothing here has tangents; engines make them.
    assert {one["code"] for one in issues["messages"] if one["severity"] == 1} <= {_NO_TANGENTS}
    with zipfile.ZipFile(tmp_path / "courtyard-materials.zip") as archive:
        names = archive.namelist()
        folders = {name.split("/")[0] for name in names}
        assert len(folders) > 8
        for folder in ("old-sandstone-bricks", "terracotta-roof-tiles"):
            for role in ("base_color", "normal", "orm"):
                with archive.open(f"{folder}/{role}.png") as file:
                    assert Image.open(file).size == (512, 512)
        with archive.open("old-sandstone-bricks/normal.png") as file:
            normals = np.asarray(Image.open(file).convert("RGB"), np.float32) / 127.5 - 1
    lengths = np.linalg.norm(normals, axis=2)
    assert np.abs(lengths - 1).mean() < 0.01, "z is there, whatever format came"
    assert normals[..., 2].min() > 0


def test_a_server_with_tokens_asks_for_one(tmp_path: Path) -> None:
    data = tmp_path / "data"
    token = _token(data)
    with serving(data, **PATIENT, VRBRIDGE_SERVER__AUTHENTICATION="true") as guarded:
        visit = visit_page("gate", f"{guarded.http_url}/#token={token}", tmp_path)
    visit.picture("gate")
    assert visit.facts["state"].startswith("Connected")
    assert visit.complaints == []


def test_a_headset_of_the_same_network_gets_everything_over_tls(tmp_path: Path) -> None:
    with serving(tmp_path, "--lan", **PATIENT) as shared:
        origin = shared.url.replace("wss://0.0.0.0", "https://localhost").removesuffix("/ws")
        visit = visit_page("lan", f"{origin}/#token={_token(tmp_path)}", tmp_path)
    assert visit.complaints == []
    assert visit.facts == {"state": visit.facts["state"], "is_secure": True, "failed": 0}
    assert visit.facts["state"].startswith("Connected")


def _token(data: Path) -> str:
    command = [sys.executable, "-m", "vrbridge", "token", "create", "--data", str(data), "--player", "ann"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.strip()


@pytest.mark.parametrize("mode", ["vr", "ar"])
def test_words_are_chosen_in_a_headset(server: Serving, tmp_path: Path, mode: str) -> None:
    visit = visit_page(mode, server.http_url + "/", tmp_path)
    points, menu, after = (visit.picture(f"{mode}_{name}") for name in ("points", "menu", "after"))
    assert [text for text in visit.complaints if "Multiple instances of Three.js" not in text] == []
    assert visit.facts["about"].startswith("New material for")
    for shift in (0.0, 0.5):
        panel = (0.18 + shift, 0.5, 0.32 + shift, 0.7)
        assert pictures.share_changed(points, menu, panel) > 0.5
        made = tuple(value + shift * (place % 2 == 0) for place, value in enumerate(visit.facts["where"]))
        assert pictures.share_changed(points, after, made) > 0.3


@pytest.mark.parametrize("name", (VENDOR / "files.txt").read_text().split())
def test_what_was_taken_from_npm_is_as_it_is_there(name: str) -> None:
    assert (VENDOR / name).read_bytes() == (MODULES / name).read_bytes()


def test_nothing_else_lies_there() -> None:
    listed = {*(VENDOR / "files.txt").read_text().split(), "files.txt", "README.md"}
    found = {path.relative_to(VENDOR).as_posix() for path in VENDOR.rglob("*") if path.is_file()}
    assert found == listed
