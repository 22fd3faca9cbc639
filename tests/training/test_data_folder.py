"""What lies in a data folder."""

import json
from pathlib import Path

import pytest

from tests.training.pictures import noise, write
from vrbridge.errors import DataError
from vrbridge.training.data_folder import read_folder


def described(folder: Path, *lines: object) -> Path:
    folder.mkdir(exist_ok=True)
    texts = [line if isinstance(line, str) else json.dumps(line) for line in lines]
    (folder / "metadata.jsonl").write_text("\n".join(texts), encoding="utf-8")
    return folder


def test_metadata_says_what_each_picture_is(tmp_path: Path) -> None:
    for name in ("a.webp", "a_normal.webp", "a_specular.webp", "b.webp"):
        write(tmp_path / name, noise(1))
    line = {"file": "a.webp", "caption": "yellow rippled sand", "category": "sand", "license": "CC0-1.0"}
    maps = {"albedo": "a.webp", "normal": "a_normal.webp", "specular": "a_specular.webp"}
    described(
        tmp_path,
        line | {"license_class": "permissive", "is_tileable": False, "maps": maps},
        "",
        {"file": "b.webp", "caption": "gray rock"},
    )
    first, second = read_folder(tmp_path)
    assert (first.file, first.caption, first.category) == ("a.webp", "yellow rippled sand", "sand")
    assert (first.license, first.license_class) == ("CC0-1.0", "permissive")
    assert first.maps == {"normal": "a_normal.webp", "gloss": "a_specular.webp"}
    assert first.is_tileable is False
    assert first.is_held_out
    assert (second.caption, second.license, second.is_tileable, second.is_held_out) == (
        "gray rock",
        "",
        None,
        False,
    )


def test_licences_can_be_chosen(tmp_path: Path) -> None:
    write(tmp_path / "a.png", noise(1))
    classes = ["permissive", "share-alike", "gpl", ""]
    described(tmp_path, *({"file": "a.png", "caption": f"{c} x", "license_class": c} for c in classes))

    def chosen(licenses: str | None) -> list[str]:
        return [picture.license_class for picture in read_folder(tmp_path, licenses=licenses)]

    assert chosen("permissive") == ["permissive"]
    assert chosen("share-alike") == ["permissive", "share-alike"]
    assert chosen("all") == chosen(None) == classes


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        ("{", "line 2: not JSON"),
        ("[" * 100_000, "line 2: not JSON"),
        ("[]", "line 2: not an object"),
        ({"file": "a.png"}, "line 2: both 'file' and 'caption' are needed"),
        ({"file": "a.png", "caption": 5}, "line 2: 'caption' is no text"),
        ({"file": "a.png", "caption": "x", "maps": ["a.png"]}, "line 2: 'maps' is no object"),
        ({"file": "c.png", "caption": "x"}, "line 2: c.png is not there"),
        ({"file": "../a.png", "caption": "x"}, "leads out of the folder"),
        ({"file": "/etc/passwd", "caption": "x"}, "leads out of the folder"),
        ({"file": "a.png", "caption": "x", "maps": {"normal": "sub/../../a.png"}}, "leads out of the folder"),
    ],
)
def test_metadata_that_can_t_be_used_is_named_with_its_line(
    tmp_path: Path, line: object, reason: str
) -> None:
    folder = tmp_path / "data"
    described(folder, {"file": "a.png", "caption": "brick"}, line)
    write(folder / "a.png", noise(1))
    write(tmp_path / "a.png", noise(1))
    with pytest.raises(DataError) as raised:
        read_folder(folder)
    assert reason in str(raised.value)


def test_a_plain_folder_is_captioned_by_its_names(tmp_path: Path) -> None:
    for name in ("old_red-brick_03.png", "wood/OakPlanks.JPG", "wood/pine.webp", ".hidden/x.png"):
        write(tmp_path / name, noise(1))
    (tmp_path / "readme.txt").write_text("none")
    pictures = read_folder(tmp_path)
    assert [(p.file, p.caption, p.category) for p in pictures] == [
        ("old_red-brick_03.png", "old red brick", ""),
        ("wood/OakPlanks.JPG", "oak planks", "wood"),
        ("wood/pine.webp", "pine", "wood"),
    ]
    assert {(p.license, p.is_tileable, p.is_held_out) for p in pictures} == {("", None, False)}


def test_all_of_a_user_s_own_pictures_are_learned(tmp_path: Path) -> None:
    write(tmp_path / "yellow_rippled_sand.png", noise(1))
    assert not read_folder(tmp_path)[0].is_held_out


def test_maps_lie_beside_their_colours(tmp_path: Path) -> None:
    names = [
        "Brick_Color",
        "Brick_NormalDX",
        "Brick_Roughness",
        "Brick_AmbientOcclusion",
        "oak",
        "oak_normal",
    ]
    for name in [*names, "oak_height", "oak_metallic", "blue_metallic"]:
        write(tmp_path / f"{name}.png", noise(1))
    brick, blue, oak = read_folder(tmp_path)
    assert (brick.caption, brick.maps) == (
        "brick",
        {"normal_dx": "Brick_NormalDX.png", "roughness": "Brick_Roughness.png"},
    )
    assert (blue.caption, blue.maps) == ("blue metallic", {})
    assert (oak.caption, oak.maps) == ("oak", {"normal": "oak_normal.png", "height": "oak_height.png"})


def test_captions_csv_goes_before_names(tmp_path: Path) -> None:
    write(tmp_path / "0001.png", noise(1))
    write(tmp_path / "sub/0002.png", noise(1))
    (tmp_path / "captions.csv").write_text("file,caption\nsub/0002.png,wet slate\n0001.png,oak planks\n")
    assert [p.caption for p in read_folder(tmp_path)] == ["oak planks", "wet slate"]


@pytest.mark.parametrize(
    ("files", "captions", "reason"),
    [
        ([], None, "holds no pictures"),
        (["0001.png", "oak.png"], None, "a name without words; rename, or write a captions.csv"),
        (["a.png"], "file,caption\na.png,x\nb.png,y\n", "names files that are not there: b.png"),
        (["a.png", "b.png"], "file,caption\na.png,x\n", "captions.csv has no line for: b.png"),
        ([f"{i}.png" for i in range(6)], None, "0.png, 1.png, 2.png and 3 more"),
    ],
)
def test_a_plain_folder_that_can_t_be_used_says_why(
    tmp_path: Path, files: list[str], captions: str | None, reason: str
) -> None:
    for name in files:
        write(tmp_path / name, noise(1))
    if captions is not None:
        (tmp_path / "captions.csv").write_text(captions)
    with pytest.raises(DataError) as raised:
        read_folder(tmp_path)
    assert reason in str(raised.value)


def test_what_was_asked_for_has_to_exist(tmp_path: Path) -> None:
    write(tmp_path / "oak.png", noise(1))
    with pytest.raises(DataError, match="there is no such folder"):
        read_folder(tmp_path / "nowhere")
    with pytest.raises(DataError, match="'free' is none of permissive, share-alike, all"):
        read_folder(tmp_path, licenses="free")
    with pytest.raises(DataError, match="no licences are known"):
        read_folder(tmp_path, licenses="permissive")
    described(tmp_path, {"file": "oak.png", "caption": "x", "license_class": "gpl"})
    with pytest.raises(DataError, match="none of 1 pictures has a licence of class 'permissive'"):
        read_folder(tmp_path, licenses="permissive")
