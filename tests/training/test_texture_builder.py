"""The texture data set, made from small packages."""

import errno
import json
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from tests.training.debs import deb, needs_dpkg, zipped
from tests.training.pictures import noise, packed, write
from tests.training.sources import source
from vrbridge.errors import DataError
from vrbridge.training import texture_builder as module
from vrbridge.training.data_folder import read_folder
from vrbridge.training.debian import DebianPackage, find_package
from vrbridge.training.package_builder import PackageBuilder, chosen
from vrbridge.training.texture_builder import texture_builder
from vrbridge.training.texture_manifest import TextureSource

pytestmark = needs_dpkg


class Shop:
    """Two packages with four pictures, and where to build.

    Args:
        folder: To make them in.
    """

    def __init__(self, folder: Path) -> None:
        self.debs = folder / "debs"
        self.debs.mkdir()
        self.out = folder / "out"
        gloss = noise(9)[..., 0]
        png = {index: packed(noise(index), "png") for index in range(4)}
        walls = {
            "usr/walls/a.png": png[0],
            "usr/walls/a_s.png": packed(gloss, "png"),
            "usr/walls/b.png": png[1],
        }
        floors = {"usr/floors.pk3": zipped({"x/c.png": png[2], "x/d.png": png[3]})}
        self.packages = {
            "walls": deb(self.debs, walls, name="walls", subfolder="usr/walls"),
            "floors": deb(self.debs, floors, name="floors", subfolder="usr"),
        }
        self.sources = [
            source(
                {"color": noise(0), "gloss": gloss},
                id="00000",
                package="walls",
                path="a.png",
                gloss="a_s.png",
            ),
            source({"color": noise(2)}, id="00001", package="floors", path="floors.pk3!x/c.png", copyright=1),
            source(
                {"color": noise(1), "gloss": gloss},
                id="00002",
                package="walls",
                path="b.png",
                gloss="a_s.png",
                license="CC0-1.0",
                license_class="permissive",
            ),
            source(
                {"color": noise(3)},
                id="00003",
                package="floors",
                path="floors.pk3!x/d.png",
                is_tileable=False,
            ),
        ]

    def builder(
        self, sources: list[TextureSource] | None = None, *, size_px: int = 64
    ) -> PackageBuilder[TextureSource]:
        return texture_builder(self.out, sources or self.sources, self.packages, size_px=size_px)

    def build(self, sources: list[TextureSource] | None = None) -> list[tuple[str, int]]:
        """Build with what is needed; return what was reported."""
        builder = self.builder(sources)
        reports: list[tuple[str, int]] = []
        debs = {package.name: find_package(package, self.debs) for package in builder.packages_needed()}
        builder.build(debs, lambda name, done: reports.append((name, done)))
        return reports

    def ids(self) -> list[str]:
        return [json.loads(line)["id"] for line in (self.out / "metadata.jsonl").read_text().splitlines()]


@pytest.fixture
def shop(tmp_path: Path) -> Shop:
    return Shop(tmp_path)


def test_the_set_is_described_in_the_manifest_s_order(shop: Shop) -> None:
    assert shop.build() == [
        ("walls", 0),
        ("walls", 1),
        ("walls", 2),
        ("floors", 2),
        ("floors", 3),
        ("floors", 4),
    ]
    assert shop.ids() == ["00000", "00001", "00002", "00003"]
    first, second, *_ = [json.loads(line) for line in (shop.out / "metadata.jsonl").read_text().splitlines()]
    assert first["maps"] == {"albedo": "00000_albedo.webp", "specular": "00000_specular.webp"}
    assert (first["source_package"], first["source_path"]) == ("walls 1.0-1", "usr/walls/a.png")
    assert second["source_path"] == "usr/floors.pk3!x/c.png"
    assert (first["license"], first["license_class"], first["copyright"]) == (
        "GPL-2+",
        "gpl",
        "2001 Ann Artist",
    )
    assert second["copyright"] == "2002 Bob Painter"
    assert (first["source_size"], first["size"]) == ([64, 64], [64, 64])
    luma = (noise(0) @ [0.2126, 0.7152, 0.0722]) / 255
    assert first["mean_luma"] == pytest.approx(luma.mean(), abs=1e-3)
    assert first["contrast"] == pytest.approx(luma.std(), abs=1e-3)
    assert first["seam_ratio_mean"] < 1.9
    assert first["normal_strength"] is None


def test_the_pictures_are_those_of_the_packages(shop: Shop) -> None:
    shop.build()
    for index, name in enumerate(["00000", "00002", "00001", "00003"]):
        with Image.open(shop.out / f"{name}_albedo.webp") as made:
            assert np.abs(np.asarray(made).astype(int) - noise(index)).mean() < 5


def test_what_is_built_can_be_learned_from(shop: Shop) -> None:
    shop.build()
    pictures = read_folder(shop.out, licenses="permissive")
    assert [(p.file, p.caption, dict(p.maps)) for p in pictures] == [
        ("00002_albedo.webp", "red brick", {"gloss": "00002_specular.webp"})
    ]
    assert [p.is_tileable for p in read_folder(shop.out)] == [True, True, True, False]


def test_authors_are_named(shop: Shop) -> None:
    shop.build()
    text = (shop.out / "ATTRIBUTION.md").read_text()
    assert "## floors 1.0-1: GPL-2+ (2 pictures)\n\n- 2002 Bob Painter (1)\n- 2001 Ann Artist (1)\n" in text
    assert "## walls 1.0-1: CC0-1.0 (1 pictures)" in text


def test_nothing_else_is_left_behind(shop: Shop) -> None:
    shop.build()
    names = {path.name for path in shop.out.iterdir()}
    assert {name for name in names if not name.endswith(".webp")} == {"metadata.jsonl", "ATTRIBUTION.md"}
    assert len(names) == 4 + 2 + 2


def interrupt(shop: Shop, after: int) -> None:
    """Build until so many pictures are there."""
    builder = shop.builder()
    debs = {package.name: find_package(package, shop.debs) for package in builder.packages_needed()}

    def stop(name: str, done: int) -> None:
        if done == after:
            raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        builder.build(debs, stop)


def test_an_interrupted_run_goes_on(shop: Shop) -> None:
    interrupt(shop, 3)
    assert not (shop.out / "metadata.jsonl").exists()
    resumed = shop.builder()
    assert resumed.n_done == 3
    assert [package.name for package in resumed.packages_needed()] == ["floors"]
    assert shop.build() == [("floors", 3), ("floors", 4)]
    assert shop.ids() == ["00000", "00001", "00002", "00003"]


def test_runs_that_were_killed_lose_no_more_than_the_picture_under_way(shop: Shop) -> None:
    for done in (1, 2, 3):
        interrupt(shop, done)
        # As if killed in the middle of a line, of a picture, and of an archive.
        with (shop.out / ".unfinished.jsonl").open("a") as lines:
            lines.write('{"id": "00003", "maps": {"alb')
        (shop.out / "00003_albedo.part").write_bytes(b"half")
        (shop.out / ".scratch").mkdir()
        (shop.out / ".scratch" / "file").write_bytes(b"half")
        assert shop.builder().n_done == done
    assert shop.build() == [("floors", 3), ("floors", 4)]
    assert {path.suffix for path in shop.out.iterdir()} == {".webp", ".jsonl", ".md"}


def test_a_finished_set_needs_nothing_and_lost_pictures_come_back(shop: Shop) -> None:
    shop.build()
    assert shop.builder().packages_needed() == []
    assert shop.build() == []
    (shop.out / "00001_albedo.webp").unlink()
    assert shop.build() == [("floors", 3), ("floors", 4)]


def test_licences_choose_what_is_described(shop: Shop) -> None:
    free = chosen(shop.sources, "permissive")
    assert [s.id for s in free] == ["00002"]
    assert [package.name for package in shop.builder(free).packages_needed()] == ["walls"]
    shop.build()
    shop.build(free)
    assert shop.ids() == ["00002"]
    assert len(chosen(shop.sources, "all")) == 4
    with pytest.raises(DataError, match="'free' is none of"):
        chosen(shop.sources, "free")


def test_a_folder_with_other_things_is_left_alone(shop: Shop) -> None:
    write(shop.out / "holiday.png", noise(1))
    with pytest.raises(DataError, match="choose another folder"):
        shop.builder()
    assert [path.name for path in shop.out.iterdir()] == ["holiday.png"]


def test_a_file_or_a_set_of_another_size_is_refused(shop: Shop) -> None:
    shop.build()
    with pytest.raises(DataError, match="another size"):
        shop.builder(size_px=128)
    shop.out = shop.out / "metadata.jsonl"
    with pytest.raises(DataError, match="this is no folder"):
        shop.builder()
    with pytest.raises(DataError, match="not between 64 and 2048"):
        shop.builder(size_px=32)


def test_a_picture_that_looks_otherwise_stops_the_run_and_is_named(shop: Shop) -> None:
    shop.sources[3] = source({"color": noise(8)}, id="00003", package="floors", path="floors.pk3!x/d.png")
    with pytest.raises(DataError, match=r"00003, floors\.pk3!x/d\.png: its color differs"):
        shop.build()
    assert shop.builder().n_done == 3


def test_a_manifest_that_does_not_fit_the_packages_is_refused(shop: Shop) -> None:
    for wrong in (
        {"package": "roofs"},
        {"package": "walls", "copyright": 2},
        {"package": "walls", "copyright": -1},
    ):
        with pytest.raises(DataError, match="00000: the list of packages knows nothing of"):
            shop.builder([source({"color": noise(0)}, id="00000", **wrong)])


def test_a_full_disk_is_an_error_of_the_user_s_and_keeps_what_is_done(
    shop: Shop, monkeypatch: pytest.MonkeyPatch
) -> None:
    whole = module._save
    saved: list[Path] = []

    def save(path: Path, tile: npt.NDArray[np.uint8], quality: int) -> None:
        saved.append(path)
        if len(saved) > 4:
            raise OSError(errno.ENOSPC, "No space left on device")
        whole(path, tile, quality)

    monkeypatch.setattr(module, "_save", save)
    with pytest.raises(DataError, match=r"No space left on device\. The same command goes on"):
        shop.build()
    monkeypatch.undo()
    assert shop.build() == [("floors", 2), ("floors", 3), ("floors", 4)]


def test_a_package_for_nobody_is_not_needed(shop: Shop) -> None:
    shop.packages["roofs"] = DebianPackage("roofs", "1", "")
    assert [package.name for package in shop.builder().packages_needed()] == ["walls", "floors"]
