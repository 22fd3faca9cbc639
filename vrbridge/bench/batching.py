"""What a device gains from evaluating several textures in one pass, and whether their bytes stay."""

import os
import subprocess
import time
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import partial
from itertools import count, islice, product
from pathlib import Path

import torch

from vrbridge.generators.texture import network_file
from vrbridge.generators.texture.autoencoder import LATTICE_PX
from vrbridge.generators.texture.sampler import TextureSampler
from vrbridge.generators.texture.tile import Tile, draw, paint

SIZES_PX = (128, 256, 512)
BATCHES = (1, 8, 32)
DTYPES = (torch.float32, torch.bfloat16)
HEADINGS = (
    "products",
    "size",
    "batch",
    "lattices a second",
    "textures a second",
    "cores busy",
    "GPU busy",
    "bytes as alone",
)


@dataclass(frozen=True, slots=True)
class Row:
    """One size and batch.

    Args:
        dtype: Of the products.
        size_px: Edge of the textures.
        batch: Textures of one pass.
        lattices_per_s: How many lattices are drawn in a second, without painting.
        textures_per_s: How many are drawn and painted.
        cpu_share: Of all cores of the machine, while both is done.
        gpu_share: Of the time in which the device does something. None: not known, or no such device.
        is_equal: Whether each texture has the bytes that it has alone.
    """

    dtype: torch.dtype
    size_px: int
    batch: int
    lattices_per_s: float
    textures_per_s: float
    cpu_share: float
    gpu_share: float | None
    is_equal: bool

    def cells(self) -> tuple[str, ...]:
        """Return what a table shows of it."""
        gpu = "–" if self.gpu_share is None else f"{self.gpu_share:.0%}"
        rates = (f"{self.lattices_per_s:.1f}", f"{self.textures_per_s:.1f}")
        return (
            *(name_of(self.dtype), f"{self.size_px}", f"{self.batch}"),
            *rates,
            *(f"{self.cpu_share:.0%}", gpu, "yes" if self.is_equal else "no"),
        )


def name_of(dtype: torch.dtype) -> str:
    """Return what a type of numbers is called."""
    return str(dtype).removeprefix("torch.")


def device_name(device: torch.device) -> str:
    """Return what a device is called."""
    if device.type == "cuda":
        return torch.cuda.get_device_name(device)
    try:
        lines = Path("/proc/cpuinfo").read_text().splitlines()
    except OSError:
        lines = []
    names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    return f"{names[0] if names else 'CPU'}, {os.cpu_count()} cores"


def measured(
    weights: Path,
    device: torch.device,
    *,
    dtypes: Sequence[torch.dtype] = DTYPES,
    sizes_px: Sequence[int] = SIZES_PX,
    batches: Sequence[int] = BATCHES,
    seconds: float = 2.0,
) -> Iterator[Row]:
    """Yield a row for each type of numbers, size and batch.

    Args:
        weights: File of a trained network.
        device: Where it runs.
        dtypes: Of the products; one of them is what generators take there.
        sizes_px: Edges, multiples of 64.
        batches: Textures of one pass.
        seconds: For which each is measured at least, after one pass that is not counted.

    Raises:
        ModelError: If the file is no network.
    """
    network = network_file.read(weights)

    def tile(sampler: TextureSampler, size_px: int, seed: int) -> Tile:
        size = size_px // LATTICE_PX
        code = torch.from_numpy(network.anchors.codes[seed % len(network.anchors.codes)])
        layout = network.layouts.laid_out(seed % len(network.layouts), "grass", seed, size)
        return Tile(sampler, seed=seed, code=code[None, :, None, None], layout=layout, size=size)

    for dtype in dtypes:
        sampler = TextureSampler(network, device, dtype)
        for size_px, batch in product(sizes_px, batches):
            # New ones each time, as for new orders.
            fresh = map(partial(tile, sampler, size_px), count(1))
            yield _row(fresh, dtype, size_px, batch, device, seconds)


def _row(
    tiles: Iterator[Tile],
    dtype: torch.dtype,
    size_px: int,
    batch: int,
    device: torch.device,
    seconds: float,
) -> Row:
    def drawn() -> list[Tile]:
        return _drawn(list(islice(tiles, batch)))

    is_equal = _is_equal(list(islice(tiles, batch)))
    _settle(device)
    lattices = _repeated(drawn, device, seconds)
    began_cpu_s = time.process_time()
    whole = _repeated(lambda: paint(drawn()), device, seconds)
    cpu_s = time.process_time() - began_cpu_s
    return Row(
        dtype=dtype,
        size_px=size_px,
        batch=batch,
        lattices_per_s=batch * lattices.passes_per_s,
        textures_per_s=batch * whole.passes_per_s,
        cpu_share=cpu_s / whole.seconds / (os.cpu_count() or 1),
        gpu_share=_gpu_share(device),
        is_equal=is_equal,
    )


@dataclass(frozen=True, slots=True)
class _Passes:
    n: int
    seconds: float

    @property
    def passes_per_s(self) -> float:
        return self.n / self.seconds


def _repeated(work: Callable[[], object], device: torch.device, seconds: float) -> _Passes:
    began, n = time.perf_counter(), 0
    while True:
        work()
        _settle(device)
        n += 1
        elapsed_s = time.perf_counter() - began
        if elapsed_s >= seconds:
            return _Passes(n, elapsed_s)


def _drawn(tiles: list[Tile]) -> list[Tile]:
    for tile, drawn in zip(tiles, draw(tiles), strict=True):
        tile.take(drawn)
    return tiles


def _is_equal(tiles: list[Tile]) -> bool:
    """Return whether tiles have the same bytes together and alone; evaluates both, which warms up."""
    together = paint(_drawn(tiles))
    alone = [paint(_drawn([tile]))[0] for tile in tiles]
    return all(torch.equal(one[0], other[0]) for one, other in zip(alone, together, strict=True))


def _settle(device: torch.device) -> None:
    if device.type == "cuda":
        torch.cuda.synchronize(device)


def _gpu_share(device: torch.device) -> float | None:
    """Return how busy the device was lately, by its driver."""
    if device.type != "cuda":
        return None
    query = [
        "nvidia-smi",
        f"--id={device.index or 0}",
        "--query-gpu=utilization.gpu",
        "--format=csv,noheader,nounits",
    ]
    try:
        said = subprocess.run(query, capture_output=True, text=True, timeout=10, check=True).stdout
        return float(said.strip()) / 100
    except (OSError, subprocess.SubprocessError, ValueError):
        return None


def markdown(rows: Sequence[Row]) -> str:
    """Return a table of rows."""
    lines = [HEADINGS, ("---:",) * len(HEADINGS), *(row.cells() for row in rows)]
    return "\n".join(f"| {' | '.join(cells)} |" for cells in lines)
