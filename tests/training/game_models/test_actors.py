"""Actors of 0 A.D."""

import pytest

from tests.training.game_models.samples import RED, MemoryFiles, octahedron, pmd, triangles, volume
from vrbridge.errors import DataError
from vrbridge.training.game_models.actors import read_actor

TOP = {"top": ((0.0, 10.0, 0.0, 0.0, 0.0, 0.0, 1.0), 255)}


def game(**actors: str) -> MemoryFiles:
    """Return files with actors by name, a mesh with a point on top, one without, and a skin."""
    return MemoryFiles(
        {
            "art/meshes/tower.cached.pmd": pmd(TOP),
            "art/meshes/ball.cached.pmd": pmd(),
            "art/textures/skins/wall.png.cached.dds": RED,
            **{f"art/actors/{name}.xml": text.encode() for name, text in actors.items()},
        }
    )


def actor(*variants: str, material: str = "") -> str:
    return f"<actor><group>{''.join(variants)}</group><material>{material}</material></actor>"


BALL = actor("<variant><mesh>ball</mesh></variant>")


def test_the_front_is_minus_z_and_the_skin_is_found_by_its_stem() -> None:
    text = actor(
        '<variant frequency="1"><mesh>ball</mesh><textures><texture file="wall.dds" name="baseTex"/>'
        '<texture file="bumps.dds" name="normTex"/></textures></variant>'
    )
    [part] = read_actor("art/actors/a.xml", game(a=text))
    assert triangles([part]) == octahedron(lambda x, y, z: (-x, y, z))
    assert part.picture == "art/textures/skins/wall.png.cached.dds"
    # The file's axes are left-handed, and so is the octahedron in it.
    assert volume([part]) == pytest.approx(8)


@pytest.mark.parametrize(
    ("material", "is_cut_out"),
    [("basic_trans.xml", True), ("player_trans.xml", False), ("no_trans.xml", False), ("", False)],
)
def test_transparency_may_be_the_player_s_color(material: str, is_cut_out: bool) -> None:
    text = actor("<variant><mesh>ball</mesh></variant>", material=material)
    assert read_actor("art/actors/a.xml", game(a=text))[0].is_cut_out is is_cut_out


def test_of_variants_the_first_that_occurs_is_taken() -> None:
    variants = [
        '<variant name="Death" frequency="1"><mesh>none</mesh></variant>',
        '<variant maxquality="low" frequency="1"><mesh>none</mesh></variant>',
        '<variant frequency="0"><mesh>none</mesh></variant>',
        '<variant frequency="2"><mesh>ball</mesh></variant>',
    ]
    assert len(read_actor("art/actors/a.xml", game(a=actor(*variants)))) == 1
    assert read_actor("art/actors/a.xml", game(a=actor(*variants[:3]))) == []


def test_props_are_attached_unless_they_are_unseen_or_unknown() -> None:
    props = "".join(
        f'<prop actor="{name}.xml" attachpoint="{point}"/>'
        for name, point in [
            ("b", "top"),
            ("b", "root"),
            ("b", "nowhere"),
            ("smoke", "root"),
            ("none", "root"),
        ]
    )
    text = actor(f"<variant><mesh>tower</mesh><props>{props}</props></variant>")
    parts = read_actor("art/actors/a.xml", game(a=text, b=BALL, smoke=BALL))
    assert len(parts) == 3
    assert parts[1].vertices[:, 1].mean() == 10
    assert parts[2].vertices[:, 1].mean() == 0


def test_a_later_variant_takes_a_prop_away() -> None:
    first = '<variant><mesh>tower</mesh><prop actor="b.xml" attachpoint="top"/></variant>'
    text = f"<actor><group>{first}</group><group><variant><prop attachpoint='top'/></variant></group></actor>"
    assert len(read_actor("art/actors/a.xml", game(a=text, b=BALL))) == 1


def test_variants_are_shared_and_levels_of_quality_lead_on() -> None:
    levels = '<qualitylevels><actor file="low.xml" quality="low"/><actor file="b.xml"/></qualitylevels>'
    assert len(read_actor("art/actors/a.xml", game(a=levels, b=BALL))) == 1
    inline = f"<qualitylevels>{BALL.replace('actor>', 'inline>')}</qualitylevels>"
    assert len(read_actor("art/actors/a.xml", game(a=inline))) == 1
    files = game(a=actor('<variant file="shared.xml"/>'))
    files.files["art/variants/shared.xml"] = b"<variant><mesh>ball</mesh></variant>"
    assert len(read_actor("art/actors/a.xml", files)) == 1


def test_actors_that_hold_themselves_end() -> None:
    text = actor('<variant><mesh>ball</mesh><prop actor="a.xml" attachpoint="root"/></variant>')
    assert len(read_actor("art/actors/a.xml", game(a=text))) == 4
    circle = '<qualitylevels><actor file="a.xml"/></qualitylevels>'
    assert read_actor("art/actors/a.xml", game(a=circle)) == []


def test_damage_is_named() -> None:
    with pytest.raises(DataError, match=r"art/actors/a\.xml: no XML"):
        read_actor("art/actors/a.xml", game(a="<actor>"))
