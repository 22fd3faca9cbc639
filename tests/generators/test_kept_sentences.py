"""Vectors of the server's own words are made once for all starts; those of prompts are not kept."""

import os
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from tests.fakes import FakeTextEncoder
from vrbridge.generators.kept_sentences import KeptSentences
from vrbridge.generators.text_encoder import WEIGHTS

TEXTS = ["an old wall", "a red chair", "good day"]


class CountingEncoder:
    """A text encoder that says what it was asked for."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        """Return vectors."""
        self.asked.append(list(texts))
        return FakeTextEncoder().encode(texts)


@pytest.fixture
def model(tmp_path: Path) -> Path:
    folder = tmp_path / "model"
    folder.mkdir()
    (folder / WEIGHTS).write_bytes(b"weights")
    return folder


def test_the_next_start_finds_the_same_vectors(tmp_path: Path, model: Path) -> None:
    first, second = CountingEncoder(), CountingEncoder()
    made = KeptSentences(first, model, tmp_path / "kept").encode(TEXTS)
    found = KeptSentences(second, model, tmp_path / "kept").encode(TEXTS)
    assert first.asked == [TEXTS]
    assert second.asked == []
    assert np.array_equal(made, found)
    assert np.array_equal(made, FakeTextEncoder().encode(TEXTS))


def test_a_prompt_is_not_kept(tmp_path: Path, model: Path) -> None:
    KeptSentences(FakeTextEncoder(), model, tmp_path / "kept").encode(["what a player wrote"])
    assert not (tmp_path / "kept").exists()


def test_other_texts_and_other_weights_are_something_else(tmp_path: Path, model: Path) -> None:
    encoder = CountingEncoder()
    KeptSentences(encoder, model, tmp_path / "kept").encode(TEXTS)
    KeptSentences(encoder, model, tmp_path / "kept").encode(TEXTS[:2])
    (model / WEIGHTS).write_bytes(b"other weights")
    KeptSentences(encoder, model, tmp_path / "kept").encode(TEXTS)
    assert encoder.asked == [TEXTS, TEXTS[:2], TEXTS]


@pytest.mark.parametrize("damage", [b"", b"\x93NUMPY", b"no array at all"])
def test_a_damaged_file_is_made_again(tmp_path: Path, model: Path, damage: bytes) -> None:
    encoder = CountingEncoder()
    kept = KeptSentences(encoder, model, tmp_path / "kept")
    made = kept.encode(TEXTS)
    [file] = (tmp_path / "kept").iterdir()
    file.write_bytes(damage)
    assert np.array_equal(kept.encode(TEXTS), made)
    assert np.array_equal(kept.encode(TEXTS), made)
    assert len(encoder.asked) == 2


def test_an_array_of_another_shape_is_made_again(tmp_path: Path, model: Path) -> None:
    kept = KeptSentences(FakeTextEncoder(), model, tmp_path / "kept")
    made = kept.encode(TEXTS)
    [file] = (tmp_path / "kept").iterdir()
    np.save(file, made[:2])
    assert np.array_equal(kept.encode(TEXTS), made)


def test_a_folder_that_can_not_be_used_costs_only_time(tmp_path: Path, model: Path) -> None:
    (tmp_path / "kept").write_text("a file")
    kept = KeptSentences(FakeTextEncoder(), model, tmp_path / "kept")
    assert np.array_equal(kept.encode(TEXTS), FakeTextEncoder().encode(TEXTS))


def test_only_so_many_are_kept(tmp_path: Path, model: Path) -> None:
    kept = KeptSentences(FakeTextEncoder(), model, tmp_path / "kept")
    folder = tmp_path / "kept"
    folder.mkdir()
    for number in range(70):
        old = folder / f"{number}.npy"
        old.touch()
        os.utime(old, (number, number))
    kept.encode(TEXTS)
    left = {file.name for file in folder.iterdir()}
    assert len(left) == 64
    assert "69.npy" in left
    assert "0.npy" not in left
