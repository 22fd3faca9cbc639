from functools import cache

import numpy as np
import pytest

from tests.fakes import FakeTextEncoder
from vrbridge.generators.mesh.families import FAMILIES
from vrbridge.generators.mesh.finishing import finish
from vrbridge.generators.mesh.parametric import MeshPlan, ParametricMeshes
from vrbridge.generators.mesh.prop import Prop
from vrbridge.generators.mesh.solids import signed_volume
from vrbridge.generators.mesh.surfaces import SUBSTANCES
from vrbridge.generators.text_encoder import TextEncoder
from vrbridge.generators.texture.parametric import ParametricTextures

MESHES = ParametricMeshes(FakeTextEncoder())
# Longest side in metres that a person would believe.
USUAL_M = {
    "crate": (0.6, 1.1), "barrel": (0.8, 1.2), "chest": (0.7, 1.1), "pot": (0.3, 0.6), "bottle": (0.2, 0.4),
    "bucket": (0.3, 0.6), "basket": (0.3, 0.7), "table": (1.1, 1.8), "chair": (0.8, 1.1),
    "stool": (0.35, 0.6), "bench": (1.2, 1.8), "bed": (1.8, 2.3), "shelf": (1.5, 2.1),
    "cupboard": (1.5, 2.0), "lamp": (0.4, 0.6), "lantern": (0.3, 0.5), "candle": (0.15, 0.35),
    "book": (0.18, 0.32), "wheel": (0.8, 1.2), "cart": (2.2, 3.2), "conifer": (4, 7), "tree": (4, 6.5),
    "palm": (4, 6.5), "bush": (0.8, 1.6), "stump": (0.8, 1.5), "rock": (1, 2.2), "mushroom": (0.2, 0.45),
    "campfire": (0.9, 1.4), "sword": (0.85, 1.15), "axe": (0.75, 1.0), "hammer": (0.3, 0.45),
    "shield": (0.6, 0.9), "anvil": (0.6, 0.9), "house": (4, 6.5), "tower": (6.5, 9), "fence": (1.8, 2.5),
    "stairs": (1.4, 2.0), "ladder": (2.3, 3.0), "column": (2.6, 3.4), "well": (2.2, 3.0), "door": (2.0, 2.5),
    "sign": (2.0, 2.6), "torch": (0.55, 0.85), "sack": (0.5, 0.75), "log": (0.9, 1.6), "hay bale": (0.7, 1.3),
    "tent": (2.2, 3.0), "banner": (2.3, 3.2), "rug": (1.5, 2.5), "mug": (0.12, 0.2), "gravestone": (0.8, 1.2),
    "wall": (2.5, 3.6), "bridge": (3.0, 4.2), "flower": (0.28, 0.45), "cactus": (1.4, 2.0),
    "spear": (1.8, 2.4),
}  # fmt: skip


def _plan(family: str, seed: int = 1) -> MeshPlan:
    return MESHES.plan(FAMILIES[family].anchors[0], seed=seed)


@cache
def _prop(family: str) -> Prop:
    return MESHES.build(_plan(family))


def _edges(prop: Prop) -> np.ndarray[tuple[int, ...], np.dtype[np.float64]]:
    points = np.vstack([part.vertices for part in prop.parts]).astype(float)
    return np.asarray(np.ptp(points, axis=0), float)


def test_there_are_many_families_with_known_substances() -> None:
    assert len(FAMILIES) >= 20
    assert set(USUAL_M) == set(FAMILIES)
    assert {name for family in FAMILIES.values() for name in family.roles.values()} <= set(SUBSTANCES)


@pytest.mark.parametrize("family", FAMILIES)
def test_arrays_have_the_promised_shapes_and_values(family: str) -> None:
    for part in _prop(family).parts:
        n = len(part.vertices)
        assert part.vertices.shape == part.normals.shape == (n, 3)
        assert part.uv.shape == (n, 2)
        assert part.colors.shape == (n, 4)
        assert {str(a.dtype) for a in (part.vertices, part.normals, part.uv)} == {"float32"}
        assert (str(part.faces.dtype), str(part.colors.dtype)) == ("uint32", "uint8")
        assert np.isfinite(part.vertices).all()
        assert np.linalg.norm(part.normals, axis=1) == pytest.approx(np.ones(n), abs=1e-4)
        assert set(np.unique(part.faces)) == set(range(n))


@pytest.mark.parametrize("detail", [0, 3])
@pytest.mark.parametrize("family", FAMILIES)
def test_every_piece_is_closed_has_area_and_looks_outwards(family: str, detail: int) -> None:
    for piece in MESHES.sketch(_plan(family), detail=detail):
        vertices, faces = piece.solid.vertices, piece.solid.faces
        edges = np.concatenate([faces[:, [0, 1]], faces[:, [1, 2]], faces[:, [2, 0]]])
        forth = np.unique(edges, axis=0)
        assert len(forth) == len(edges)
        assert np.array_equal(forth, np.unique(edges[:, ::-1], axis=0))
        assert signed_volume(vertices - vertices.mean(axis=0), faces) > 0
        a, b, c = vertices[faces].transpose(1, 0, 2)
        assert np.linalg.norm(np.cross(b - a, c - a), axis=1).min() > 1e-11


@pytest.mark.parametrize("family", FAMILIES)
def test_normals_agree_with_the_winding(family: str) -> None:
    for part in _prop(family).parts:
        a, b, c = part.vertices[part.faces].astype(float).transpose(1, 0, 2)
        wound = np.cross(b - a, c - a)
        shown = part.normals[part.faces].mean(axis=1)
        assert np.einsum("ij,ij->i", wound, shown).min() > 0


@pytest.mark.parametrize("family", FAMILIES)
def test_sizes_are_believable_and_the_pivot_is_on_the_floor(family: str) -> None:
    prop = _prop(family)
    low, high = USUAL_M[family]
    assert low <= _edges(prop).max() <= high
    points = np.vstack([part.vertices for part in prop.parts])
    middle = (points.min(axis=0) + points.max(axis=0)) / 2
    assert points[:, 1].min() == pytest.approx(0, abs=1e-5)
    assert middle[[0, 2]] == pytest.approx([0, 0], abs=1e-4)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_same_plan_gives_the_same_bytes_and_another_seed_others(family: str) -> None:
    again = MESHES.build(_plan(family))
    other = MESHES.build(_plan(family, seed=2))
    assert _bytes(again) == _bytes(_prop(family))
    assert _bytes(other) != _bytes(again)


def _bytes(prop: Prop) -> bytes:
    return b"".join(
        array.tobytes()
        for part in prop.parts
        for array in (part.vertices, part.faces, part.normals, part.uv, part.colors)
    )


def test_the_longest_side_can_be_asked_for() -> None:
    plan = MESHES.plan("wooden chair", seed=3, size_m=2.5)
    assert _edges(MESHES.build(plan)).max() == pytest.approx(2.5, abs=1e-4)


def test_adjectives_change_the_shape() -> None:
    low, tall = (
        _edges(MESHES.build(MESHES.plan(f"{word} wooden table", seed=3))) for word in ("low", "tall")
    )
    assert tall[1] > 1.4 * low[1]


def test_a_small_thing_is_smaller() -> None:
    plain, small = (_edges(MESHES.build(MESHES.plan(text, seed=3))) for text in ("barrel", "small barrel"))
    assert small[1] == pytest.approx(0.7 * plain[1], rel=1e-5)


def test_counts_are_followed() -> None:
    five, nine = (MESHES.plan(f"stone stairs with {n} steps", seed=1) for n in ("five", "nine"))
    assert _edges(MESHES.build(five))[1] == pytest.approx(0.9)
    assert _edges(MESHES.build(nine))[1] == pytest.approx(1.62)


def test_a_material_of_the_prompt_becomes_the_main_one() -> None:
    materials = dict(MESHES.plan("golden sword", seed=1).materials)
    assert materials["body"].metallic == 1.0
    assert "gold" in materials["body"].prompt
    assert "leather" in materials["grip"].prompt


def test_what_comes_with_it_does_not() -> None:
    materials = dict(MESHES.plan("wooden chest with iron bands", seed=1).materials)
    assert "oak" in materials["body"].prompt
    assert "iron" in materials["trim"].prompt


def test_a_colour_of_the_prompt_is_seen() -> None:
    red, green, blue, alpha = dict(MESHES.plan("blue barrel", seed=1).materials)["body"].base_color
    assert blue > 2 * red
    assert blue > green
    assert alpha == 1.0


@pytest.mark.parametrize("prompt", ["", " ", "🙂🙂🙂", "\x00", "1" * 2000, "ö" * 500, "-" * 300])
def test_any_text_gives_a_prop(prompt: str) -> None:
    assert MESHES.build(MESHES.plan(prompt, seed=0)).n_faces > 0


@pytest.mark.parametrize("family", FAMILIES)
def test_every_material_can_be_swapped_for_any_other(family: str) -> None:
    plan = _plan(family)
    stone = plan.materials[0][1]
    pieces = MESHES.sketch(plan, detail=0)
    prop = finish(pieces, dict.fromkeys(FAMILIES[family].roles, stone), MESHES.place(plan, pieces))
    assert len(prop.parts) == 1


@pytest.fixture(scope="module")
def real(text_encoder: TextEncoder) -> ParametricMeshes:
    return ParametricMeshes(text_encoder)


@pytest.mark.models
@pytest.mark.parametrize(
    ("prompt", "family"),
    [
        ("wooden crate", "crate"),
        ("an old oak barrel with iron hoops", "barrel"),
        ("wooden box", "crate"),
        ("three-legged stool", "stool"),
        ("treasure chest with iron bands", "chest"),
        ("wine bottle", "bottle"),
        ("tall pine tree", "conifer"),
        ("christmas tree", "conifer"),
        ("dead tree", "tree"),
        ("tree", "tree"),
        ("oak tree in autumn", "tree"),
        ("coconut palm", "palm"),
        ("mossy boulder", "rock"),
        ("purple crystal cluster", "rock"),
        ("red mushroom", "mushroom"),
        ("garden hedge", "bush"),
        ("longsword with a golden hilt", "sword"),
        ("round viking shield", "shield"),
        ("battle axe", "axe"),
        ("blacksmith's anvil", "anvil"),
        ("stone staircase with five steps", "stairs"),
        ("marble pillar", "column"),
        ("village well", "well"),
        ("small cottage", "house"),
        ("castle tower", "tower"),
        ("barrels", "barrel"),
        ("white picket fence", "fence"),
        ("a place to sit", "chair"),
        ("something to sleep in", "bed"),
        ("blue health potion", "bottle"),
        ("street lamp", "lamp"),
        ("iron lantern", "lantern"),
        ("hay wagon", "cart"),
        ("chest of drawers", "cupboard"),
        ("bookshelf", "shelf"),
        ("velvet sofa", "chair"),
        ("stack of old books", "book"),
        ("wooden ladder", "ladder"),
        ("dungeon door", "door"),
        ("tavern sign", "sign"),
        ("potted plant", "pot"),
        ("greek amphora", "pot"),
        ("tree stump", "stump"),
        ("lamp on a table", "lamp"),
        ("picnic basket", "basket"),
        ("water bucket", "bucket"),
        ("street lantern", "lamp"),
        ("burning torch on the wall", "torch"),
        ("bag of flour", "sack"),
        ("pile of logs", "log"),
        ("hay bale", "hay bale"),
        ("red tent", "tent"),
        ("flag", "banner"),
        ("persian rug", "rug"),
        ("mug of beer", "mug"),
        ("old tombstone", "gravestone"),
        ("brick wall", "wall"),
        ("stone bridge", "bridge"),
        ("red rose", "flower"),
        ("cactus", "cactus"),
        ("wizard staff", "spear"),
        ("oak bookshelf", "shelf"),
        ("alter Brunnen", "well"),
        ("Eichentisch", "table"),
        ("something to store wine in", "barrel"),
    ],
)
def test_prompts_find_their_family(real: ParametricMeshes, prompt: str, family: str) -> None:
    plan = real.plan(prompt, seed=1)
    assert plan.family == family
    assert plan.confidence >= 0.4


# Which kind of surface a substance must look like when its words reach the generator of textures.
SUBSTANCE_SURFACES = {
    "wood": "wood", "dark wood": "wood", "pale wood": "wood", "bark": "bark", "leaves": "foliage",
    "needles": "grass", "grass": "grass", "stone": "rock", "masonry": "stone wall", "marble": "marble",
    "brick": "brick", "plaster": "plaster", "clay": "clay", "ceramic": "plastic", "thatch": "thatch",
    "shingles": "roof tiles", "straw": "thatch", "iron": "cast metal", "rusty iron": "rust",
    "steel": "brushed metal", "gold": "brushed metal", "brass": "cast metal", "bronze": "cast metal",
    "copper": "brushed metal", "silver": "brushed metal", "leather": "leather", "cloth": "fabric",
    "velvet": "velvet", "linen": "fabric", "paper": "paper", "glass": "glass", "glow": "glass",
    "flame": "glass", "mushroom cap": "plastic", "mushroom stem": "clay", "cream": "plastic",
    "crystal": "glass", "ice": "ice", "bone": "clay", "plastic": "plastic", "concrete": "concrete",
    "burlap": "fabric", "rope": "fabric", "hay": "thatch", "rug border": "velvet", "petal": "velvet",
    "cactus": "leather", "drink": "water", "water": "water", "moss": "rock", "snow": "snow", "ash": "gravel",
}  # fmt: skip


@pytest.mark.models
def test_every_substance_gets_the_surface_that_it_has(text_encoder: TextEncoder) -> None:
    textures = ParametricTextures(text_encoder)
    found = {name: textures.plan(s.prompt, seed=1).family for name, s in SUBSTANCES.items()}
    assert found == SUBSTANCE_SURFACES


@pytest.mark.models
@pytest.mark.parametrize("prompt", ["quantum mechanics", "qwerty zxcv", "asdfgh", "speech on taxes", "happy"])
def test_nonsense_gets_the_nearest_with_little_confidence(real: ParametricMeshes, prompt: str) -> None:
    plan = real.plan(prompt, seed=1)
    assert plan.confidence < 0.35
    assert plan.nearest in FAMILIES[plan.family].anchors
