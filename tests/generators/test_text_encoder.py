"""Sentence vectors agree with the published model."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from vrbridge.generators.text_encoder import RecentSentences, TextEncoder

pytestmark = pytest.mark.models


def test_a_sentence_has_the_published_vector(text_encoder: TextEncoder) -> None:
    (vector,) = text_encoder.encode(["This is an example sentence"])
    # First values of the model card's own example.
    np.testing.assert_allclose(vector[:5], [0.0677, 0.0635, 0.0487, 0.0793, 0.0374], atol=1e-4)


def test_known_similarities_are_met(text_encoder: TextEncoder) -> None:
    vectors = text_encoder.encode(
        [
            "That is a happy person",
            "That is a happy dog",
            "That is a very happy person",
            "Today is a sunny day",
        ]
    )
    # The model card's widget.
    np.testing.assert_allclose(vectors[0] @ vectors[1:].T, [0.695, 0.943, 0.257], atol=1e-3)


def test_vectors_have_unit_length_whatever_the_text(text_encoder: TextEncoder) -> None:
    texts = ["", "wall", "wort " * 2000, "🧱🧱", "\x00", "mossy stone wall"]
    vectors = text_encoder.encode(texts)
    assert vectors.shape == (6, 384)
    assert vectors.dtype == np.float32
    np.testing.assert_allclose(np.linalg.norm(vectors, axis=1), 1, atol=1e-5)


def test_padding_in_a_batch_does_not_change_a_vector(text_encoder: TextEncoder) -> None:
    together = text_encoder.encode(["wall", "a very long description of an old wall by the sea"])
    np.testing.assert_allclose(together[0], text_encoder.encode(["wall"])[0], atol=1e-5)


def test_more_texts_than_a_batch_keep_their_order(text_encoder: TextEncoder) -> None:
    texts = [f"number {i}" for i in range(70)]
    vectors = text_encoder.encode(texts)
    np.testing.assert_allclose(vectors[69], text_encoder.encode(texts[69:])[0], atol=1e-5)


def test_no_texts_give_no_vectors(text_encoder: TextEncoder) -> None:
    assert text_encoder.encode([]).shape == (0, 384)


def test_a_missing_file_is_said(tmp_path: Path) -> None:
    with pytest.raises(Exception, match="No such file"):
        TextEncoder(tmp_path)


class Counting:
    """Counts what it is asked to encode."""

    def __init__(self) -> None:
        self.asked: list[list[str]] = []

    def encode(self, texts: Sequence[str]) -> npt.NDArray[np.float32]:
        self.asked.append(list(texts))
        return np.full((len(texts), 3), len(self.asked), np.float32)


def test_recent_sentences_are_encoded_once_and_old_ones_again() -> None:
    counting = Counting()
    recent = RecentSentences(counting, n_kept=2)
    first = recent.encode(["moss"])
    assert np.array_equal(recent.encode(["moss"]), first)
    recent.encode(["sand"])
    recent.encode(["snow"])
    recent.encode(["moss"])
    recent.encode(["moss", "sand"])
    assert counting.asked == [["moss"], ["sand"], ["snow"], ["moss"], ["moss", "sand"]]
