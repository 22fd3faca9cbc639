"""What readers share."""

import numpy as np
import pytest

from vrbridge.errors import DataError
from vrbridge.training.game_models import parts
from vrbridge.training.game_models.parts import Part, beside, checked, lines_of


def test_paths_are_beside_a_file() -> None:
    assert beside("a/b/o.obj", "..\\c\\d.png") == "a/c/d.png"
    assert beside("o.obj", "d.png") == "d.png"
    assert beside("a/o.obj", "../../d.png") == "../d.png"


def test_lines_end_in_three_ways() -> None:
    assert lines_of(b"a\r\nb\rc\nd\x85e") == ["a", "b", "c", "d\x85e"]


def test_parts_fit_together(monkeypatch: pytest.MonkeyPatch) -> None:
    square, face = np.zeros((3, 3)), np.array([[0, 1, 2]])
    assert checked([Part(square, face[:0])], "f")
    for wrong in (Part(square, face + 1), Part(square, face - 1), Part(square, face, np.zeros((2, 2)))):
        with pytest.raises(DataError, match=r"^f: "):
            checked([wrong], "f")
    monkeypatch.setattr(parts, "MAX_FACES", 1)
    with pytest.raises(DataError, match="over 1 triangles"):
        checked([Part(square, face), Part(square, face)], "f")
