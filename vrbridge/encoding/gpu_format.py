"""The texture formats a GPU samples without decoding, and how KTX2 describes each."""

from dataclasses import dataclass
from typing import Final

_MODEL_RGBSDA: Final = 1
_MODEL_BC1A: Final = 128
_MODEL_BC5: Final = 132
_MODEL_BC7: Final = 134
_MODEL_ETC2: Final = 161
_MODEL_ASTC: Final = 162
_CHANNEL_DATA: Final = 0
_CHANNEL_ETC2_COLOR: Final = 2
_CHANNEL_ALPHA: Final = 15


@dataclass(frozen=True, slots=True)
class Sample:
    """One sample of a KTX2 data format descriptor.

    Args:
        channel: Channel number of the colour model.
        bit_offset: Where it starts inside the texel block.
        n_bits: How many bits it takes.
        upper: Stored value that means 1.0.
    """

    channel: int
    bit_offset: int
    n_bits: int
    upper: int = 0xFFFF_FFFF


@dataclass(frozen=True, slots=True)
class GpuFormat:
    """A format made of fixed-size blocks; `rgba8` is one of 1 × 1 pixel.

    Args:
        name: The wire's name, such as `bc1`.
        vk_format: Number in Vulkan's `VkFormat`, always the UNORM variant.
        block_px: Edge of the square block.
        block_bytes: Size of one block.
        color_model: Khronos data format model.
        samples: What one block holds.
    """

    name: str
    vk_format: int
    block_px: int
    block_bytes: int
    color_model: int
    samples: tuple[Sample, ...]

    def level_bytes(self, width_px: int, height_px: int) -> int:
        """Return the size of one level of `width_px` by `height_px`; partial blocks count whole."""
        return -(-width_px // self.block_px) * -(-height_px // self.block_px) * self.block_bytes


_ONE_64 = (Sample(_CHANNEL_DATA, 0, 64),)
_ONE_128 = (Sample(_CHANNEL_DATA, 0, 128),)
_RED_GREEN = (Sample(0, 0, 64), Sample(1, 64, 64))
_RGBA = (
    *(Sample(channel, 8 * channel, 8, upper=255) for channel in range(3)),
    Sample(_CHANNEL_ALPHA, 24, 8, upper=255),
)

GPU_FORMATS: Final[dict[str, GpuFormat]] = {
    format_.name: format_
    for format_ in (
        GpuFormat("bc1", 131, 4, 8, _MODEL_BC1A, _ONE_64),
        GpuFormat("bc5", 141, 4, 16, _MODEL_BC5, _RED_GREEN),
        GpuFormat("bc7", 145, 4, 16, _MODEL_BC7, _ONE_128),
        GpuFormat("etc2", 147, 4, 8, _MODEL_ETC2, (Sample(_CHANNEL_ETC2_COLOR, 0, 64),)),
        GpuFormat("astc4x4", 157, 4, 16, _MODEL_ASTC, _ONE_128),
        GpuFormat("astc6x6", 165, 6, 16, _MODEL_ASTC, _ONE_128),
        GpuFormat("rgba8", 37, 1, 4, _MODEL_RGBSDA, _RGBA),
    )
}
"""By the wire's name. Only UNORM variants: Godot refuses or darkens the SRGB ones."""
