import hashlib
import subprocess
import sys

import numpy as np
import numpy.typing as npt
import pytest

from tests.fakes import FakeTextEncoder
from vrbridge.generators.text_encoder import TextEncoder
from vrbridge.generators.texture import noise
from vrbridge.generators.texture.maps import TextureMaps
from vrbridge.generators.texture.noise import Canvas
from vrbridge.generators.texture.overlays import OVERLAYS
from vrbridge.generators.texture.parametric import FAMILIES, ParametricTextures
from vrbridge.generators.texture.words import FAMILY_ANCHORS, OWN_WORDS

MAPS = ("base_color", "normal", "orm", "height")

_DIGEST = """
import hashlib
from tests.fakes import FakeTextEncoder
from vrbridge.generators.texture.parametric import ParametricTextures
textures = ParametricTextures(FakeTextEncoder())
maps = textures.render(textures.plan("mossy stone wall", seed=5), 64)
pixels = (maps.base_color, maps.normal, maps.orm, maps.height)
print(hashlib.sha256(b"".join(p.tobytes() for p in pixels)).hexdigest())
"""


@pytest.fixture(scope="module")
def textures() -> ParametricTextures:
    return ParametricTextures(FakeTextEncoder())


@pytest.fixture(scope="session")
def real(text_encoder: TextEncoder) -> ParametricTextures:
    return ParametricTextures(text_encoder)


def rendered(textures: ParametricTextures, prompt: str, size_px: int, seed: int = 3) -> TextureMaps:
    return textures.render(textures.plan(prompt, seed=seed), size_px)


def steps(pixels: npt.NDArray[np.uint8], axis: int) -> npt.NDArray[np.float64]:
    """Mean absolute step between each line and the one before it; element 0 is across the wrapped edge."""
    values = pixels.astype(np.float64)
    change = np.abs(values - np.roll(values, 1, axis))
    lines: npt.NDArray[np.float64] = change.reshape(*change.shape[:2], -1).mean((1 - axis, 2))
    return lines


def seam_ratio(pixels: npt.NDArray[np.uint8], axis: int) -> float:
    """The step across the edge, against the steep ones inside; half a level is rounding."""
    lines = steps(pixels, axis)
    return float(lines[0] / (np.percentile(lines[1:], 95) + 0.5))


@pytest.mark.parametrize("family", ["rock", "snow", "concrete"])
def test_the_seam_ratio_sees_a_cut_tile(textures: ParametricTextures, family: str) -> None:
    height = textures.render(textures.plan(family, seed=11), 128).height
    assert max(seam_ratio(height[:80, :80], axis) for axis in (0, 1)) > 1.5


def test_there_are_at_least_sixteen_families_and_each_has_its_words() -> None:
    assert len(FAMILIES) >= 16
    assert set(FAMILIES) == set(FAMILY_ANCHORS) == set(OWN_WORDS)


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_each_family_has_sound_maps(textures: ParametricTextures, family: str) -> None:
    plan = textures.plan(FAMILY_ANCHORS[family][0], seed=11)
    assert plan.family == family
    maps = textures.render(plan, 128)
    for name in MAPS:
        pixels = getattr(maps, name)
        assert pixels.dtype == np.uint8
        assert pixels.shape == ((128, 128) if name == "height" else (128, 128, 3))
    length = np.linalg.norm(maps.normal / 127.5 - 1.0, axis=2)
    assert np.abs(length - 1).max() < 0.02
    assert maps.normal[:, :, 2].min() > 127
    assert maps.height.min() == 0
    assert maps.height.max() == 255
    assert maps.base_color.std() > 1


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_no_map_of_a_family_has_a_seam(textures: ParametricTextures, family: str) -> None:
    prompt = FAMILY_ANCHORS[family][0]
    several = [rendered(textures, prompt, 128, seed=seed) for seed in range(5)]
    for name in MAPS:
        for axis in (0, 1):
            # One layout may have a joint at the edge by chance; a seam would be there in all.
            ratio = np.median([seam_ratio(getattr(maps, name), axis) for maps in several])
            assert ratio <= 1.1, (name, axis)


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_a_tile_further_on_the_material_is_the_same(textures: ParametricTextures, family: str) -> None:
    plan = textures.plan(FAMILY_ANCHORS[family][0], seed=8)
    palette = {name: np.array(stops, np.float32) for name, stops in plan.colors}
    here, beyond = Canvas(64, 8), Canvas(64, 8)
    beyond.x, beyond.y = beyond.x + np.float32(1), beyond.y + np.float32(1)
    one, other = (FAMILIES[family].paint(canvas, palette) for canvas in (here, beyond))
    for field in ("height", "color", "roughness", "metallic"):
        # Rounding may move single pixels to the other side of a border.
        is_same = np.isclose(getattr(one, field), getattr(other, field), rtol=0, atol=2e-3)
        assert is_same.mean() > 0.995, field


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_bands_are_drawn_as_the_whole(
    textures: ParametricTextures, family: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    plan = textures.plan(FAMILY_ANCHORS[family][0], seed=8)
    palette = {name: np.array(stops, np.float32) for name, stops in plan.colors}
    whole = FAMILIES[family].paint(Canvas(128, 3), palette)
    monkeypatch.setattr(noise, "_BAND_PX", 128 * 9)
    banded = FAMILIES[family].paint(Canvas(128, 3), palette)
    for name in ("height", "color", "roughness", "metallic"):
        assert np.array_equal(getattr(banded, name), getattr(whole, name)), name


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_metres_per_tile_are_those_of_the_thing(family: str) -> None:
    assert 0.2 <= FAMILIES[family].metres_per_tile <= 2.0


def test_bricks_are_as_large_as_bricks(textures: ParametricTextures) -> None:
    # Joints between courses are the lightest rows, by far more regular than those across.
    plan = textures.plan("brick wall", seed=1)
    roughness = textures.render(plan, 512).orm[:, :, 1].astype(float)
    joints = roughness.mean(1) > roughness.mean() + 0.5 * roughness.std()
    n_courses = int((np.diff(np.append(joints, joints[0]).astype(int)) == 1).sum())
    assert plan.metres_per_tile / n_courses == pytest.approx(0.08, abs=0.01)  # brick and joint


@pytest.mark.parametrize("state", sorted(OVERLAYS))
def test_each_state_changes_the_material_and_leaves_no_seam(textures: ParametricTextures, state: str) -> None:
    plain = rendered(textures, "concrete", 128)
    changed = rendered(textures, f"{state} concrete", 128)
    assert np.abs(plain.base_color.astype(int) - changed.base_color).mean() > 2
    for axis in (0, 1):
        assert seam_ratio(changed.base_color, axis) <= 1.1


def test_the_same_plan_gives_the_same_bytes_in_another_process(textures: ParametricTextures) -> None:
    elsewhere = subprocess.check_output([sys.executable, "-c", _DIGEST], text=True).strip()
    maps = rendered(textures, "mossy stone wall", 64, seed=5)
    joined = b"".join(getattr(maps, name).tobytes() for name in MAPS)
    assert elsewhere == hashlib.sha256(joined).hexdigest()


def test_another_seed_gives_another_layout_and_tone(textures: ParametricTextures) -> None:
    first, second = (rendered(textures, "brick wall", 64, seed=seed) for seed in (1, 2))
    assert not np.array_equal(first.height, second.height)
    assert np.abs(first.base_color.astype(int) - second.base_color).mean() > 2


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_the_preview_resembles_the_full_size(textures: ParametricTextures, family: str) -> None:
    plan = textures.plan(FAMILY_ANCHORS[family][0], seed=4)
    small, large = (textures.render(plan, size).base_color.astype(np.float64) for size in (128, 256))
    halved = [a.reshape(32, a.shape[0] // 32, 32, a.shape[1] // 32, 3).mean((1, 3)) for a in (small, large)]
    assert np.corrcoef(halved[0].ravel(), halved[1].ravel())[0, 1] > 0.8
    assert np.abs(halved[0].mean((0, 1)) - halved[1].mean((0, 1))).max() < 12


def mean_of(
    textures: ParametricTextures, prompt: str, color: tuple[float, float, float] | None = None
) -> list[float]:
    pixels = textures.render(textures.plan(prompt, seed=2, color=color), 64).base_color
    return [float(channel) for channel in pixels.mean((0, 1))]


@pytest.mark.parametrize("family", sorted(FAMILIES))
def test_a_colour_word_is_seen_in_every_family(textures: ParametricTextures, family: str) -> None:
    red, _, blue = mean_of(textures, f"blue {FAMILY_ANCHORS[family][0]}")
    plain = mean_of(textures, FAMILY_ANCHORS[family][0])
    assert blue - red > plain[2] - plain[0] + 5 or blue > 1.3 * red


def test_words_of_one_material_name_its_colour(textures: ParametricTextures) -> None:
    slate, clay = (mean_of(textures, f"{word} roof tiles") for word in ("slate", "clay"))
    assert clay[0] > 1.5 * clay[2]
    assert slate[0] < 1.1 * slate[2]
    assert sum(mean_of(textures, "walnut wood")) < 0.75 * sum(mean_of(textures, "birch wood"))


@pytest.mark.parametrize("family", ["wood", "fabric", "plaster", "brushed metal", "plastic", "stone wall"])
def test_a_fixed_colour_is_met(textures: ParametricTextures, family: str) -> None:
    wanted = (0.05, 0.2, 0.08)
    srgb = [255 * (1.055 * c ** (1 / 2.4) - 0.055) for c in wanted]
    found = mean_of(textures, FAMILY_ANCHORS[family][0], color=wanted)
    assert np.abs(np.subtract(found, srgb)).max() < 36


def test_a_fixed_colour_outweighs_the_words(textures: ParametricTextures) -> None:
    red, _, blue = mean_of(textures, "blue fabric", color=(0.5, 0.05, 0.05))
    assert red > 1.5 * blue


def test_a_style_changes_states_but_not_the_family(textures: ParametricTextures) -> None:
    plan = textures.plan("brick wall", seed=1, style="mossy and dark")
    assert (plan.family, plan.states) == ("brick", ("mossy",))


@pytest.mark.parametrize("size_px", [64, 128, 1024, 2048])
def test_every_size_from_64_to_2048_is_made(textures: ParametricTextures, size_px: int) -> None:
    maps = rendered(textures, "plastic", size_px)
    assert maps.base_color.shape == maps.normal.shape == maps.orm.shape == (size_px, size_px, 3)
    assert maps.height.shape == (size_px, size_px)


@pytest.mark.parametrize("size_px", [32, 100, 4096])
def test_other_sizes_are_refused(textures: ParametricTextures, size_px: int) -> None:
    plan = textures.plan("sand", seed=1)
    with pytest.raises(ValueError, match="power of two"):
        textures.render(plan, size_px)


@pytest.mark.parametrize("prompt", ["", "   ", "🜁🜂", "x" * 5000])
def test_any_text_gets_some_plan(textures: ParametricTextures, prompt: str) -> None:
    plan = textures.plan(prompt, seed=-7)
    assert plan.family in FAMILIES
    assert 0 <= plan.confidence <= 1


@pytest.mark.models
@pytest.mark.parametrize(
    ("prompt", "family"),
    [
        ("red brick wall", "brick"),
        ("old weathered bricks", "brick"),
        ("castle wall", "stone wall"),
        ("mossy stone wall", "stone wall"),
        ("cobblestone street in the rain", "cobblestone"),
        ("dark green tiles", "ceramic tiles"),
        ("bathroom floor tiles", "ceramic tiles"),
        ("red clay roof tiles", "roof tiles"),
        ("cracked concrete floor", "concrete"),
        ("white plaster wall", "plaster"),
        ("polished black marble", "marble"),
        ("grey cliff rock", "rock"),
        ("lush grass", "grass"),
        ("summer meadow", "grass"),
        ("dry dirt road", "dirt"),
        ("swamp mud", "mud"),
        ("desert sand dunes", "sand"),
        ("gravel driveway", "gravel"),
        ("fresh snow", "snow"),
        ("frozen lake", "ice"),
        ("glowing lava", "lava"),
        ("riveted metal plates", "metal plate"),
        ("spaceship hull panels", "metal plate"),
        ("brushed aluminium", "brushed metal"),
        ("rusty iron", "rust"),
        ("old wooden planks", "wood planks"),
        ("wooden floorboards", "wood planks"),
        ("oak wood grain", "wood"),
        ("tree bark", "bark"),
        ("woven linen cloth", "fabric"),
        ("brown leather", "leather"),
        ("thatched roof", "thatch"),
        ("old wooden wall", "wood planks"),
        ("spaceship floor", "metal plate"),
        ("velvet curtain", "velvet"),
        ("dragon skin", "scales"),
        ("dungeon floor", "paving"),
        ("asphalt road", "asphalt"),
        ("ocean", "water"),
        ("autumn leaves", "foliage"),
        ("wrought iron", "cast metal"),
        ("tin roof", "corrugated metal"),
        ("old parchment", "paper"),
        ("window glass", "glass"),
        ("terracotta", "clay"),
        ("red plastic", "plastic"),
        ("dark walnut planks", "wood planks"),
        ("Ziegelmauer", "brick"),
        ("nasser Betonboden", "concrete"),
    ],
)
def test_prompts_find_their_family(real: ParametricTextures, prompt: str, family: str) -> None:
    plan = real.plan(prompt, seed=1)
    assert plan.family == family
    assert plan.confidence > 0.6


@pytest.mark.models
@pytest.mark.parametrize(
    "prompt", ["quantum love letter", "asdf qwer", "the president's speech", "happy birthday"]
)
def test_nonsense_gets_low_confidence(real: ParametricTextures, prompt: str) -> None:
    assert real.plan(prompt, seed=1).confidence < 0.35


@pytest.mark.models
def test_the_nearest_phrase_is_named_for_prompts_without_family_words(real: ParametricTextures) -> None:
    plan = real.plan("abandoned corroded submarine", seed=1)
    assert plan.family in {"rust", "metal plate"}
    assert plan.nearest in FAMILY_ANCHORS[plan.family]
