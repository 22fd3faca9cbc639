"""Makes the texture data set from Debian packages, and goes on where an earlier run ended."""

import json
import os
import shutil
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from vrbridge.errors import DataError
from vrbridge.training.attribution import attribution
from vrbridge.training.debian import DebianPackage
from vrbridge.training.folder_lines import LICENSE_LEVELS, METADATA_FILE
from vrbridge.training.package_members import member_contents
from vrbridge.training.texture_manifest import TextureSource
from vrbridge.training.texture_tiles import SurfaceTiles, Tile, make_tiles
from vrbridge.training.tileability import seam_ratios

Report = Callable[[str, int], None]
"""Called with the package under way and the number of pictures done."""

_UNFINISHED = ".unfinished.jsonl"
_SCRATCH = ".scratch"
_LUMA = np.array([0.2126, 0.7152, 0.0722])
_WEBP_QUALITY = {"color": 90, "normal": 90, "gloss": 85, "height": 85}
_WEBP_METHOD = 5
_SUFFIXES = {"color": "albedo", "normal": "normal", "gloss": "specular", "height": "height"}


class TextureBuilder:
    """Writes pictures, `metadata.jsonl` and `ATTRIBUTION.md` into a folder.

    Args:
        folder: An empty or new folder, or one that this class has written to before.
        sources: The pictures to make.
        packages: Packages by name.
        size_px: Side of the tiles, 64–2048.

    Raises:
        DataError: If the folder holds something else, or pictures of another size; or a size or a package
            makes no sense.
    """

    def __init__(
        self,
        folder: Path,
        sources: Sequence[TextureSource],
        packages: Mapping[str, DebianPackage],
        *,
        size_px: int = 256,
    ) -> None:
        if not 64 <= size_px <= 2048:
            raise DataError(f"size: {size_px} px is not between 64 and 2048.")
        for source in sources:
            package = packages.get(source.package)
            if package is None or not 0 <= source.copyright < len(package.copyrights):
                raise DataError(
                    f"{source.id}: the list of packages knows nothing of {source.package}, or too little."
                )
        self._folder = folder
        self._sources = sources
        self._packages = packages
        self._size_px = size_px
        self._lines = self._lines_of_earlier_runs()

    @property
    def n_done(self) -> int:
        """How many of the pictures are there already."""
        return sum(source.id in self._lines for source in self._sources)

    def packages_needed(self) -> list[DebianPackage]:
        """Return the packages of the pictures that are still missing, in the manifest's order."""
        names = dict.fromkeys(s.package for s in self._sources if s.id not in self._lines)
        return [self._packages[name] for name in names]

    def build(self, debs: Mapping[str, Path], report: Report) -> None:
        """Make what is missing; each picture that is done stays done if this is stopped.

        Args:
            debs: The .deb files of `packages_needed`, by name.
            report: Told of each package and each picture.

        Raises:
            DataError: If a package or picture is not what the manifest says, or the disk is full.
        """
        missing: defaultdict[str, list[TextureSource]] = defaultdict(list)
        for source in self._sources:
            if source.id not in self._lines:
                missing[source.package].append(source)
        scratch = self._folder / _SCRATCH
        try:
            self._folder.mkdir(parents=True, exist_ok=True)
            # Written anew: its last line may have been cut off.
            _replace(self._folder / _UNFINISHED, _text(self._lines.values()))
            shutil.rmtree(scratch, ignore_errors=True)
            scratch.mkdir()
            with (self._folder / _UNFINISHED).open("a", encoding="utf-8") as done:
                for name, sources in missing.items():
                    report(name, self.n_done)
                    for source, contents in _gathered(debs[name], self._packages[name], sources, scratch):
                        line = self._write(source, make_tiles(source, contents, self._size_px))
                        done.write(_text([line]))
                        done.flush()
                        self._lines[source.id] = line
                        report(name, self.n_done)
            self._finish()
        except OSError as error:
            raise DataError(
                f"{self._folder}: can't be written: {error.strerror}. The same command goes on."
            ) from error
        finally:
            shutil.rmtree(scratch, ignore_errors=True)

    def _lines_of_earlier_runs(self) -> dict[str, dict[str, Any]]:
        if not self._folder.exists():
            return {}
        if not self._folder.is_dir():
            raise DataError(f"{self._folder}: this is no folder.")
        files = [self._folder / METADATA_FILE, self._folder / _UNFINISHED]
        if not any(file.is_file() for file in files) and any(self._folder.iterdir()):
            raise DataError(
                f"{self._folder}: not empty, and no data set made by this command; choose another folder."
            )
        lines = {}
        for file in files:
            for line in _json_lines(file):
                if line.get("size") != [self._size_px, self._size_px]:
                    raise DataError(f"{self._folder}: holds pictures of another size; choose another folder.")
                if all((self._folder / name).is_file() for name in line["maps"].values()):
                    lines[line["id"]] = line
        return lines

    def _write(self, source: TextureSource, surface: SurfaceTiles) -> dict[str, Any]:
        """Write the pictures of a source and return its line of the metadata."""
        maps = {}
        for kind, tile in surface.tiles.items():
            maps[_SUFFIXES[kind]] = f"{source.id}_{_SUFFIXES[kind]}.webp"
            _save(self._folder / maps[_SUFFIXES[kind]], tile, _WEBP_QUALITY[kind])
        package = self._packages[source.package]
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
            "size": [self._size_px, self._size_px],
            "is_tileable": source.is_tileable,
            **_measures(surface.tiles),
        }

    def _finish(self) -> None:
        """Describe exactly the pictures that were asked for."""
        lines = [self._lines[source.id] for source in self._sources]
        _replace(self._folder / "ATTRIBUTION.md", attribution(lines))
        _replace(self._folder / METADATA_FILE, _text(lines))
        (self._folder / _UNFINISHED).unlink(missing_ok=True)


def chosen(sources: Iterable[TextureSource], licenses: str) -> list[TextureSource]:
    """Return the sources of a licence level: `permissive`, `share-alike` (both) or `all`.

    Raises:
        DataError: If there is no such level.
    """
    if licenses not in LICENSE_LEVELS:
        raise DataError(f"licences: {licenses!r} is none of {', '.join(LICENSE_LEVELS)}.")
    allowed = LICENSE_LEVELS[licenses]
    return [source for source in sources if allowed is None or source.license_class in allowed]


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


def _text(lines: Iterable[Mapping[str, Any]]) -> str:
    return "".join(json.dumps(line, ensure_ascii=False) + "\n" for line in lines)


def _replace(path: Path, text: str) -> None:
    unfinished = path.with_suffix(".part")
    with unfinished.open("w", encoding="utf-8") as file:
        file.write(text)
        file.flush()
        os.fsync(file.fileno())
    unfinished.replace(path)


def _json_lines(path: Path) -> Iterator[dict[str, Any]]:
    """Yield the whole lines of a file; the last one may have been cut off."""
    if not path.is_file():
        return
    for line in path.read_text(encoding="utf-8", errors="replace").splitlines():
        try:
            values = json.loads(line)
        except ValueError:
            continue
        if (
            isinstance(values, dict)
            and isinstance(values.get("id"), str)
            and isinstance(values.get("maps"), dict)
        ):
            yield values
