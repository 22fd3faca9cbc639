"""What lies in a data folder: which pictures, with which words, maps and licences."""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePosixPath
from typing import Any

from vrbridge.errors import DataError
from vrbridge.training.captions import CAPTIONS_FILE, MAX_CAPTION_CHARS, caption_of_name, read_captions
from vrbridge.training.held_out import is_held_out

METADATA_FILE = "metadata.jsonl"
MAPS = ("normal", "gloss", "height")

LICENSE_LEVELS: Mapping[str, frozenset[str] | None] = {
    "permissive": frozenset({"permissive"}),
    "share-alike": frozenset({"permissive", "share-alike"}),
    "all": None,
}
"""Licence classes that each level lets in; None: any."""

_ENDINGS = frozenset({".png", ".jpg", ".jpeg", ".webp"})
_MAX_METADATA_BYTES = 256 * 1024 * 1024
_MAX_PICTURES = 200_000
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
    if not folder.is_dir():
        raise DataError(f"{folder}: there is no such folder.")
    if licenses is not None and licenses not in LICENSE_LEVELS:
        raise DataError(f"licences: {licenses!r} is none of {', '.join(LICENSE_LEVELS)}.")
    has_metadata = (folder / METADATA_FILE).is_file()
    pictures = _by_metadata(folder) if has_metadata else _by_names(folder)
    allowed = LICENSE_LEVELS[licenses or "all"]
    if allowed is None:
        return pictures
    if not has_metadata:
        raise DataError(
            f"{folder.name}: without {METADATA_FILE} no licences are known; leave out --licenses."
        )
    chosen = [picture for picture in pictures if picture.license_class in allowed]
    if not chosen:
        raise DataError(
            f"{folder.name}: none of {len(pictures)} pictures has a licence of class {licenses!r}."
        )
    return chosen


def _by_metadata(folder: Path) -> list[Picture]:
    path = folder / METADATA_FILE
    if path.stat().st_size > _MAX_METADATA_BYTES:
        raise DataError(f"{METADATA_FILE}: over 256 MiB.")
    pictures = []
    with path.open(encoding="utf-8") as lines:
        try:
            for number, line in enumerate(lines, 1):
                if line.strip():
                    pictures.append(_of_line(folder, line, f"{METADATA_FILE}, line {number}"))
        except UnicodeDecodeError as error:
            raise DataError(f"{METADATA_FILE}: not UTF-8.") from error
    if not pictures:
        raise DataError(f"{METADATA_FILE}: holds no pictures.")
    return pictures


def _of_line(folder: Path, line: str, where: str) -> Picture:
    try:
        values: Any = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{where}: not JSON.") from error
    if not isinstance(values, dict):
        raise DataError(f"{where}: not an object.")

    def text(key: str) -> str:
        value = values.get(key) or ""
        if not isinstance(value, str):
            raise DataError(f"{where}: {key!r} is no text.")
        return value

    file, caption, category = text("file"), text("caption")[:MAX_CAPTION_CHARS], text("category")
    if not file or not caption:
        raise DataError(f"{where}: both 'file' and 'caption' are needed.")
    maps = values.get("maps") or {}
    if not isinstance(maps, dict) or not all(isinstance(name, str) for name in maps.values()):
        raise DataError(f"{where}: 'maps' is no object of file names.")
    kept = {"gloss" if kind == "specular" else kind: name for kind, name in maps.items()}
    kept = {kind: name for kind, name in kept.items() if kind in MAPS}
    for name in (file, *kept.values()):
        _check_inside(folder, name, where)
    tileable = values.get("is_tileable")
    return Picture(
        file=file,
        caption=caption,
        category=category,
        license=text("license"),
        license_class=text("license_class"),
        maps=kept,
        is_tileable=tileable if isinstance(tileable, bool) else None,
        is_held_out=is_held_out(caption, category),
    )


def _check_inside(folder: Path, name: str, where: str) -> None:
    path = PurePosixPath(name)
    if path.is_absolute() or ".." in path.parts or "\\" in name or "\0" in name:
        raise DataError(f"{where}: {name!r} leads out of the folder.")
    if not (folder / path).is_file():
        raise DataError(f"{where}: {name} is not there.")


def _by_names(folder: Path) -> list[Picture]:
    files = {path.relative_to(folder).as_posix(): path for path in _pictures_in(folder)}
    if not files:
        raise DataError(f"{folder.name}: holds no pictures (PNG, JPEG or WebP).")
    maps = _maps_among(files)
    taken = {name for found in maps.values() for name in found.values()}
    colors = [name for name in files if name not in taken]
    captions = _captions(folder, files, colors)
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


def _pictures_in(folder: Path) -> list[Path]:
    found = []
    for path in folder.rglob("*"):
        is_hidden = any(part.startswith(".") for part in path.relative_to(folder).parts)
        if path.suffix.lower() in _ENDINGS and not is_hidden and path.is_file():
            found.append(path)
        if len(found) > _MAX_PICTURES:
            raise DataError(f"{folder.name}: over {_MAX_PICTURES:,} pictures.")
    return sorted(found)


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


def _captions(folder: Path, files: Iterable[str], colors: Iterable[str]) -> dict[str, str]:
    path = folder / CAPTIONS_FILE
    if path.is_file():
        captions = read_captions(path)
        known = set(files)
        _refuse(
            f"{CAPTIONS_FILE} names files that are not there",
            [name for name in captions if name not in known],
        )
        _refuse(f"{CAPTIONS_FILE} has no line for", [name for name in colors if name not in captions])
        return captions
    captions = {name: caption_of_name(PurePosixPath(name).stem) for name in colors}
    nameless = [name for name, caption in captions.items() if not caption]
    _refuse(f"a name without words; rename, or write a {CAPTIONS_FILE} with lines `file,caption`", nameless)
    return captions


def _refuse(why: str, names: list[str]) -> None:
    if names:
        more = f" and {len(names) - 3} more" if len(names) > 3 else ""
        raise DataError(f"{why}: {', '.join(names[:3])}{more}.")
