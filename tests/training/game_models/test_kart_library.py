"""Things that an XML file puts together."""

import pytest

from tests.training.game_models.samples import MemoryFiles, octahedron, spm, triangles
from vrbridge.errors import DataError
from vrbridge.training.game_models.kart_library import read_library


def thing(*nodes: str) -> MemoryFiles:
    models = {f"lib/{name}.spm": spm("") for name in ("a", "b", "a_low", "a_lod1")}
    return MemoryFiles({"lib/node.xml": f"<scene>{''.join(nodes)}</scene>".encode(), **models})


def test_models_are_scaled_turned_and_moved_in_the_game_s_axes() -> None:
    node = '<object model="a.spm" scale="2 1 1" hpr="0 90 0" xyz="10 0 0"/>'
    parts = read_library("lib/node.xml", thing(node))
    # A model's own x is mirrored twice: by its reader, and back into the game's axes.
    assert triangles(parts) == octahedron(lambda x, y, z: (-(z + 10.0), float(y), -2.0 * x))


def test_the_finest_of_a_group_is_taken_and_stand_ins_are_left_out() -> None:
    files = thing(
        '<lod lod_group="g" lod_distance="10" model="a.spm"/>',
        '<lod lod_group="g" lod_distance="50" model="b.spm"/>',
        '<object model="a_low.spm"/><object model="a_lod1.spm"/><object model="none.spm"/><object/>',
    )
    assert len(read_library("lib/node.xml", files)) == 1
    assert len(read_library("lib/node.xml", thing('<o model="a.spm"/>', '<o model="b.spm"/>'))) == 2


@pytest.mark.parametrize(
    ("node", "said"),
    [
        ("<a>", "no XML"),
        ('<object model="a.spm" scale="2"/>', "'2' is not three numbers"),
        ('<object model="a.spm" xyz="1 2 x"/>', "'1 2 x' is not three numbers"),
    ],
)
def test_damage_is_named(node: str, said: str) -> None:
    with pytest.raises(DataError, match=rf"lib/node\.xml: {said}"):
        read_library("lib/node.xml", thing(node))
