"""Pixels into GPU blocks."""

from collections.abc import Callable, Sequence
from typing import Final

import etcpak
import numpy as np
from astc_encoder import (
    ASTCConfig,
    ASTCConfigFlags,
    ASTCContext,
    ASTCImage,
    ASTCProfile,
    ASTCQualityPreset,
    ASTCSwizzle,
    ASTCType,
)
from numpy.typing import NDArray

from vrbridge.encoding.gpu_format import GpuFormat
from vrbridge.interruption import in_steps

_Compress = Callable[[NDArray[np.uint8]], bytes]  # (H, W, 4), whole blocks

# The slowest formats take about half a microsecond of one core for a pixel.
_BAND_PX: Final = 1 << 15
# Past this many decibels a block is good enough. That, one partition and one refinement take a third of the
# time of the fastest preset on rough materials, and cost 1 dB at most.
_ASTC_ENOUGH_DB: Final = 38.0
# Uncorrelated channels gain 4 dB from a few partitions and little from more; colours gain half a decibel.
_BC7_DATA_PARTITIONS: Final = 4


def compress_level(pixels: NDArray[np.uint8], format: GpuFormat, *, is_correlated: bool = False) -> bytes:
    """Return the blocks of one level.

    Args:
        pixels: (H, W) grey, (H, W, 3) or (H, W, 4) uint8, first row on top. Only `rgba8`, `bc7` and
            ASTC keep alpha. Blocks that reach over the edge are filled by wrapping round: the picture tiles.
        format: What to make.
        is_correlated: The channels rise and fall together, as in colour and grey; then a quicker search does
            for BC7.

    Raises:
        ValueError: If shape or dtype is something else.
    """
    return compress_levels([pixels], format, is_correlated=is_correlated)[0]


def compress_levels(
    levels: Sequence[NDArray[np.uint8]], format: GpuFormat, *, is_correlated: bool = False
) -> list[bytes]:
    """Return the blocks of each level; arguments as in `compress_level`."""
    compress = _encoder(format, is_correlated=is_correlated)
    return [_blocks(level, format.block_px, compress) for level in levels]


def _blocks(level: NDArray[np.uint8], block_px: int, compress: _Compress) -> bytes:
    """Return the blocks of one level, made in bands: a whole level takes some formats seconds."""
    rgba = _whole_blocks(_rgba(level), block_px)
    n_block_rows, width_px = rgba.shape[0] // block_px, rgba.shape[1]
    bands = in_steps(n_block_rows, _BAND_PX // (block_px * width_px))
    return b"".join(compress(rgba[block_px * rows.start : block_px * rows.stop]) for rows in bands)


def _encoder(format: GpuFormat, *, is_correlated: bool) -> _Compress:
    match format.name:
        case "rgba8":
            return lambda rgba: rgba.tobytes()
        case "bc1":
            return lambda rgba: bytes(etcpak.compress_bc1(rgba.tobytes(), *_size(rgba)))
        case "bc5":
            return lambda rgba: bytes(etcpak.compress_bc5(rgba.tobytes(), *_size(rgba)))
        case "bc7":
            return _bc7(is_correlated=is_correlated)
        case "etc2":
            return lambda rgba: bytes(etcpak.compress_etc2_rgb(rgba.tobytes(), *_size(rgba)))
        case "astc4x4" | "astc6x6":
            return _astc(format.block_px)
    raise ValueError(f"No encoder for {format.name}.")


def _bc7(*, is_correlated: bool) -> _Compress:
    parameters = etcpak.BC7CompressBlockParams()
    parameters.init_linear_weights()
    parameters.m_max_partitions = 0 if is_correlated else _BC7_DATA_PARTITIONS
    return lambda rgba: bytes(etcpak.compress_bc7(rgba.tobytes(), *_size(rgba), parameters))


def _astc(block_px: int) -> _Compress:
    flags = ASTCConfigFlags.SELF_DECOMPRESS_ONLY  # a cheaper context; nothing is decoded with it
    config = ASTCConfig(ASTCProfile.LDR, block_px, block_px, 1, ASTCQualityPreset.FASTEST, flags)
    config.tune_db_limit = min(config.tune_db_limit, _ASTC_ENOUGH_DB)
    config.tune_partition_count_limit = 1
    config.tune_candidate_limit = 1
    config.tune_refinement_limit = 1
    context = ASTCContext(config)
    swizzle = ASTCSwizzle.from_str("RGBA")

    def compress(rgba: NDArray[np.uint8]) -> bytes:
        image = ASTCImage(ASTCType.U8, *_size(rgba), 1, rgba.tobytes())
        return bytes(context.compress(image, swizzle))

    return compress


def _size(rgba: NDArray[np.uint8]) -> tuple[int, int]:
    height, width = rgba.shape[:2]
    return width, height


def _rgba(pixels: NDArray[np.uint8]) -> NDArray[np.uint8]:
    shape = pixels.shape
    if (
        pixels.dtype != np.uint8
        or 0 in shape
        or len(shape) not in (2, 3)
        or shape[2:] not in ((), (3,), (4,))
    ):
        raise ValueError(f"Blocks need (H, W), (H, W, 3) or (H, W, 4) uint8, not {shape} {pixels.dtype}.")
    if len(shape) == 3 and shape[2] == 4:
        return pixels
    rgba = np.full((*shape[:2], 4), 255, dtype=np.uint8)
    rgba[..., :3] = pixels if len(shape) == 3 else pixels[..., None]
    return rgba


def _whole_blocks(rgba: NDArray[np.uint8], block_px: int) -> NDArray[np.uint8]:
    missing = [-edge % block_px for edge in rgba.shape[:2]]
    if not any(missing):
        return rgba
    return np.pad(rgba, ((0, missing[0]), (0, missing[1]), (0, 0)), mode="wrap")
