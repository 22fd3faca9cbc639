"""Pictures that tests of training write."""

import io
import struct
import zlib
from pathlib import Path

import numpy as np
import numpy.typing as npt
from PIL import Image


def noise(seed: int, height_px: int = 64, width_px: int = 64) -> npt.NDArray[np.uint8]:
    """Return (H, W, 3) uint8 with soft structure; its opposite edges meet."""
    random = np.random.default_rng(seed)
    y = np.linspace(0, 2 * np.pi, height_px, endpoint=False)[:, None, None]
    x = np.linspace(0, 2 * np.pi, width_px, endpoint=False)[None, :, None]
    waves = sum(
        np.sin(k * x + random.uniform(0, 6, 3)) * np.cos(k * y + random.uniform(0, 6, 3)) for k in (1, 2, 3)
    )
    return (127 + 40 * np.asarray(waves)).clip(0, 255).astype(np.uint8)


def write(path: Path, values: npt.NDArray[np.uint8]) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    Image.fromarray(values).save(path, lossless=path.suffix == ".webp")
    return path


def packed(values: npt.NDArray[np.uint8], kind: str) -> bytes:
    """Return an encoded picture: `png`, `tga`, `jpeg` or `dds`."""
    file = io.BytesIO()
    Image.fromarray(values).save(file, kind)
    return file.getvalue()


def png_that_claims(width_px: int, height_px: int) -> bytes:
    """Return a PNG of a few bytes whose header promises so many pixels."""

    def chunk(kind: bytes, body: bytes) -> bytes:
        return struct.pack(">I", len(body)) + kind + body + struct.pack(">I", zlib.crc32(kind + body))

    header = struct.pack(">IIBBBBB", width_px, height_px, 8, 2, 0, 0, 0)
    return (
        b"\x89PNG\r\n\x1a\n"
        + chunk(b"IHDR", header)
        + chunk(b"IDAT", zlib.compress(bytes(1000)))
        + chunk(b"IEND", b"")
    )
