from typing import Any

import numpy as np
import pytest

from tests.training.evaluation.patches import plain
from tests.training.evaluation.samples import WordEncoder, data
from vrbridge.errors import GeneratorFailed
from vrbridge.generators.texture.drawing import Drawing
from vrbridge.training.evaluation.textures import (
    Generated,
    HeldOutPictures,
    NearestPictures,
    picture_maps,
    seeds,
)

DATA = data()


class Painter:
    """Paints the brightness that is the prompt, plus the seed."""

    model = "painter-1"
    origin = "generated"

    def batch_size(self, size_px: int) -> int:
        return 1

    def drawing(
        self, prompt: str, *, seed: int, size_px: int, style: str | None = None, color: Any = None
    ) -> Drawing:
        level = int(prompt) + seed
        maps = plain((level, level, level), size_px=size_px)
        return Drawing(
            model=self.model,
            origin=self.origin,
            family="paint",
            confidence=1.0,
            nearest=prompt,
            metres_per_tile=1.0,
            preview=lambda preview_px: maps.base_color[:preview_px, :preview_px],
            maps=lambda: maps,
        )


def test_a_generator_of_the_product_plans_and_draws() -> None:
    generated = Generated(Painter())
    assert generated.model == "painter-1"
    assert Generated(Painter(), model="painter-1 with rules").model == "painter-1 with rules"
    maps = generated.render("100", 7, 32)
    assert maps.base_color.shape == (32, 32, 3)
    assert (maps.base_color == 107).all()


def test_a_generator_may_come_with_a_roll_test() -> None:
    assert Generated(Painter(), roll_error=lambda: 0.25).roll_error() == 0.25
    assert Generated(Painter()).roll_error() is None


def test_the_picture_of_the_nearest_caption_is_found_and_never_a_held_out_one() -> None:
    nearest = NearestPictures(DATA, WordEncoder())
    assert DATA.captions[nearest.index("red stripes", 0)] == "red stripes"
    for prompt in ("red dots", "green stripes", "blue noise"):
        index = nearest.index(prompt, 0)
        assert not DATA.is_held_out[index]
        assert set(DATA.captions[index].split()) & set(prompt.split())


def test_seeds_choose_among_pictures_of_the_same_caption() -> None:
    nearest = NearestPictures(DATA, WordEncoder())
    found = [nearest.index("blue waves", seed) for seed in range(6)]
    assert len(set(found[:3])) == 3
    assert found[:3] == found[3:]
    assert {DATA.captions[i] for i in found} == {"blue waves"}
    np.testing.assert_array_equal(nearest.render("blue waves", 1, 64).base_color, DATA.color[found[1]])


def test_held_out_pictures_answer_their_own_captions_alone() -> None:
    held_out = HeldOutPictures(DATA)
    index = DATA.captions.index("gray checks")
    np.testing.assert_array_equal(held_out.render("gray checks", 3, 64).base_color, DATA.color[index])
    with pytest.raises(GeneratorFailed, match="No held-out picture"):
        held_out.render("red stripes", 0, 64)


def test_a_picture_keeps_its_normal_map_and_gets_one_where_it_has_none() -> None:
    own, made = picture_maps(DATA, 0, 64), picture_maps(DATA, 1, 64)
    assert (own.normal == (218, 128, 218)).all()
    assert made.normal.std() > 2
    np.testing.assert_allclose(np.linalg.norm(made.normal / 127.5 - 1, axis=2), 1, atol=0.02)
    for maps in (own, made):
        assert maps.orm.shape == (64, 64, 3)
        assert maps.height.shape == (64, 64)
        assert (maps.orm[..., 2] == 0).all()


def test_another_size_is_refused() -> None:
    with pytest.raises(ValueError, match="64 px"):
        picture_maps(DATA, 0, 128)


def test_seeds_vary_all_that_a_generator_may_read_from_them() -> None:
    some = seeds(8)
    assert len({seed & 0xFF for seed in some}) == len({seed >> 8 for seed in some}) == 8
    assert some[:3] == seeds(3)
