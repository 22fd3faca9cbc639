"""Emotions are told by the nearest sentence."""

import numpy as np
import pytest

from vrbridge.generators.language.emotion import EMOTIONS, NAMES, felt, prototypes
from vrbridge.generators.text_encoder import TextEncoder

KNOWN = np.eye(3, dtype=np.float32)
EMOTION_OF = ["joy", "fear", "anger"]


def test_the_nearest_known_sentence_decides() -> None:
    vectors = np.array([[0.2, 0.9, 0.1]], np.float32)
    assert felt(vectors, KNOWN, EMOTION_OF) == ("fear", 1.0)


def test_one_clear_sentence_is_enough() -> None:
    vectors = np.array([[0.1, 0.1, 0.1], [0.6, 0.0, 0.0]], np.float32)
    name, score = felt(vectors, KNOWN, EMOTION_OF)
    assert name == "joy"
    assert 0 < score < 1


def test_what_shows_nothing_is_the_usual_mood() -> None:
    vectors = np.array([[0.1, 0.2, 0.1]], np.float32)
    name, score = felt(vectors, KNOWN, EMOTION_OF, mood="trust")
    assert name == "trust"
    assert 0.5 <= score <= 1
    assert felt(vectors[:0], KNOWN, EMOTION_OF) == ("neutral", 0.5)


def test_every_emotion_has_sentences_of_its_own() -> None:
    texts, names = prototypes()
    assert len(set(texts)) == len(texts)
    assert set(names) == set(EMOTIONS) == set(NAMES) - {"neutral"}


@pytest.mark.models
@pytest.mark.parametrize(
    ("text", "emotion"),
    [
        ("Ha ha, that is wonderful, I am so glad!", "joy"),
        ("Get out of my sight, you thief!", "anger"),
        ("My poor wife died last winter. I miss her.", "sadness"),
        ("Run! Something terrible is coming!", "fear"),
        ("The road leads north.", "neutral"),
    ],
)
def test_real_vectors_tell_plain_cases(text_encoder: TextEncoder, text: str, emotion: str) -> None:
    texts, names = prototypes()
    name, score = felt(text_encoder.encode([text]), text_encoder.encode(texts), names)
    assert name == emotion
    assert 0 <= score <= 1
