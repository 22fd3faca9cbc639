"""What lies in a folder of models: which shapes, with which words, sizes and licences."""

from dataclasses import dataclass
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

_ENDINGS = frozenset({".glb", ".gltf", ".obj", ".ply", ".stl"})
_CM_PER_M = 100.0


@dataclass(frozen=True, slots=True)
class Shape:
    """One model of a folder.

    Attributes:
        file: Path inside the folder, with `/`.
        caption: What it shows, without its colours.
        colored_caption: What it shows, with them.
        category: Kind of thing; empty if unknown.
        license: SPDX-like expression; empty for a user's own models.
        license_class: `permissive`, `share-alike` or `gpl`; empty if unknown.
        copyright: Who made it; empty if unknown.
        source: Package and path that it comes from; empty if unknown.
        size_m: Longest side in metres, or None.
        is_held_out: Never to be trained on.
    """

    file: str
    caption: str
    colored_caption: str
    category: str = ""
    license: str = ""
    license_class: str = ""
    copyright: str = ""
    source: str = ""
    size_m: float | None = None
    is_held_out: bool = False


def read_shapes(folder: Path, *, licenses: str | None = None) -> list[Shape]:
    """Return what a folder holds: by its `metadata.jsonl`, or else every GLB, glTF, OBJ, PLY and STL in it.

    A plain folder is searched with its subfolders, whose names become categories. Captions come from
    `captions.csv` or, without one, from the files' names. Nothing of it is held out.

    Args:
        folder: The folder of models.
        licenses: `permissive`, `share-alike` (both) or `all`; None: all.

    Raises:
        DataError: If the folder or its texts can't be used; models are not opened here.
    """
    has_metadata = check_folder(folder, licenses)
    if has_metadata:
        shapes = [_of_line(folder, line) for line in metadata_lines(folder)]
    else:
        shapes = _by_names(folder)
    if not shapes:
        where = METADATA_FILE if has_metadata else folder.name
        raise DataError(f"{where}: holds no models (GLB, glTF, OBJ, PLY or STL).")
    return licensed(shapes, folder, licenses, what="models")


def holds_models(folder: Path) -> bool:
    """Return whether a data folder is one of models, and not of pictures.

    Raises:
        DataError: If its metadata can't be read.
    """
    if not folder.is_dir():
        return False
    if (folder / METADATA_FILE).is_file():
        first = next(metadata_lines(folder), None)
        return first is not None and Path(first.text("file")).suffix.lower() in _ENDINGS
    return any(path.suffix.lower() in _ENDINGS for path in folder.rglob("*"))


def _of_line(folder: Path, line: Line) -> Shape:
    file, category = line.file(folder, line.text("file")), line.text("category")
    caption = line.text("caption")[:MAX_CAPTION_CHARS]
    if not caption:
        raise DataError(f"{line.where}: both 'file' and 'caption' are needed.")
    package, path = line.text("source_package"), line.text("source_path")
    return Shape(
        file=file,
        caption=caption,
        colored_caption=line.text("caption_with_color")[:MAX_CAPTION_CHARS] or caption,
        category=category,
        license=line.text("license"),
        license_class=line.text("license_class"),
        copyright=line.text("copyright"),
        source=f"{package}: {path}" if package and path else package,
        size_m=_size(line),
        is_held_out=is_held_out(caption, category),
    )


def _size(line: Line) -> float | None:
    edges = line.values.get("dims_cm")
    if edges is None:
        return None
    if not isinstance(edges, list) or not edges or not all(_is_length(edge) for edge in edges):
        raise DataError(f"{line.where}: 'dims_cm' is no list of lengths.")
    return float(max(edges)) / _CM_PER_M


def _is_length(value: object) -> bool:
    return isinstance(value, int | float) and not isinstance(value, bool) and 0 < value < 1e7


def _by_names(folder: Path) -> list[Shape]:
    found = files_in(folder, _ENDINGS, what="models")
    files = {path.relative_to(folder).as_posix(): path for path in found}
    captions = captions_in(folder, files, list(files)) if files else {}
    return [
        Shape(
            file=name,
            caption=caption,
            colored_caption=caption,
            category=files[name].parent.name if files[name].parent != folder else "",
        )
        for name, caption in captions.items()
    ]
