"""KTX2 files of native blocks: no supercompression, one picture, smallest level first.

Source:
    Khronos KTX File Format Specification 2.0 and Khronos Data Format Specification 1.3, basic descriptor.
"""

import math
import struct
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from vrbridge.encoding.gpu_format import GPU_FORMATS, GpuFormat

_IDENTIFIER: Final = b"\xabKTX 20\xbb\r\n\x1a\n"
_HEADER: Final = struct.Struct("<12s9I4I2Q")
_LEVEL: Final = struct.Struct("<3Q")
_SAMPLE: Final = struct.Struct("<HBB4s2I")
_DESCRIPTOR: Final = struct.Struct("<3I8B8s")
_LENGTH: Final = struct.Struct("<I")
_WRITER: Final = "vrbridge"
_PRIMARIES_BT709: Final = 1
# The one that UNORM formats may name, also where the values are meant as sRGB; the wire's `meta` says so.
_TRANSFER_LINEAR: Final = 1
_MAX_PX: Final = 1 << 16
_BY_VK_FORMAT: Final = {format_.vk_format: format_ for format_ in GPU_FORMATS.values()}


@dataclass(frozen=True, slots=True)
class Ktx2:
    """What a KTX2 file holds.

    Args:
        format: Of all levels.
        width_px: Of the largest level.
        height_px: Of the largest level.
        levels: Blocks of each level, the largest first.
        entries: Key/value data without the closing NUL.
    """

    format: GpuFormat
    width_px: int
    height_px: int
    levels: tuple[memoryview, ...]
    entries: Mapping[str, str]


def n_levels(width_px: int, height_px: int) -> int:
    """Return how many levels a full mip chain has, the last one being 1 × 1."""
    return max(width_px, height_px).bit_length()


def level_size(width_px: int, height_px: int, level: int) -> tuple[int, int]:
    """Return width and height of a mip level; 0 is the largest."""
    return max(1, width_px >> level), max(1, height_px >> level)


def write_ktx2(levels: Sequence[bytes], *, format: GpuFormat, width_px: int, height_px: int) -> bytes:
    """Return a KTX2 file.

    Args:
        levels: Blocks of each mip level, the largest first; in the file they lie the other way round.
        format: Of all levels.
        width_px: Of the largest level.
        height_px: Of the largest level.

    Raises:
        ValueError: If there are no levels, more than a chain has, or one of the wrong size.
    """
    _check_levels(levels, format=format, width_px=width_px, height_px=height_px)
    descriptor = _descriptor(format)
    entries = _entries({"KTXorientation": "rd", "KTXwriter": _WRITER})
    index_end = _HEADER.size + _LEVEL.size * len(levels)
    data_start = index_end + len(descriptor) + len(entries)
    offsets = _offsets([len(level) for level in levels], start=data_start, alignment=_alignment(format))
    header = _HEADER.pack(
        _IDENTIFIER,
        *(format.vk_format, 1, width_px, height_px, 0, 0, 1, len(levels), 0),
        *(index_end, len(descriptor), index_end + len(descriptor), len(entries)),
        *(0, 0),
    )
    index = b"".join(
        _LEVEL.pack(offset, len(level), len(level)) for offset, level in zip(offsets, levels, strict=True)
    )
    file = bytearray(header + index + descriptor + entries)
    for offset, level in reversed(list(zip(offsets, levels, strict=True))):
        file += bytes(offset - len(file))
        file += level
    return bytes(file)


def read_ktx2(data: bytes | memoryview) -> Ktx2:
    """Return what a KTX2 file holds; the levels are views into `data`.

    Reads what `write_ktx2` writes: a single 2D picture of one of the known formats, not supercompressed.

    Raises:
        ValueError: If the file is cut off, damaged, or of a sort that this package never writes.
    """
    view = memoryview(data)
    if len(view) < _HEADER.size or bytes(view[:12]) != _IDENTIFIER:
        raise ValueError("This is not a KTX2 file.")
    fields = _HEADER.unpack_from(view)
    vk_format, type_size, width_px, height_px, depth, layers, faces, count, scheme = fields[1:10]
    descriptor_start, descriptor_bytes, entries_start, entries_bytes, global_start, global_bytes = fields[10:]
    format_ = _BY_VK_FORMAT.get(vk_format)
    if format_ is None:
        raise ValueError(f"KTX2 with vkFormat {vk_format}, which is none of ours.")
    if (type_size, depth, layers, faces, scheme, global_start, global_bytes) != (1, 0, 0, 1, 0, 0, 0):
        raise ValueError("KTX2 that is not a single 2D picture without supercompression.")
    if not (_is_possible(width_px, height_px) and 0 < count <= n_levels(width_px, height_px)):
        raise ValueError(f"KTX2 with impossible dimensions: {width_px} × {height_px}, {count} levels.")
    index_end = _HEADER.size + _LEVEL.size * count
    entries_end = entries_start + entries_bytes
    if (descriptor_start, entries_start) != (index_end, index_end + descriptor_bytes) or entries_end > len(
        view
    ):
        raise ValueError("KTX2 whose header parts overlap or are cut off.")
    if view[descriptor_start:entries_start] != _descriptor(format_):
        raise ValueError(f"KTX2 whose data format descriptor does not fit vkFormat {vk_format}.")
    sizes = [format_.level_bytes(*level_size(width_px, height_px, level)) for level in range(count)]
    offsets = _offsets(sizes, start=entries_end, alignment=_alignment(format_))
    for level, (offset, size) in enumerate(zip(offsets, sizes, strict=True)):
        if _LEVEL.unpack_from(view, _HEADER.size + _LEVEL.size * level) != (offset, size, size):
            raise ValueError(f"KTX2 whose level {level} is not where, or as large as, it must be.")
    if len(view) != offsets[0] + sizes[0]:
        raise ValueError("KTX2 that is cut off or has more bytes than its levels.")
    return Ktx2(
        format=format_,
        width_px=width_px,
        height_px=height_px,
        levels=tuple(view[offset : offset + size] for offset, size in zip(offsets, sizes, strict=True)),
        entries=_read_entries(bytes(view[entries_start:entries_end])),
    )


def _check_levels(levels: Sequence[bytes], *, format: GpuFormat, width_px: int, height_px: int) -> None:
    if not _is_possible(width_px, height_px):
        raise ValueError(f"A texture of {width_px} × {height_px} px is not possible.")
    if not 0 < len(levels) <= n_levels(width_px, height_px):
        raise ValueError(f"{len(levels)} mip levels don't fit {width_px} × {height_px} px.")
    for number, level in enumerate(levels):
        expected = format.level_bytes(*level_size(width_px, height_px, number))
        if len(level) != expected:
            raise ValueError(f"Level {number} in {format.name} has {len(level)} bytes instead of {expected}.")


def _is_possible(width_px: int, height_px: int) -> bool:
    return 0 < width_px <= _MAX_PX and 0 < height_px <= _MAX_PX


def _alignment(format: GpuFormat) -> int:
    return math.lcm(format.block_bytes, 4)


def _offsets(sizes: Sequence[int], *, start: int, alignment: int) -> list[int]:
    """Return where each level begins; the last of `sizes` comes first in the file."""
    offsets = []
    end = start
    for size in reversed(sizes):
        offset = -(-end // alignment) * alignment
        offsets.append(offset)
        end = offset + size
    return offsets[::-1]


def _descriptor(format: GpuFormat) -> bytes:
    samples = b"".join(
        _SAMPLE.pack(sample.bit_offset, sample.n_bits - 1, sample.channel, bytes(4), 0, sample.upper)
        for sample in format.samples
    )
    block_bytes = _DESCRIPTOR.size - _LENGTH.size + len(samples)
    edge = format.block_px - 1
    head = _DESCRIPTOR.pack(
        _LENGTH.size + block_bytes,
        0,
        block_bytes << 16 | 2,
        *(format.color_model, _PRIMARIES_BT709, _TRANSFER_LINEAR, 0),
        *(edge, edge, 0, 0),
        bytes([format.block_bytes, 0, 0, 0, 0, 0, 0, 0]),
    )
    return head + samples


def _entries(entries: Mapping[str, str]) -> bytes:
    packed = bytearray()
    for key, value in sorted(entries.items()):
        entry = key.encode() + b"\0" + value.encode() + b"\0"
        packed += _LENGTH.pack(len(entry)) + entry + bytes(-len(entry) % 4)
    return bytes(packed)


def _read_entries(packed: bytes) -> dict[str, str]:
    entries: dict[str, str] = {}
    position = 0
    while position < len(packed):
        if position + _LENGTH.size > len(packed):
            raise ValueError("KTX2 whose key/value data is cut off.")
        (size,) = _LENGTH.unpack_from(packed, position)
        position += _LENGTH.size
        key, separator, value = packed[position : position + size].partition(b"\0")
        if position + size > len(packed) or not separator or not value.endswith(b"\0"):
            raise ValueError("KTX2 whose key/value data is damaged.")
        entries[_text(key)] = _text(value[:-1])
        position += size + -size % 4
    return entries


def _text(raw: bytes) -> str:
    try:
        return raw.decode()
    except UnicodeDecodeError as error:
        raise ValueError("KTX2 whose key/value data is not UTF-8.") from error
