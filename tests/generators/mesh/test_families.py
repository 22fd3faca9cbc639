import pytest

from tests.fakes import FakeTextEncoder
from vrbridge.generators.mesh.families import FAMILIES
from vrbridge.generators.mesh.parametric import ParametricMeshes

MESHES = ParametricMeshes(FakeTextEncoder())


@pytest.mark.parametrize("family", FAMILIES)
def test_every_detail_uses_only_roles_that_have_a_material(family: str) -> None:
    plan = MESHES.plan(FAMILIES[family].anchors[0], seed=5)
    for detail in range(4):
        assert {piece.role for piece in MESHES.sketch(plan, detail=detail)} <= set(FAMILIES[family].roles)


@pytest.mark.parametrize("family", FAMILIES)
def test_coarser_versions_have_no_more_faces(family: str) -> None:
    plan = MESHES.plan(FAMILIES[family].anchors[0], seed=5)
    counts = [sum(len(p.solid.faces) for p in MESHES.sketch(plan, detail=d)) for d in range(4)]
    assert counts == sorted(counts)
    assert counts[0] <= 250


@pytest.mark.parametrize(
    ("plain", "special"),
    [
        ("wooden table", "round wooden table"),
        ("wooden chair", "wooden throne"),
        ("tree", "dead tree"),
        ("knight's shield", "round viking shield"),
        ("table lamp", "street lamp"),
        ("wooden cart", "wooden cart full of hay"),
        ("wardrobe", "wardrobe drawers"),
        ("tavern sign", "wooden signpost"),
        ("clay pot", "potted clay pot plant"),
        ("glass bottle", "magic potion flask"),
        ("grey boulder", "crystal cluster rock"),
        ("marble column", "broken marble column"),
        ("battle axe", "woodcutter's axe"),
        ("stone stairs", "stone stairs railing"),
    ],
)  # fmt: skip
def test_words_of_the_prompt_choose_the_variant(plain: str, special: str) -> None:
    one, other = MESHES.plan(plain, seed=1), MESHES.plan(special, seed=1)
    assert one.family == other.family
    assert MESHES.build(one).n_faces != MESHES.build(other).n_faces
