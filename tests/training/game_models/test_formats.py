"""Readers by file, and what they do with damaged files."""

import random
from contextlib import suppress

import pytest

from tests.training.game_models.samples import RED, MemoryFiles, ac, g3d, md2, md3, obj, pmd, spm
from vrbridge.errors import DataError
from vrbridge.training.game_models.formats import is_backward, read_model

WHOLE = {
    "o.ac": ac(),
    "o.g3d": g3d(),
    "o.md2": md2(),
    "o.md3": md3(),
    "o.obj": obj(),
    "o.spm": spm(),
    "art/meshes/o.cached.pmd": pmd({"p": ((0,) * 7, 0)}, [(0,) * 7]),
    "art/actors/o.xml": b"<actor><group><variant><mesh>o</mesh></variant></group></actor>",
    "node.xml": b'<a><b model="o.spm"/></a>',
}
MODELS = [name for name in WHOLE if not name.endswith(".pmd")]


@pytest.mark.parametrize("name", MODELS)
def test_each_format_has_a_reader(name: str) -> None:
    assert sum(len(part.faces) for part in read_model(name, MemoryFiles(WHOLE))) == 8
    assert is_backward(name) == name.startswith("art/")


@pytest.mark.parametrize("name", ["o.blend", "o.xml", "o", "art/actors/o.pmd"])
def test_other_files_have_none(name: str) -> None:
    with pytest.raises(DataError, match=f"{name}: no reader"):
        read_model(name, MemoryFiles({name: b""}))


def test_skins_are_put_on_parts_without_pictures() -> None:
    files = MemoryFiles({"m/o.md3": md3(), "m/a.png": RED, "m/b.png": RED})
    pictures = [
        [p.picture for p in read_model("m/o.md3", files, s)] for s in ((None, "a.png"), ("b.png",), ())
    ]
    assert pictures == [[None, "m/a.png"], ["m/b.png", "m/b.png"], [None, None]]
    with pytest.raises(DataError, match=r"m/c\.png: not in the package"):
        read_model("m/o.md3", files, ("c.png",))


@pytest.mark.parametrize("name", WHOLE)
def test_damaged_files_are_read_or_refused_and_nothing_else(name: str) -> None:
    model = "art/actors/o.xml" if name.endswith(".pmd") else name
    content = WHOLE[name]
    rng = random.Random(1)
    for trial in range(300):
        damaged = bytearray(content)
        if trial % 3:
            for _ in range(rng.choice((1, 4))):
                damaged[rng.randrange(len(damaged))] = rng.choice((0, 1, 127, 128, 255, rng.randrange(256)))
        else:
            del damaged[rng.randrange(len(damaged)) :]
        with suppress(DataError):
            read_model(model, MemoryFiles({**WHOLE, name: bytes(damaged)}))
