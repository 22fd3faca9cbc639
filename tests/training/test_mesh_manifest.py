"""The list of the models of the mesh data set."""

import re
from collections import Counter
from pathlib import Path

import msgspec
import pytest

from tests.training.game_models.samples import RED, obj
from tests.training.mesh_sources import mesh_source
from vrbridge.errors import DataError
from vrbridge.settings import assets_dir
from vrbridge.training.debian import read_packages
from vrbridge.training.game_models.conversion import MAX_FACES
from vrbridge.training.mesh_manifest import read_mesh_manifest

_RIGHT = mesh_source(
    {"a.obj": obj(), "b.png": RED}, "a.obj", turn=(1, 0, 0, 0, 0, 1, 0, -1, 0), skins=(None, "b.png")
)


def test_the_bundled_manifest_and_the_list_of_packages_belong_together() -> None:
    folder = assets_dir() / "datasets"
    packages = read_packages(folder / "packages.toml")
    sources = read_mesh_manifest(folder / "meshes.jsonl")
    assert len(sources) == 3145
    assert {source.package for source in sources} <= set(packages)
    assert all(len(bytes.fromhex(packages[source.package].sha256)) == 32 for source in sources)
    assert all(8 <= source.faces <= MAX_FACES for source in sources)
    assert Counter(source.license_class for source in sources) == {
        "permissive": 868, "share-alike": 1618, "gpl": 659,
    }  # fmt: skip
    endings = {re.sub(r".*[!/]", "", source.path).rpartition(".")[2] for source in sources}
    assert endings == {"ac", "g3d", "md2", "md3", "obj", "spm", "xml"}
    assert (folder / "meshes.jsonl").stat().st_size < 1_250_000


def test_a_manifest_is_read_as_it_was_written(tmp_path: Path) -> None:
    (tmp_path / "m.jsonl").write_bytes(msgspec.json.encode(_RIGHT) + b"\n")
    assert read_mesh_manifest(tmp_path / "m.jsonl") == [_RIGHT]


@pytest.mark.parametrize(
    ("line", "reason"),
    [
        (b"{", "line 2"),
        (msgspec.json.encode(_RIGHT), "an id is used twice"),
        (msgspec.json.encode(_RIGHT).replace(b"00000", b"../x"), "letters and digits only"),
        (msgspec.json.encode(_RIGHT).replace(b"looks", b"locks"), "unknown field"),
        (msgspec.json.encode(_RIGHT).replace(b'"looks":"', b'"looks":"AAAA'), "6 bytes in base64"),
        (msgspec.json.encode(_RIGHT).replace(b'"looks":"', b'"looks":"!'), "6 bytes in base64"),
        (msgspec.json.encode(_RIGHT).replace(b'"faces"', b'"n_drawn":-1,"faces"'), "not below 0"),
        (msgspec.json.encode(_RIGHT).replace(b'"turn":[', b'"turn":[1,'), "Expected `array` of length 9"),
    ],
)
def test_a_line_that_can_t_be_used_is_named(tmp_path: Path, line: bytes, reason: str) -> None:
    (tmp_path / "m.jsonl").write_bytes(msgspec.json.encode(_RIGHT) + b"\n" + line)
    with pytest.raises(DataError) as raised:
        read_mesh_manifest(tmp_path / "m.jsonl")
    assert str(raised.value).startswith("m.jsonl")
    assert reason in str(raised.value)
