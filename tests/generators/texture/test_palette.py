import numpy as np
import pytest

from tests.fakes import FakeTextEncoder
from vrbridge.generators.texture.palette import chosen_color, color_words, from_oklab, parse_hex, to_oklab
from vrbridge.generators.texture.parametric import ParametricTextures


@pytest.mark.parametrize(
    ("prompt", "words"),
    [
        ("dark green tiles", ["green"]),
        ("reddish sand", ["red"]),
        ("a blueish-grey rock", ["blue", "grey"]),
        ("plain wall", []),
    ],
)
def test_colour_words_are_found(prompt: str, words: list[str]) -> None:
    assert color_words(prompt) == words


def test_a_tint_is_weaker_than_a_colour() -> None:
    textures = ParametricTextures(FakeTextEncoder())
    red, reddish = (
        textures.render(textures.plan(f"{word} plaster", seed=2), 64).base_color.astype(int).mean((0, 1))
        for word in ("red", "reddish")
    )
    assert red[0] - red[1] > reddish[0] - reddish[1] + 10 > 20


def test_oklab_round_trips() -> None:
    colors = parse_hex("4f2018 00ff00 ffffff 000000 123456")
    assert np.abs(from_oklab(to_oklab(colors)) - colors).max() < 1e-3


def test_dark_is_darker_and_pale_is_lighter() -> None:
    dark, plain, pale = (chosen_color(f"{word} blue") for word in ("dark", "", "pale"))
    assert dark is not None
    assert plain is not None
    assert pale is not None
    assert dark[0] < plain[0] < pale[0]


@pytest.mark.parametrize(
    ("prompt", "channel"),
    [("dark green tiles", 1), ("blue tiles", 2), ("red tiles", 0), ("green fabric", 1), ("blue plaster", 2)],
)
def test_the_colour_asked_for_dominates(prompt: str, channel: int) -> None:
    textures = ParametricTextures(FakeTextEncoder())
    mean = textures.render(textures.plan(prompt, seed=2), 64).base_color.mean((0, 1))
    others = np.delete(mean, channel)
    assert mean[channel] > others.max() + 8
