"""Makes the texture data set from Debian packages."""

from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from vrbridge.errors import DataError
from vrbridge.training.attribution import attribution
from vrbridge.training.debian import DebianPackage
from vrbridge.training.package_builder import PackageBuilder
from vrbridge.training.package_members import member_contents
from vrbridge.training.texture_manifest import TextureSource
from vrbridge.training.texture_tiles import SurfaceTiles, Tile, make_tiles
from vrbridge.training.tileability import seam_ratios

_LUMA = np.array([0.2126, 0.7152, 0.0722])
_WEBP_QUALITY = {"color": 90, "normal": 90, "gloss": 85, "height": 85}
_WEBP_METHOD = 5
_SUFFIXES = {"color": "albedo", "normal": "normal", "gloss": "specular", "height": "height"}


def texture_builder(
    folder: Path,
    sources: Sequence[TextureSource],
    packages: Mapping[str, DebianPackage],
    *,
    size_px: int = 256,
) -> PackageBuilder[TextureSource]:
    """Return what makes a folder of pictures.

    Args:
        folder: An empty or new folder, or one of an earlier run.
        sources: The pictures to make.
        packages: Packages by name.
        size_px: Side of the tiles, 64–2048.

    Raises:
        DataError: If the folder holds something else, or pictures of another size; or a size or a package
            makes no sense.
    """
    if not 64 <= size_px <= 2048:
        raise DataError(f"size: {size_px} px is not between 64 and 2048.")
    for source in sources:
        package = packages.get(source.package)
        if package is None or not 0 <= source.copyright < len(package.copyrights):
            raise DataError(
                f"{source.id}: the list of packages knows nothing of {source.package}, or too little."
            )
    return PackageBuilder(folder, sources, packages, _TileCraft(size_px))


class _TileCraft:
    """Makes square pictures of one size."""

    def __init__(self, size_px: int) -> None:
        self._size = [size_px, size_px]

    def make(
        self,
        deb: Path,
        package: DebianPackage,
        sources: Sequence[TextureSource],
        *,
        folder: Path,
        scratch: Path,
    ) -> Iterator[tuple[TextureSource, dict[str, Any]]]:
        for source, contents in _gathered(deb, package, sources, scratch):
            surface = make_tiles(source, contents, self._size[0])
            yield source, self._write(folder, package, source, surface)

    def files_of(self, line: Mapping[str, Any], folder: Path) -> Sequence[str] | None:
        maps = line.get("maps")
        if not isinstance(maps, dict):
            return None
        if line.get("size") != self._size:
            raise DataError(f"{folder}: holds pictures of another size; choose another folder.")
        return list(maps.values())

    def credit(self, lines: Sequence[Mapping[str, Any]]) -> str:
        return attribution(lines)

    def _write(
        self, folder: Path, package: DebianPackage, source: TextureSource, surface: SurfaceTiles
    ) -> dict[str, Any]:
        """Write the pictures of a source and return its line of the metadata."""
        maps = {}
        for kind, tile in surface.tiles.items():
            maps[_SUFFIXES[kind]] = f"{source.id}_{_SUFFIXES[kind]}.webp"
            _save(folder / maps[_SUFFIXES[kind]], tile, _WEBP_QUALITY[kind])
        return {
            "file": maps["albedo"],
            "id": source.id,
            "caption": source.caption,
            "category": source.category,
            "maps": maps,
            "source_package": f"{source.package} {package.version}",
            "source_path": source.members(package.folder)["color"],
            "license": source.license,
            "license_class": source.license_class,
            "copyright": package.copyrights[source.copyright],
            "source_size": list(surface.source_size),
            "size": self._size,
            "is_tileable": source.is_tileable,
            **_measures(surface.tiles),
        }


def _gathered(
    deb: Path, package: DebianPackage, sources: Sequence[TextureSource], scratch: Path
) -> Iterator[tuple[TextureSource, dict[str, bytes]]]:
    """Yield each source with the contents of its files, as soon as all of them were read."""
    members = {source.id: source.members(package.folder) for source in sources}
    users: defaultdict[str, list[TextureSource]] = defaultdict(list)
    for source in sources:
        for member in set(members[source.id].values()):
            users[member].append(source)
    n_missing = {source.id: len(set(members[source.id].values())) for source in sources}
    n_unused = {member: len(waiting) for member, waiting in users.items()}
    held: dict[str, bytes] = {}
    for member, content in member_contents(deb, users, scratch=scratch):
        held[member] = content
        for source in users[member]:
            n_missing[source.id] -= 1
            if n_missing[source.id]:
                continue
            yield source, {kind: held[path] for kind, path in members[source.id].items()}
            for path in set(members[source.id].values()):
                n_unused[path] -= 1
                if not n_unused[path]:
                    del held[path]


def _measures(tiles: Mapping[str, Tile]) -> dict[str, float | None]:
    color = tiles["color"]
    luma = color @ _LUMA
    seams = seam_ratios(color)
    normal = tiles.get("normal")
    return {
        "seam_ratio_mean": round(seams.mean, 3),
        "seam_ratio_p90": round(seams.p90, 3),
        "mean_luma": round(float(luma.mean()) / 255, 3),
        "contrast": round(float(luma.std()) / 255, 3),
        "normal_strength": None if normal is None else round(float((normal[..., :2] / 127.5).std()), 3),
    }


def _save(path: Path, tile: Tile, quality: int) -> None:
    unfinished = path.with_suffix(".part")
    Image.fromarray(tile).save(unfinished, "WEBP", quality=quality, method=_WEBP_METHOD)
    unfinished.replace(path)
