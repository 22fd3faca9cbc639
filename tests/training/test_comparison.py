"""How far two data folders are apart."""

import json
from pathlib import Path

import pytest

from tests.training.pictures import noise, write
from vrbridge.training.comparison import compare_folders


def described(folder: Path, lines: list[dict[str, object]]) -> Path:
    folder.mkdir(exist_ok=True)
    (folder / "metadata.jsonl").write_text("\n".join(map(json.dumps, lines)))
    return folder


@pytest.fixture
def pair(tmp_path: Path) -> tuple[Path, Path]:
    """Two folders with the same two pictures, one of them with a height."""
    folders = []
    for name in ("left", "right"):
        for index in range(2):
            write(tmp_path / name / f"{index}.png", noise(index))
        write(tmp_path / name / "0_h.png", noise(5)[..., 0])
        first: dict[str, object] = {"file": "0.png", "caption": "oak", "maps": {"height": "0_h.png"}}
        folders.append(described(tmp_path / name, [first, {"file": "1.png", "caption": "rock"}]))
    return folders[0], folders[1]


def test_the_same_pictures_are_the_same(pair: tuple[Path, Path]) -> None:
    found = compare_folders(*pair)
    assert found.is_same(0)
    assert {kind: (len(k.differences), k.n_identical, k.mean) for kind, k in found.kinds.items()} == {
        "color": (2, 2, 0),
        "normal": (0, 0, 0),
        "gloss": (0, 0, 0),
        "height": (1, 1, 0),
    }


def test_a_difference_is_measured_and_named(pair: tuple[Path, Path]) -> None:
    write(pair[1] / "1.png", (noise(1).clip(0, 245) + 10).astype("uint8"))
    write(pair[0] / "1.png", noise(1).clip(0, 245))
    color = compare_folders(*pair).kinds["color"]
    name, worst = color.worst
    assert name == "1.png"
    assert worst == pytest.approx(10)
    assert color.mean == pytest.approx(5)
    assert color.n_identical == 1
    assert compare_folders(*pair).is_same(10.1)
    assert not compare_folders(*pair).is_same(9.9)


def test_pictures_of_different_sizes_differ_wholly(pair: tuple[Path, Path]) -> None:
    write(pair[1] / "0_h.png", noise(5, 128, 128)[..., 0])
    assert compare_folders(*pair).kinds["height"].worst == ("0_h.png", 255)


def test_missing_pictures_maps_and_other_words_are_counted(pair: tuple[Path, Path], tmp_path: Path) -> None:
    described(pair[1], [{"file": "0.png", "caption": "pine"}])
    found = compare_folders(*pair)
    assert not found.is_same(255)
    assert found.other_words == ["0.png"]
    assert (found.kinds["color"].only_left, found.kinds["color"].only_right) == (["1.png"], [])
    assert found.kinds["height"].only_left == ["0_h.png"]
    back = compare_folders(pair[1], pair[0])
    assert back.kinds["color"].only_right == ["1.png"]
    assert back.kinds["height"].only_right == ["0_h.png"]


def test_only_missing_pictures_are_enough_to_differ(pair: tuple[Path, Path]) -> None:
    described(pair[1], [{"file": "0.png", "caption": "oak", "maps": {"height": "0_h.png"}}])
    assert not compare_folders(*pair).is_same(255)
