"""Captions of a user's pictures."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from vrbridge.errors import DataError
from vrbridge.training.captions import caption_of_name, read_captions


@pytest.mark.parametrize(
    ("stem", "caption"),
    [
        ("old_red-brick_03", "old red brick"),
        ("OldRedBrick", "old red brick"),
        ("mossy stone wall (2)", "mossy stone wall"),
        ("Bricks076_2K_Color", "bricks"),
        ("wood_planks_basecolor", "wood planks"),
        ("wood.planks.BaseColor.1024x1024", "wood planks"),
        ("wood_base_color", "wood"),
        ("blue_tile_01", "blue tile"),
        ("Felswand_grün", "felswand grün"),
        ("dragon's_scale", "dragon's scale"),
        ("IMG_2034", ""),
        ("0001", ""),
        ("DSC-00012_4k", ""),
    ],
)
def test_a_file_s_name_is_read_as_words(stem: str, caption: str) -> None:
    assert caption_of_name(stem) == caption


@given(st.text())
def test_any_name_gives_lower_case_words_or_nothing(stem: str) -> None:
    caption = caption_of_name(stem)
    assert caption == " ".join(caption.split())
    assert not any(letter.isdecimal() for letter in caption)
    assert len(caption) <= 300


def test_captions_are_read_by_file(tmp_path: Path) -> None:
    path = tmp_path / "captions.csv"
    path.write_bytes(
        '\ufefffile,caption,note\r\na.png,"red, old brick",x\r\n./walls\\b.png,  gray   stone ,\r\n'.encode()
    )
    assert read_captions(path) == {"a.png": "red, old brick", "walls/b.png": "gray stone"}


@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "the first line has to be `file,caption`"),
        (b"a.png,brick\n", "the first line has to be `file,caption`"),
        (b"file,caption\na.png,\n", "line 2: both a file and a caption are needed"),
        (b"file,caption\na.png\n", "line 2: both a file and a caption are needed"),
        (b"file,caption\n,brick\n", "line 2: both a file and a caption are needed"),
        (b"file,caption\na.png,x\na.png,y\n", "line 3: a.png has a caption already"),
        (
            b"file,caption\na.png," + b"x" * 301 + b"\n",
            "line 2: the caption has 301 characters; 300 are allowed",
        ),
        (b'file,caption\na.png,"x', "unexpected end of data"),
        ("file,caption\na.png,grün".encode("latin-1"), "not UTF-8"),
    ],
)
def test_captions_that_can_t_be_used_are_named_with_their_line(
    tmp_path: Path, content: bytes, reason: str
) -> None:
    path = tmp_path / "captions.csv"
    path.write_bytes(content)
    with pytest.raises(DataError, match=r"captions\.csv") as raised:
        read_captions(path)
    assert reason in str(raised.value)
