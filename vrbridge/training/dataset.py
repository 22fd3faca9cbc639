"""Textures to learn from: a data folder as arrays, mapped from a cache so that training starts at once."""

import hashlib
import json
import shutil
import tempfile
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import BinaryIO, Self

import numpy as np
import numpy.typing as npt
import platformdirs

from vrbridge.errors import DataError
from vrbridge.training.data_folder import MAPS, Picture, read_folder
from vrbridge.training.pictures import color_tile, gray_tile, normal_tile, open_picture
from vrbridge.training.tileability import seam_ratios

Progress = Callable[[int, int], None]
"""Called with pictures done and pictures in all."""

_LAYOUT = 1
"""Of the cached arrays; another number makes old caches unused."""

_MAX_SIZE_PX = 2048


@dataclass(frozen=True, slots=True, eq=False)
class MapSet:
    """One kind of map, for the pictures that have it.

    Attributes:
        values: (M, S, S, 3) or (M, S, S) uint8.
        row: (N,) int32, the place in `values` of each picture's map; -1: it has none.
    """

    values: npt.NDArray[np.uint8]
    row: npt.NDArray[np.int32]

    @property
    def has(self) -> npt.NDArray[np.bool_]:
        """(N,) whether each picture has this map."""
        return self.row >= 0

    def of(self, indices: npt.NDArray[np.integer]) -> tuple[npt.NDArray[np.uint8], npt.NDArray[np.bool_]]:
        """Return the maps of some pictures, zeros where there is none, and which of them are real.

        Args:
            indices: (B,) numbers of pictures, 0 to N-1.

        Returns:
            (B, S, S, 3) or (B, S, S) uint8 and (B,) bool.
        """
        row = self.row[indices]
        maps = np.zeros((len(row), *self.values.shape[1:]), np.uint8)
        maps[row >= 0] = self.values[row[row >= 0]]
        return maps, row >= 0


@dataclass(frozen=True, slots=True, eq=False)
class TextureData:
    """N pictures of surfaces with their words and maps; arrays are read-only and mapped from files.

    Attributes:
        color: (N, S, S, 3) uint8 sRGB.
        normal: (M, S, S, 3) maps, 127.5 is 0: +X right, +Y up, +Z towards the viewer.
        gloss: (M, S, S) maps; 255 is smooth.
        height: (M, S, S) maps; 255 is high.
        captions: What each shows.
        categories: Kind of material of each; may be empty.
        licenses: SPDX-like expression of each; empty for a user's own.
        is_free: (N,) bool, each may be handed on in a network: permissive licence, or a user's own.
        files: Path of each inside the folder.
        is_tileable: (N,) bool, opposite edges meet.
        is_held_out: (N,) bool, never to be trained on: `vrbridge.training.held_out`.
    """

    color: npt.NDArray[np.uint8]
    normal: MapSet
    gloss: MapSet
    height: MapSet
    captions: list[str]
    categories: list[str]
    licenses: list[str]
    is_free: npt.NDArray[np.bool_]
    files: list[str]
    is_tileable: npt.NDArray[np.bool_]
    is_held_out: npt.NDArray[np.bool_]

    def __len__(self) -> int:
        return len(self.captions)

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        licenses: str | None = None,
        size_px: int = 256,
        cache: Path | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Return the pictures of a data folder; the first time they are decoded into the cache.

        Args:
            folder: With a `metadata.jsonl`, or just pictures; see `read_folder`.
            licenses: `permissive`, `share-alike` (both) or `all`; None: all.
            size_px: Side of the tiles, 64–2048; pictures that are no squares are cropped at the centre.
            cache: Folder for decoded pictures; None: the user's cache folder. It holds
                the latest state of each data folder.
            progress: Told while pictures are decoded.

        Raises:
            DataError: If the folder, a text or a picture can't be used; it says which and why.
        """
        if not 64 <= size_px <= _MAX_SIZE_PX:
            raise DataError(f"size: {size_px} px is not between 64 and {_MAX_SIZE_PX}.")
        folder = folder.expanduser().resolve()
        pictures = read_folder(folder, licenses=licenses)
        kept = cache or platformdirs.user_cache_path("vrbridge") / "training"
        decoded = kept / _key(folder, licenses or "all", pictures, size_px)
        if not (decoded / "is_tileable.npy").is_file():
            _decode(folder, pictures, size_px, decoded, progress)
        return cls(
            color=_mapped(decoded / "color.npy"),
            normal=_map_set(decoded, "normal", pictures),
            gloss=_map_set(decoded, "gloss", pictures),
            height=_map_set(decoded, "height", pictures),
            captions=[picture.caption for picture in pictures],
            categories=[picture.category for picture in pictures],
            licenses=[picture.license for picture in pictures],
            is_free=np.array([picture.license_class in {"", "permissive"} for picture in pictures], bool),
            files=[picture.file for picture in pictures],
            is_tileable=np.load(decoded / "is_tileable.npy"),
            is_held_out=np.array([picture.is_held_out for picture in pictures], bool),
        )


def _key(folder: Path, licenses: str, pictures: Sequence[Picture], size_px: int) -> str:
    """Return a name for the decoded pictures whose last part changes when a file does."""
    facts: list[object] = []
    for picture in pictures:
        for kind, name in [("color", picture.file), *sorted(picture.maps.items())]:
            status = (folder / name).stat()
            facts.append([kind, name, status.st_size, status.st_mtime_ns])
        facts.append(picture.is_tileable)
    return f"textures-{_digest([_LAYOUT, str(folder), licenses, size_px])}-{_digest(facts)}"


def _digest(facts: list[object]) -> str:
    return hashlib.blake2b(json.dumps(facts).encode(), digest_size=12).hexdigest()


def _decode(
    folder: Path, pictures: Sequence[Picture], size_px: int, target: Path, progress: Progress | None
) -> None:
    """Write the arrays of all pictures into a new folder, all or nothing."""
    unfinished = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=".decoding-", dir=target.parent))
        _write_arrays(folder, pictures, size_px, unfinished, progress)
        _move(unfinished, target)
        _forget_older(target)
    except OSError as error:
        raise DataError(
            f"The decoded pictures can't be kept in {target.parent}: {error.strerror}."
        ) from error
    finally:
        if unfinished is not None:
            shutil.rmtree(unfinished, ignore_errors=True)


def _write_arrays(
    folder: Path, pictures: Sequence[Picture], size_px: int, target: Path, progress: Progress | None
) -> None:
    tileable = np.zeros(len(pictures), bool)
    with ExitStack() as stack:

        def new(kind: str, n_tiles: int) -> BinaryIO:
            channels = (3,) if kind in {"color", "normal"} else ()
            file = stack.enter_context((target / f"{kind}.npy").open("wb"))
            _write_header(file, (n_tiles, size_px, size_px, *channels))
            return file

        color = new("color", len(pictures))
        maps = {kind: new(kind, sum(_source(p, kind) is not None for p in pictures)) for kind in MAPS}
        for index, picture in enumerate(pictures):
            tile = color_tile(open_picture(folder / picture.file, picture.file), size_px)
            color.write(tile.tobytes())
            known = picture.is_tileable
            tileable[index] = seam_ratios(tile).is_tileable if known is None else known
            for kind, file in maps.items():
                if (source := _source(picture, kind)) is not None:
                    file.write(_map_tile(folder, *source, size_px).tobytes())
            if progress is not None:
                progress(index + 1, len(pictures))
    np.save(target / "is_tileable.npy", tileable)


def _write_header(file: BinaryIO, shape: tuple[int, ...]) -> None:
    # Rows are then written one by one: a full disk is an error then, and no crash as with a mapped file.
    header = {"descr": "|u1", "fortran_order": False, "shape": shape}
    np.lib.format.write_array_header_1_0(file, header)


def _source(picture: Picture, kind: str) -> tuple[str, str] | None:
    """Return the kind and the file that a map is made from."""
    for stored in {"normal": ("normal", "normal_dx"), "gloss": ("gloss", "roughness")}.get(kind, (kind,)):
        if stored in picture.maps:
            return stored, picture.maps[stored]
    return None


def _map_tile(folder: Path, stored: str, name: str, size_px: int) -> npt.NDArray[np.uint8]:
    opened = open_picture(folder / name, name)
    if stored.startswith("normal"):
        normals = normal_tile(opened, size_px).copy()
        if stored == "normal_dx":
            normals[..., 1] = 255 - normals[..., 1]
        return normals
    tile = gray_tile(opened, size_px)
    return 255 - tile if stored == "roughness" else tile


def _move(unfinished: Path, target: Path) -> None:
    try:
        unfinished.rename(target)
    except OSError:
        if not target.is_dir():
            raise
        # Another run decoded the same folder meanwhile; its arrays are the same.


def _forget_older(target: Path) -> None:
    """Delete what was decoded of the same folder before its files changed."""
    series = target.name.rpartition("-")[0]
    for older in target.parent.glob(f"{series}-*"):
        if older != target:
            shutil.rmtree(older, ignore_errors=True)


def _mapped(path: Path) -> npt.NDArray[np.uint8]:
    try:
        return np.load(path, mmap_mode="r")  # type: ignore[no-any-return]  # numpy types a load as Any
    except ValueError:
        return np.load(path)  # type: ignore[no-any-return]  # an empty array can't be mapped


def _map_set(decoded: Path, kind: str, pictures: Sequence[Picture]) -> MapSet:
    has = np.array([_source(picture, kind) is not None for picture in pictures], bool)
    row = np.where(has, np.cumsum(has) - 1, -1).astype(np.int32)
    return MapSet(_mapped(decoded / f"{kind}.npy"), row)
