"""The mesh data set, made from small packages."""

import errno
import json
from pathlib import Path

import msgspec
import numpy as np
import pytest

from tests.training.debs import deb, needs_dpkg, zipped
from tests.training.game_models.samples import RED, ac, g3d, md2, obj, pmd
from tests.training.mesh_sources import mesh_source
from vrbridge.errors import DataError
from vrbridge.generators.mesh.model_file import open_model
from vrbridge.training import mesh_builder as module
from vrbridge.training.debian import find_package
from vrbridge.training.mesh_builder import mesh_builder
from vrbridge.training.mesh_data import MeshData
from vrbridge.training.mesh_folder import read_shapes
from vrbridge.training.mesh_manifest import MeshSource
from vrbridge.training.package_builder import PackageBuilder, chosen

pytestmark = needs_dpkg

PLAIN = {
    "m/gem.obj": obj(),
    "m/o.mtl": b"newmtl paint\nmap_Kd ../skins/red.png",
    "skins/red.png": RED,
    "m/b.ac": ac(),
}
ZIPPED = {
    "art/actors/gem.xml": b"<actor><group><variant><mesh>gem</mesh></variant></group></actor>",
    "art/meshes/gem.cached.pmd": pmd(),
    "x/o.md2": md2(),
    "x/skin.png": RED,
}


class Shop:
    """Two packages with five models, and where to build.

    Args:
        folder: To make them in.
    """

    def __init__(self, folder: Path) -> None:
        self.debs = folder / "debs"
        self.debs.mkdir()
        self.out = folder / "out"
        plain = {f"usr/gems/top/{name}": content for name, content in PLAIN.items()}
        plain |= {"usr/gems/top/real.g3d": g3d("skins/red.png"), "usr/other/top/m/gem.obj": b"no model"}
        self.packages = {
            "gems": deb(
                self.debs,
                plain,
                link=("usr/gems/top/link.g3d", "real.g3d"),
                name="gems",
                subfolder="usr/gems",
            ),
            "games": deb(self.debs, {"usr/data.zip": zipped(ZIPPED)}, name="games", subfolder="usr"),
        }
        below = {
            f"top/{name}": content for name, content in (PLAIN | {"link.g3d": g3d("skins/red.png")}).items()
        }
        self.sources = [
            mesh_source(below, "top/m/gem.obj", dims_cm=(2.0, 4.5, 6.0), colored="red gem"),
            mesh_source(ZIPPED, "data.zip!art/actors/gem.xml", id="00001", package="games"),
            mesh_source(below, "top/link.g3d", id="00002", license="CC0-1.0", license_class="permissive"),
            mesh_source(ZIPPED, "data.zip!x/o.md2", id="00003", package="games", skins=("skin.png",)),
            mesh_source(below, "top/m/b.ac", id="00004"),
        ]

    def builder(self, sources: list[MeshSource] | None = None) -> PackageBuilder[MeshSource]:
        return mesh_builder(self.out, sources or self.sources, self.packages)

    def build(
        self, sources: list[MeshSource] | None = None, *, stop_after: int = -1
    ) -> list[tuple[str, int]]:
        """Build with what is needed; return what was reported."""
        builder = self.builder(sources)
        reports: list[tuple[str, int]] = []
        debs = {package.name: find_package(package, self.debs) for package in builder.packages_needed()}

        def report(name: str, done: int) -> None:
            reports.append((name, done))
            if done == stop_after:
                raise KeyboardInterrupt

        builder.build(debs, report)
        return reports

    def lines(self) -> list[dict[str, object]]:
        return [json.loads(line) for line in (self.out / "metadata.jsonl").read_text().splitlines()]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_the_set_is_described_in_the_manifest_s_order(shop: Shop) -> None:
    assert [name for name, _ in shop.build()] == ["gems"] * 4 + ["games"] * 3
    assert shop.lines()[0] == {
        "file": "00000.glb",
        "id": "00000",
        "caption": "gem",
        "caption_with_color": "red gem",
        "category": "decor",
        "source_package": "gems 1.0-1",
        "source_path": "usr/gems/top/m/gem.obj",
        "license": "GPL-2+",
        "license_class": "gpl",
        "copyright": "Ann Artist",
        "faces": 8,
        "vertices": 6,
        "dims_cm": [2.0, 4.5, 6.0],
    }
    assert [line["id"] for line in shop.lines()] == ["00000", "00001", "00002", "00003", "00004"]
    assert shop.lines()[1]["source_path"] == "usr/data.zip!art/actors/gem.xml"
    assert shop.lines()[1]["caption_with_color"] == "gem"
    assert (
        "## gems 1.0-1: CC0-1.0 (1 models)\n\n- Ann Artist (1)" in (shop.out / "ATTRIBUTION.md").read_text()
    )
    assert len(list(shop.out.iterdir())) == 5 + 2


def test_models_have_the_shape_and_colors_of_the_packages(shop: Shop) -> None:
    shop.build()
    tops = {0: [255, 0, 0], 1: [178, 178, 178], 2: [255, 0, 0], 3: [255, 0, 0], 4: [51, 102, 153]}
    sizes = {3: [2 / 3, 1, 1 / 3], 4: [1, 2 / 3, 1 / 3]}
    for number, color in tops.items():
        model = open_model(shop.out / f"{number:05d}.glb", "m")
        assert np.abs(model.colors.astype(int) - color).max() <= 1
        assert np.ptp(model.vertices, axis=0) == pytest.approx(sizes.get(number, [1 / 3, 2 / 3, 1]), abs=1e-6)


def test_what_is_built_can_be_learned_from(shop: Shop, tmp_path: Path) -> None:
    shop.build()
    first, *_ = read_shapes(shop.out)
    assert (first.size_m, first.source) == (0.06, "gems 1.0-1: usr/gems/top/m/gem.obj")
    data = MeshData.open(shop.out, licenses="permissive", cache=tmp_path / "cache")
    assert [shape.file for shape in data.shapes] == ["00002.glb"]
    assert data.solid.max() == 255


def test_a_run_that_was_stopped_goes_on_and_lost_models_come_back(shop: Shop) -> None:
    with pytest.raises(KeyboardInterrupt):
        shop.build(stop_after=2)
    assert not (shop.out / "metadata.jsonl").exists()
    assert shop.builder().n_done == 2
    assert shop.build() == [("games", 2), ("games", 3), ("games", 4), ("gems", 4), ("gems", 5)]
    assert shop.build() == []
    (shop.out / "00003.glb").unlink()
    assert shop.build() == [("games", 4), ("games", 5)]


def test_licences_choose_what_is_described(shop: Shop) -> None:
    free = chosen(shop.sources, "permissive")
    assert [package.name for package in shop.builder(free).packages_needed()] == ["gems"]
    shop.build(free)
    assert [line["id"] for line in shop.lines()] == ["00002"]


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"path": "top/none.obj"}, r"top/none\.obj: not in the package"),
        ({"path": "none.zip!a.obj"}, r"none\.zip: not in the package"),
        ({"path": "top/skins/red.png"}, r"top/skins/red\.png: no reader"),
        ({"faces": 9}, r"00000, top/m/gem\.obj: .*it has 8 faces for 9"),
        ({"looks": "AAAAAAAA"}, r"00000, top/m/gem\.obj: its size differs by 255"),
        ({"skins": ("none.png",)}, r"top/m/none\.png: not in the package"),
    ],
)
def test_what_is_not_as_the_manifest_says_stops_the_run_and_is_named(
    shop: Shop, fields: dict[str, object], said: str
) -> None:
    wrong = msgspec.structs.replace(shop.sources[0], **fields)
    with pytest.raises(DataError, match=said):
        shop.build([shop.sources[4], wrong])
    assert shop.builder().n_done == 1


def test_a_damaged_archive_is_named(shop: Shop) -> None:
    shop.packages["games"] = deb(shop.debs, {"usr/data.zip": b"no zip"}, name="games", subfolder="usr")
    with pytest.raises(DataError, match=r"data\.zip: this archive is damaged"):
        shop.build()


def test_a_package_that_nobody_knows_and_a_foreign_folder_are_refused(shop: Shop) -> None:
    stranger = mesh_source(ZIPPED, "data.zip!x/o.md2", package="strangers")
    with pytest.raises(DataError, match="00000: the list of packages knows nothing of strangers"):
        shop.builder([stranger])
    shop.out.mkdir()
    (shop.out / "holiday.glb").write_bytes(b"")
    with pytest.raises(DataError, match="choose another folder"):
        shop.builder()


def test_a_full_disk_keeps_what_is_done(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    whole = module._save

    def save(path: Path, content: bytes) -> None:
        if path.name == "00004.glb":
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(path, content)

    monkeypatch.setattr(module, "_save", save)
    with pytest.raises(DataError, match=r"No space left on device\. The same command goes on"):
        shop.build()
    monkeypatch.undo()
    assert shop.builder().n_done == 2
