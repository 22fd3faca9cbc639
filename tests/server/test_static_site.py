"""Files that the port shows as they lie in folders."""

import gzip
from pathlib import Path

import pytest

from vrbridge.server.static_site import StaticFile, StaticSite


@pytest.fixture
def site(tmp_path: Path) -> StaticSite:
    """A page, and a game's build under `/game/`."""
    for name, content in {
        "pages/index.html": "<h1>pages</h1>",
        "pages/game/index.html": "<h1>hidden by the mount</h1>",
        "build/index.html": "<h1>game</h1>",
        "build/deep/engine.wasm": "wasm",
        "outside.txt": "secret",
    }.items():
        file = tmp_path / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(content)
    (tmp_path / "build" / "deep" / "engine.wasm.gz").write_bytes(gzip.compress(b"wasm"))
    return StaticSite(tmp_path / "pages", {"game": tmp_path / "build"})


@pytest.mark.parametrize(
    ("path", "content"),
    [
        ("/", b"<h1>pages</h1>"),
        ("/index.html", b"<h1>pages</h1>"),
        ("/game/", b"<h1>game</h1>"),
        ("/game/index.html", b"<h1>game</h1>"),
        ("/game/deep/engine.wasm", b"wasm"),
    ],
)
def test_folders_show_their_files(site: StaticSite, path: str, content: bytes) -> None:
    found = site.read(path)
    assert found is not None
    assert (found.data, found.encoding) == (content, None)


@pytest.mark.parametrize(
    "path",
    [
        "/game/../outside.txt",
        "/game/../../outside.txt",
        "/../outside.txt",
        "/game//etc/hosts",
        "/games/",
        "/game/x",
    ],
)
def test_nothing_outside_of_them_is_shown(site: StaticSite, path: str) -> None:
    assert site.read(path) is None


def test_a_compressed_file_goes_to_whom_takes_it(site: StaticSite) -> None:
    found = site.read("/game/deep/engine.wasm", takes_gzip=True)
    assert isinstance(found, StaticFile)
    assert (gzip.decompress(found.data), found.encoding, found.media_type) == (
        b"wasm",
        "gzip",
        "application/wasm",
    )
    plain = site.read("/game/", takes_gzip=True)
    assert plain is not None
    assert plain.encoding is None


def test_a_mount_without_its_slash_is_told_apart(site: StaticSite) -> None:
    assert site.is_folder_without_slash("/game")
    assert not site.is_folder_without_slash("/game/")
    assert not site.is_folder_without_slash("/pages")


def test_a_changed_file_has_another_tag(site: StaticSite, tmp_path: Path) -> None:
    before = site.read("/")
    (tmp_path / "pages" / "index.html").write_text("<h1>more pages</h1>")
    after = site.read("/")
    assert before is not None
    assert after is not None
    assert before.etag != after.etag


@pytest.mark.parametrize(("name", "media_type"), [("a.js", "text/javascript"), ("a.woff2", "font/woff2")])
def test_scripts_and_fonts_have_the_types_that_browsers_insist_on(
    site: StaticSite, tmp_path: Path, name: str, media_type: str
) -> None:
    (tmp_path / "pages" / name).write_bytes(b"x")
    found = site.read(f"/{name}")
    assert found is not None
    assert found.media_type == media_type
