"""What lies in a data folder: which pictures, with which words, maps and licences."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from vrbridge.errors import DataError
from vrbridge.training.captions import MAX_CAPTION_CHARS
from vrbridge.training.folder_lines import (
    METADATA_FILE,
    Line,
    captions_in,
    check_folder,
    files_in,
    licensed,
    metadata_lines,
)
from vrbridge.training.held_out import is_held_out

MAPS = ("normal", "gloss", "height")

_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".webp"})
_SUFFIXES = {
    "normal": "normal",
    "normalgl": "normal",
    "normal_opengl": "normal",
    "nor_gl": "normal",
    "normaldx": "normal_dx",
    "normal_directx": "normal_dx",
    "nor_dx": "normal_dx",
    "gloss": "gloss",
    "glossiness": "gloss",
    "rough": "roughness",
    "roughness": "roughness",
    "height": "height",
    "disp": "height",
    "displacement": "height",
    "ao": "",
    "ambientocclusion": "",
    "arm": "",
    "metal": "",
    "metallic": "",
    "metalness": "",
    "opacity": "",
    "orm": "",
}
_COLOR_SUFFIXES = ("", "_albedo", "_basecolor", "_base_color", "_col", "_color", "_diff", "_diffuse")


@dataclass(frozen=True, slots=True)
class Picture:
    """One picture of a data folder.

    Attributes:
        file: Path of the colours inside the folder, with `/`.
        caption: What it shows.
        category: Kind of material; empty if unknown.
        license: SPDX-like expression; empty for a user's own pictures.
        license_class: `permissive`, `share-alike` or `gpl`; empty if unknown.
        maps: Paths inside the folder, by kind: `normal` (+Y up), `normal_dx` (+Y down), `gloss`, `roughness`,
            `height`.
        is_tileable: Whether opposite edges meet; None: not known yet.
        is_held_out: Never to be trained on.
    """

    file: str
    caption: str
    category: str = ""
    license: str = ""
    license_class: str = ""
    maps: Mapping[str, str] = field(default_factory=dict)
    is_tileable: bool | None = None
    is_held_out: bool = False


def read_folder(folder: Path, *, licenses: str | None = None) -> list[Picture]:
    """Return what a folder holds: by its `metadata.jsonl`, or else every PNG, JPEG and WebP in it.

    A plain folder is searched with its subfolders, whose names become categories. Captions come from
    `captions.csv` or, without one, from the files' names. Pictures called like another one plus `_normal`,
    `_gloss`, `_roughness`, `_height` and the like are its maps. Nothing of a plain folder is held out: all of
    it is there to be learned.

    Args:
        folder: The data folder.
        licenses: `permissive`, `share-alike` (both) or `all`; None: all.

    Raises:
        DataError: If the folder or its texts can't be used; pictures are not opened here.
    """
    pictures = _by_metadata(folder) if check_folder(folder, licenses) else _by_names(folder)
    return licensed(pictures, folder, licenses, what="pictures")


def _by_metadata(folder: Path) -> list[Picture]:
    pictures = [_of_line(folder, line) for line in metadata_lines(folder)]
    if not pictures:
        raise DataError(f"{METADATA_FILE}: holds no pictures.")
    return pictures


def _of_line(folder: Path, line: Line) -> Picture:
    file, category = line.text("file"), line.text("category")
    caption = line.text("caption")[:MAX_CAPTION_CHARS]
    if not file or not caption:
        raise DataError(f"{line.where}: both 'file' and 'caption' are needed.")
    maps = line.values.get("maps") or {}
    if not isinstance(maps, dict) or not all(isinstance(name, str) for name in maps.values()):
        raise DataError(f"{line.where}: 'maps' is no object of file names.")
    kept = {"gloss" if kind == "specular" else kind: name for kind, name in maps.items()}
    kept = {kind: name for kind, name in kept.items() if kind in MAPS}
    for name in (file, *kept.values()):
        line.file(folder, name)
    tileable = line.values.get("is_tileable")
    return Picture(
        file=file,
        caption=caption,
        category=category,
        license=line.text("license"),
        license_class=line.text("license_class"),
        maps=kept,
        is_tileable=tileable if isinstance(tileable, bool) else None,
        is_held_out=is_held_out(caption, category),
    )


def _by_names(folder: Path) -> list[Picture]:
    found = files_in(folder, _ENDINGS, what="pictures")
    files = {path.relative_to(folder).as_posix(): path for path in found}
    if not files:
        raise DataError(f"{folder.name}: holds no pictures (PNG, JPEG or WebP).")
    maps = _maps_among(files)
    taken = {name for found in maps.values() for name in found.values()}
    colors = [name for name in files if name not in taken]
    captions = captions_in(folder, files, colors)
    return [
        Picture(
            file=name,
            caption=captions[name],
            category=files[name].parent.name if files[name].parent != folder else "",
            maps={kind: path for kind, path in maps.get(name, {}).items() if not kind.startswith("-")},
        )
        for name in colors
        if name in captions
    ]


def _maps_among(files: Mapping[str, Path]) -> dict[str, dict[str, str]]:
    """Return the maps of each colour picture by kind; kinds that are not used begin with `-`."""
    stems = {name.rpartition(".")[0].lower(): name for name in files}
    maps: dict[str, dict[str, str]] = {}
    for stem, name in stems.items():
        for suffix, kind in _SUFFIXES.items():
            base = stem.removesuffix(f"_{suffix}")
            owner = next((stems[base + c] for c in _COLOR_SUFFIXES if base + c in stems), None)
            if base != stem and owner not in (None, name):
                maps.setdefault(str(owner), {})[kind or f"-{suffix}"] = name
    return maps
