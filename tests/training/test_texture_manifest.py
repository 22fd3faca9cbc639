"""The list of the pictures of the texture data set."""

import re
from pathlib import Path

import msgspec
import pytest

from tests.training.pictures import noise
from tests.training.sources import source
from vrbridge.errors import DataError
from vrbridge.settings import assets_dir
from vrbridge.training.debian import read_packages
from vrbridge.training.held_out import is_held_out
from vrbridge.training.texture_manifest import read_manifest

_RIGHT = source({"color": noise(1)})


def test_the_bundled_manifest_and_the_list_of_packages_belong_together() -> None:
    folder = assets_dir() / "datasets"
    packages = read_packages(folder / "packages.toml")
    sources = read_manifest(folder / "textures.jsonl")
    assert len(sources) == 2198
    assert {s.package for s in sources} <= set(packages)
    assert all(0 <= s.copyright < len(packages[s.package].copyrights) for s in sources)
    assert {s.license_class for s in sources} == {"permissive", "share-alike", "gpl"}
    for kind in ("normal", "gloss", "height"):
        assert all((getattr(s, kind) is None) == (getattr(s.looks, kind) is None) for s in sources)
    assert sum(s.normal is not None for s in sources) == 779
    lists = [path for path in folder.iterdir() if not path.name.startswith("mesh")]
    assert sum(path.stat().st_size for path in lists) < 1_500_000


def test_a_permissive_licence_asks_for_no_more_than_a_name() -> None:
    free = re.compile(r"CC0-1\.0|CC-BY-[34]\.0|MIT|Expat|public-domain")
    for entry in read_manifest(assets_dir() / "datasets" / "textures.jsonl"):
        assert (entry.license_class == "permissive") == bool(free.fullmatch(entry.license)), entry.license


def test_about_six_in_a_hundred_pictures_are_held_out() -> None:
    sources = read_manifest(assets_dir() / "datasets" / "textures.jsonl")
    assert sum(is_held_out(s.caption, s.category) for s in sources) == 129


def test_maps_lie_beside_their_picture() -> None:
    line = source(
        {"color": noise(1)}, path="data.zip!walls/a.png", normal="a_n.png", gloss="a_s.png", height="a_h.png"
    )
    assert line.members("usr/games") == {
        "color": "usr/games/data.zip!walls/a.png",
        "normal": "usr/games/data.zip!walls/a_n.png",
        "gloss": "usr/games/data.zip!walls/a_s.png",
        "height": "usr/games/data.zip!walls/a_h.png",
    }
    top = source({"color": noise(1)}, path="data.zip!a.png", normal="a_n.png", height="normal alpha")
    assert top.members("") == {"color": "data.zip!a.png", "normal": "data.zip!a_n.png"}
    plain = source({"color": noise(1)}, path="walls/a.png", gloss="a_s.png")
    assert plain.members("usr") == {"color": "usr/walls/a.png", "gloss": "usr/walls/a_s.png"}


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "m.jsonl").write_bytes(msgspec.json.encode(_RIGHT) + b"\n")
    assert read_manifest(tmp_path / "m.jsonl") == [_RIGHT]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "line 2"),
        (b"[]", "line 2: Expected `object`"),
        (
            msgspec.json.encode(_RIGHT).replace(b"category", b"kategory"),
            "line 2: Object contains unknown field",
        ),
        (msgspec.json.encode(_RIGHT), "an id is used twice"),
        (msgspec.json.encode(source({"color": noise(1)}, id="../x")), "letters and digits only"),
        (
            msgspec.json.encode(_RIGHT).replace(b'"color":"', b'"color":"AAAA'),
            "what color looks like has 48 bytes",
        ),
        (
            msgspec.json.encode(_RIGHT).replace(b'"color":"', b'"color":"!'),
            "what color looks like has 48 bytes",
        ),
    ],
)
def test_a_line_that_can_t_be_used_is_named(tmp_path: Path, line: bytes, reason: str) -> None:
    (tmp_path / "m.jsonl").write_bytes(msgspec.json.encode(_RIGHT) + b"\n" + line)
    with pytest.raises(DataError) as raised:
        read_manifest(tmp_path / "m.jsonl")
    assert str(raised.value).startswith("m.jsonl")
    assert reason in str(raised.value)


def test_a_missing_manifest_is_named(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"none\.jsonl: can't be read"):
        read_manifest(tmp_path / "none.jsonl")
