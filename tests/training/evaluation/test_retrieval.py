import numpy as np
import numpy.typing as npt
import pytest

from vrbridge.training.evaluation.retrieval import TextMap

Floats = npt.NDArray[np.float32]
N_TEXTS = 20


def toy(count: int, seed: int, noise: float = 0.0) -> tuple[Floats, Floats, npt.NDArray[np.intp], Floats]:
    """Features (N, 30), their sentences (N, 8), the number of each sentence, and all sentences (20, 8)."""
    sentences = np.random.default_rng(0).standard_normal((N_TEXTS, 8)).astype(np.float32)
    sentences /= np.linalg.norm(sentences, axis=1, keepdims=True)
    views = np.random.default_rng(1).standard_normal((8, 30)).astype(np.float32)
    random = np.random.default_rng(seed)
    own = random.integers(0, N_TEXTS, count)
    features = sentences[own] @ views + noise * random.standard_normal((count, 30)).astype(np.float32)
    return features.astype(np.float32), sentences[own], own, sentences


def test_words_that_show_in_the_features_are_found() -> None:
    features, sentences, _, _ = toy(2000, 2)
    fresh, _, own, texts = toy(100, 3)
    found = TextMap.fitted(features, sentences).retrieval(fresh, own, texts)
    assert found.top_1 > 0.95
    assert found.top_5 == 1.0
    assert found.n_texts == N_TEXTS


def test_noise_makes_it_harder_and_the_best_five_easier_than_the_best() -> None:
    features, sentences, _, _ = toy(2000, 2, noise=1.5)
    fresh, _, own, texts = toy(400, 3, noise=1.5)
    found = TextMap.fitted(features, sentences).retrieval(fresh, own, texts)
    assert 1 / N_TEXTS < found.top_1 < found.top_5 < 1


def test_features_that_tell_nothing_are_at_chance() -> None:
    features, sentences, _, _ = toy(2000, 2)
    _, _, own, texts = toy(2000, 3)
    blind = np.random.default_rng(4).standard_normal((2000, 30)).astype(np.float32)
    found = TextMap.fitted(features, sentences).retrieval(blind, own, texts)
    assert found.top_1 == pytest.approx(1 / N_TEXTS, abs=0.03)
    assert found.top_5 == pytest.approx(5 / N_TEXTS, abs=0.05)


def test_a_map_that_sees_no_difference_finds_nothing() -> None:
    _, _, own, texts = toy(50, 3)
    nothing = TextMap(np.vstack([np.zeros((30, 8)), texts.mean(0)]))
    assert nothing.retrieval(np.zeros((50, 30), np.float32), own, texts).top_5 == 0


def test_what_all_sentences_have_in_common_does_not_drown_what_they_say() -> None:
    features, sentences, _, _ = toy(2000, 2)
    fresh, _, own, texts = toy(200, 3)
    common = 5 * np.ones(8, np.float32)
    found = TextMap.fitted(features, sentences + common).retrieval(fresh, own, texts + common)
    assert found.top_1 > 0.95
