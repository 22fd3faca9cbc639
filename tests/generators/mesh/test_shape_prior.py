"""Words lead to shapes of the kind that they name."""

import numpy as np
import pytest

from tests.fakes import FakeTextEncoder
from tests.generators.mesh.random_shapes import CAPTIONS, random_network
from vrbridge.generators.mesh.shape_prior import ShapePrior, head_noun


@pytest.mark.parametrize(
    ("text", "noun"),
    [
        ("red wooden chair with arms", "chair"),
        ("chest of drawers", "chest"),
        ("Two Oak Tables", "table"),
        ("glass", "glass"),
        ("with a handle", "handle"),
        ("of", ""),
        ("", ""),
    ],
)
def test_what_a_text_calls_its_thing(text: str, noun: str) -> None:
    assert head_noun(text) == noun


@pytest.fixture(scope="module")
def prior() -> ShapePrior:
    return ShapePrior(random_network().anchors)


@pytest.mark.parametrize("caption", CAPTIONS)
def test_a_known_caption_is_found_and_sure(prior: ShapePrior, caption: str) -> None:
    vector = FakeTextEncoder().encode([caption])[0]
    meaning = prior.meaning(caption, vector, np.random.default_rng(1))
    assert meaning.nearest == caption
    assert meaning.confidence > 0.9
    assert meaning.category == CAPTIONS[caption]


def test_the_thing_outweighs_its_colour(prior: ShapePrior) -> None:
    prompt = "red table"
    vector = FakeTextEncoder().encode([prompt])[0]
    meanings = [prior.meaning(prompt, vector, np.random.default_rng(seed)) for seed in range(10)]
    assert {meaning.category for meaning in meanings} == {"table/desk"}
    assert meanings[0].size_m == pytest.approx(1.4)


def test_nonsense_is_not_sure(prior: ShapePrior) -> None:
    prompt = "qwertz uiop"
    meaning = prior.meaning(prompt, FakeTextEncoder().encode([prompt])[0], np.random.default_rng(1))
    assert meaning.confidence < 0.2


def test_seeds_vary_the_code_a_little(prior: ShapePrior) -> None:
    prompt = "gray elephant"
    vector = FakeTextEncoder().encode([prompt])[0]
    first, again, other = (prior.meaning(prompt, vector, np.random.default_rng(s)) for s in (1, 1, 2))
    assert first == again
    assert first.anchor == other.anchor
    apart = np.array(first.code) - np.array(other.code)
    assert 0 < np.abs(apart).mean() < 0.3
