"""Shapes to learn from: a folder of models as grids, mapped from a cache so that training starts at once."""

import json
import os
import shutil
import tempfile
from collections.abc import Callable, Iterable, Sequence
from concurrent.futures import ProcessPoolExecutor
from contextlib import ExitStack
from dataclasses import dataclass
from hashlib import blake2b
from multiprocessing import get_context
from pathlib import Path
from typing import Self

import numpy as np
import platformdirs
from numpy.typing import NDArray

from vrbridge.errors import DataError
from vrbridge.generators.mesh.model_file import open_model
from vrbridge.generators.mesh.volume import COLOR_EDGE, EDGE
from vrbridge.generators.mesh.voxels import voxelised
from vrbridge.training.mesh_folder import Shape, read_shapes

Progress = Callable[[int, int], None]
"""Called with models done and models in all."""

_LAYOUT = 1
"""Of the cached arrays; another number makes old caches unused."""
_DONE = "done"
# Starting processes takes longer than to cut so many.
_FEW = 40


@dataclass(frozen=True, slots=True, eq=False)
class MeshData:
    """N shapes with their words; arrays are read-only and mapped from files.

    Attributes:
        solid: (N, 64, 64, 64) uint8, share of each cell that is solid.
        color: (N, 32, 32, 32, 4) uint8, sRGB where surface is and there 255, else all 0.
        shapes: Words, sizes and licences of each.
        folder: Where the models lie.
    """

    solid: NDArray[np.uint8]
    color: NDArray[np.uint8]
    shapes: list[Shape]
    folder: Path

    def __len__(self) -> int:
        return len(self.shapes)

    @property
    def is_held_out(self) -> NDArray[np.bool_]:
        """(N,) whether each must never be trained on."""
        return np.array([shape.is_held_out for shape in self.shapes], bool)

    @classmethod
    def open(
        cls,
        folder: Path,
        *,
        licenses: str | None = None,
        cache: Path | None = None,
        progress: Progress | None = None,
    ) -> Self:
        """Return the shapes of a folder; the first time they are cut into cells and kept in the cache.

        Args:
            folder: With a `metadata.jsonl`, or just models; see `read_shapes`.
            licenses: `permissive`, `share-alike` (both) or `all`; None: all.
            cache: Folder for the grids; None: the user's cache folder.
            progress: Told while models are cut.

        Raises:
            DataError: If the folder, a text or a model can't be used; it says which and why.
        """
        folder = folder.expanduser().resolve()
        # One cache for all licences: the grids of a part are rows of those of the whole.
        every = read_shapes(folder)
        chosen = {shape.file for shape in read_shapes(folder, licenses=licenses)}
        kept = (cache or platformdirs.user_cache_path("vrbridge") / "training") / _key(folder, every)
        if not (kept / _DONE).is_file():
            _cut(folder, every, kept, progress)
        rows = np.array([i for i, shape in enumerate(every) if shape.file in chosen])
        solid, color = (np.load(kept / f"{name}.npy", mmap_mode="r") for name in ("solid", "color"))
        if len(rows) < len(every):
            solid, color = solid[rows], color[rows]
        return cls(solid, color, [every[i] for i in rows], folder)


def _key(folder: Path, shapes: Sequence[Shape]) -> str:
    """Return a name for the grids whose last part changes when a file does."""
    facts = []
    for shape in shapes:
        status = (folder / shape.file).stat()
        facts.append([shape.file, status.st_size, status.st_mtime_ns])
    return f"meshes-{_digest([_LAYOUT, str(folder)])}-{_digest(facts)}"


def _digest(facts: Sequence[object]) -> str:
    return blake2b(json.dumps(facts).encode(), digest_size=12).hexdigest()


def _cut(folder: Path, shapes: Sequence[Shape], target: Path, progress: Progress | None) -> None:
    """Write the grids of all models into a new folder, all or nothing."""
    unfinished = None
    try:
        target.parent.mkdir(parents=True, exist_ok=True)
        unfinished = Path(tempfile.mkdtemp(prefix=".cutting-", dir=target.parent))
        _write_grids(folder, shapes, unfinished, progress)
        (unfinished / _DONE).touch()
        shutil.rmtree(target, ignore_errors=True)
        unfinished.rename(target)
        for older in target.parent.glob(f"{target.name.rpartition('-')[0]}-*"):
            if older != target:
                shutil.rmtree(older, ignore_errors=True)
    except OSError as error:
        raise DataError(f"The grids can't be kept in {target.parent}: {error.strerror}.") from error
    finally:
        if unfinished is not None:
            shutil.rmtree(unfinished, ignore_errors=True)


def _write_grids(folder: Path, shapes: Sequence[Shape], target: Path, progress: Progress | None) -> None:
    n = len(shapes)
    shapes_of = {"solid": (n, EDGE, EDGE, EDGE), "color": (n, COLOR_EDGE, COLOR_EDGE, COLOR_EDGE, 4)}
    orders = [(folder / shape.file, shape.file) for shape in shapes]
    with (
        (target / "solid.npy").open("wb") as solid,
        (target / "color.npy").open("wb") as color,
        ExitStack() as stack,
    ):
        grids: Iterable[tuple[bytes, bytes]] = map(_grids_of, orders)
        if n > _FEW:
            # Spawned: a fork of a process with torch's threads can hang.
            n_workers = len(os.sched_getaffinity(0))
            pool = stack.enter_context(ProcessPoolExecutor(n_workers, mp_context=get_context("spawn")))
            grids = pool.map(_grids_of, orders, chunksize=4)
        for file, name in ((solid, "solid"), (color, "color")):
            # Written row by row, a full disk is an error, and no crash as with a mapped file.
            header = {"descr": "|u1", "fortran_order": False, "shape": shapes_of[name]}
            np.lib.format.write_array_header_1_0(file, header)
        for done, (cells, colors) in enumerate(grids, 1):
            solid.write(cells)
            color.write(colors)
            if progress is not None:
                progress(done, n)


def _grids_of(order: tuple[Path, str]) -> tuple[bytes, bytes]:
    volume = voxelised(open_model(*order))
    return volume.solid.tobytes(), volume.color.tobytes()
