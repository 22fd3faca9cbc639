"""Words find the material that they mean."""

from dataclasses import fields

import numpy as np
import pytest

from tests.fakes import FakeTextEncoder
from tests.generators.texture.random_network import anchors, layouts
from vrbridge.generators.texture.palette import chosen_color
from vrbridge.generators.texture.text_prior import Anchors, Meaning, TextPrior, mixture_of


def meaning(prompt: str, seed: int = 0) -> Meaning:
    vector = FakeTextEncoder().encode([prompt])[0]
    color = chosen_color(prompt)
    return TextPrior(anchors(), layouts().anchors).meaning(prompt, vector, np.random.default_rng(seed), color)


@pytest.mark.parametrize("caption", anchors().captions)
def test_a_known_caption_finds_its_own_picture(caption: str) -> None:
    found = meaning(caption)
    assert found.nearest == caption
    assert found.confidence > 0.9


def test_a_layout_is_of_the_same_kind_where_parts_meet_and_like_it_elsewhere() -> None:
    assert meaning("red brick wall").layout == 0
    assert meaning("white snow").layout == 1
    # Bricks are no layout for grass, snow is; nothing is one for planks.
    assert meaning("green grass").layout == 1
    assert meaning("brown oak wood planks").layout is None


def test_who_names_no_colour_gets_no_unusual_one() -> None:
    captions = ("dark blue concrete", "gray concrete")
    known = anchors()
    pair = Anchors(
        captions=captions,
        categories=("concrete", "concrete"),
        sentences=FakeTextEncoder().encode(captions),
        codes=known.codes[:2],
        tone_mean=known.tone_mean,
        tone_scale=known.tone_scale,
        bonus=np.zeros(2, np.float32),
    )
    prior = TextPrior(pair, np.zeros(0, np.int32))
    vector = FakeTextEncoder().encode(["concrete"])[0]
    found = [prior.meaning("concrete", vector, np.random.default_rng(seed)).caption for seed in range(20)]
    assert found.count("gray concrete") > 15


def test_unknown_words_fall_to_something_known_with_little_confidence() -> None:
    found = meaning("quantum foam of the elders")
    assert found.category in anchors().categories
    assert found.confidence < 0.2


def test_a_code_is_never_far_from_a_known_one() -> None:
    known = anchors().codes
    for seed in range(20):
        apart = np.abs(known - meaning("brick", seed).code).max(1)
        assert apart.min() < 0.6


def test_the_seed_chooses_among_pictures_that_fit_equally_well() -> None:
    assert {meaning("brick wall", seed).caption for seed in range(30)} == {
        "red brick wall",
        "gray brick wall",
    }


def test_a_colour_chooses_the_picture_of_that_colour() -> None:
    assert {meaning("gray brick", seed).caption for seed in range(20)} == {"gray brick wall"}


def test_a_code_can_be_drawn_towards_a_colour() -> None:
    known = anchors()
    blue = chosen_color("blue")
    assert blue is not None
    changed = known.toward(known.codes[0], blue, 1.0)
    moved = Anchors(**{f.name: getattr(known, f.name) for f in fields(known)} | {"codes": changed[None]})
    assert moved.mean_colors()[0] == pytest.approx(blue, abs=1e-3)
    assert changed[3:] == pytest.approx(known.codes[0][3:], abs=1e-5)


@pytest.mark.parametrize(
    ("prompt", "parts"),
    [
        ("grass with patches of snow", ("grass", "snow")),
        ("red bricks covered in moss", ("red bricks", "moss")),
        ("sand and pebbles", ("sand", "pebbles")),
        ("old red brick wall", None),
        ("with moss", None),
    ],
)
def test_mixtures_name_the_ground_first(prompt: str, parts: tuple[str, str] | None) -> None:
    assert mixture_of(prompt) == parts
