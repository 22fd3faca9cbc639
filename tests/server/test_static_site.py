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
